"""What every facility kind shares: a spec read from plain data, and physical bounds.

A spec is a frozen dataclass whose fields are made with `whole`, `words` or `day`; the form, the API
and the facility's page are all drawn from these fields, so a kind is stated once.
"""

import dataclasses
import unicodedata
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any, ClassVar, Literal, Self

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.errors import DomainError

Text = str | Promise

BYTES_PER_MEGABIT = 125_000
MB_PER_GB = 1_000
LARGEST = 10**12


class InvalidSpec(DomainError):
    """A facility's specification has unknown, missing or impossible values."""

    code = "invalid_spec"


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """How one field of a spec is asked for and checked. Numbers are whole, in the stated unit."""

    shape: Literal["whole", "words", "day"]
    label: Text
    unit: Text = ""
    hint: Text = ""
    is_required: bool = False
    minimum: int = 0
    maximum: int = LARGEST


def whole(
    label: Text,
    unit: Text,
    *,
    hint: Text = "",
    minimum: int = 0,
    maximum: int = LARGEST,
    is_required: bool = False,
) -> Any:
    """A whole number; 0 (nothing stated) unless required."""
    entry = Entry("whole", label, unit, hint, is_required, minimum, maximum)
    return _field(entry, default=0)


def words(label: Text, *, hint: Text = "") -> Any:
    """A short text, empty by default."""
    return _field(Entry("words", label, hint=hint, maximum=100), default="")


def day(label: Text, *, hint: Text = "", is_required: bool = False) -> Any:
    """A civil day, written YYYY-MM-DD in stored data."""
    return _field(Entry("day", label, hint=hint, is_required=is_required), default=None)


def _field(entry: Entry, *, default: Any) -> Any:
    return dataclasses.field(default=default, metadata={"entry": entry})


@dataclasses.dataclass(frozen=True)
class Spec:
    """A facility's figures. Subclasses state what they sell and how much of it per second."""

    kind: ClassVar[str]
    summary: ClassVar[Text]
    layers: ClassVar[frozenset[str]]
    meters: ClassVar[frozenset[str]]

    @classmethod
    def entries(cls) -> dict[str, Entry]:
        """The fields to ask for, in order."""
        return {field.name: field.metadata["entry"] for field in dataclasses.fields(cls)}

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> Self:
        """Read plain data (a form, JSON). Raises InvalidSpec naming every wrong field at once."""
        entries = cls.entries()
        errors: dict[str, Text] = {
            str(name): _("This is not a field of this kind of facility. Leave it out.")
            for name in raw
            if name not in entries
        }
        values = {}
        for name, entry in entries.items():
            value, error = _read(entry, raw.get(name))
            values[name] = value
            if error:
                errors[name] = error
        if errors:
            raise _invalid(errors)
        spec = cls(**values)
        problems = spec.problems()
        if problems:
            raise _invalid(problems)
        return spec

    def problems(self) -> dict[str, Text]:
        """What is impossible about values that are each well formed: field name to message."""
        return {}

    def bounds(self) -> dict[str, int]:
        """Most base units per second of each bounded meter; a meter left out or 0 is not stated."""
        return {}

    def share_of_time(self) -> Fraction:
        """Which part of a long interval it delivers at all."""
        return Fraction(1)

    def plain(self) -> dict[str, Any]:
        """The stated values as JSON data: what `Facility.spec` holds."""
        stated = {name: value for name, value in dataclasses.asdict(self).items() if value}
        return {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in stated.items()
        }

    @classmethod
    def bound_per_second(cls, raw: Mapping[str, Any], meter: str) -> Fraction | None:
        """Most base units of a meter in one second; None when the spec states no bound."""
        bound = cls.parse(raw).bounds().get(meter, 0)
        return Fraction(bound) if bound else None

    @classmethod
    def most_units(cls, raw: Mapping[str, Any], meter: str, seconds: int) -> int | None:
        """Most whole base units within a month or so, rounded down; None if unbounded."""
        spec = cls.parse(raw)
        bound = spec.bounds().get(meter, 0)
        return int(bound * seconds * spec.share_of_time()) if bound else None


def _invalid(errors: Mapping[str, Text]) -> InvalidSpec:
    return InvalidSpec(
        _("The facility's figures are not complete or not possible. Correct the fields named."),
        errors={f"spec/{name}": message for name, message in errors.items()},
    )


def _read(entry: Entry, value: Any) -> tuple[Any, Text]:
    """The value to keep and an error in words (empty when fine)."""
    if value is None or value == "":
        empty: Any = {"whole": 0, "words": "", "day": None}[entry.shape]
        return empty, _("Fill in this field.") if entry.is_required else ""
    if entry.shape == "whole":
        return _read_whole(entry, value)
    if entry.shape == "day":
        return _read_day(value)
    if not isinstance(value, str) or len(value) > entry.maximum:
        return "", _("Enter a text of at most 100 characters.")
    return unicodedata.normalize("NFC", value).strip(), ""


def _read_whole(entry: Entry, value: Any) -> tuple[int, Text]:
    if isinstance(value, bool) or not isinstance(value, int):
        return 0, _("Enter a whole number.")
    if value < entry.minimum:
        return 0, _("Enter %(minimum)s or more.") % {"minimum": entry.minimum}
    if value > entry.maximum:
        return 0, _("Enter %(maximum)s or less.") % {"maximum": entry.maximum}
    return value, ""


def _read_day(value: Any) -> tuple[date | None, Text]:
    if isinstance(value, date):
        return value, ""
    try:
        return date.fromisoformat(value), ""
    except (TypeError, ValueError):
        return None, _("Enter a date, for example 2026-10-01.")


TOKEN_METERS = frozenset({"input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens"})
ON_TOP = frozenset({"calls", "images"})
"""What any software counts, wherever it runs."""


def token_bounds(input_per_second: int, output_per_second: int) -> dict[str, int]:
    """Cached tokens are read like input tokens, reasoning tokens are written like output tokens."""
    return {
        "input_tokens": input_per_second,
        "cached_tokens": input_per_second,
        "output_tokens": output_per_second,
        "reasoning_tokens": output_per_second,
    }
