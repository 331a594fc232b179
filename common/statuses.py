"""How states look: each app registers a tone and an icon for the values of its choices.

Status is text + icon + color; the text is the choice's own label, so it lives in one place.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from django.db import models

Tone = Literal["good", "info", "warn", "bad", "neutral"]


@dataclass(frozen=True, slots=True)
class Look:
    """Tone (color) and icon of one state."""

    tone: Tone
    icon: str


PLAIN = Look("neutral", "circle")
_looks: dict[type[models.Choices], dict[str, Look]] = {}


def register(choices: type[models.Choices], looks: Mapping[str, tuple[Tone, str] | Look]) -> None:
    """Say how the values of one choices class look: `{Status.PAID: ("good", "circle-check")}`.

    Raises ValueError when a value has no look, so that a new state cannot be forgotten.
    """
    missing = [value for value in choices.values if value not in looks]
    if missing:
        raise ValueError(f"{choices.__qualname__} has no look for {missing}")
    _looks[choices] = {
        str(value): look if isinstance(look, Look) else Look(*look) for value, look in looks.items()
    }
    choices_of.cache_clear()


@cache
def choices_of(model: type[models.Model], field_name: str) -> type[models.Choices] | None:
    """Find the registered choices class behind a model field, nearest to the model first."""
    flat = getattr(model._meta.get_field(field_name), "flatchoices", ())  # noqa: SLF001 - documented API
    values = [value for value, _label in flat]
    found = [choices for choices in _looks if choices.values == values]
    found.sort(
        key=lambda choices: (
            not choices.__qualname__.startswith(f"{model.__name__}."),
            choices.__module__ != model.__module__,
        )
    )
    return found[0] if found else None


def look_of(choices: type[models.Choices] | None, value: object) -> Look:
    """Tell how one value looks; plain when nobody registered it."""
    if choices is None:
        return PLAIN
    return _looks.get(choices, {}).get(str(value), PLAIN)
