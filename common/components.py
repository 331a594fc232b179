"""Plain data that pages hand to the components of `common.templatetags.ui`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.statuses import Tone

Text = str | Promise


class Verdict(models.TextChoices):
    """Outcome of one rule; `ABOVE` and `BELOW` only place a value at a bound, without judging it."""

    PASS = "pass", _("Met")
    FAIL = "fail", _("Not met")
    PERSON = "person", _("Needs a person")
    ABOVE = "above", _("Reached")
    BELOW = "below", _("Not reached")


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule with the value it saw and its outcome; `source` names the article."""

    text: Text
    verdict: Verdict
    detail: Text = ""
    source: Text = ""


@dataclass(frozen=True, slots=True)
class Task:
    """One line of a task list; without `url` it cannot be started yet."""

    label: Text
    status: Text
    tone: Tone = "neutral"
    icon: str = "circle"
    url: str = ""
    hint: Text = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """One point of a timeline: what, when, who has it, until when it must be done."""

    what: Text
    state: Literal["done", "now", "later", "stopped"] = "done"
    at: datetime | date | None = None
    who: Text = ""
    until: datetime | date | None = None
    note: Text = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """One headline figure; `value` may come from the money and quantity tags' functions."""

    label: Text
    value: Text
    note: Text = ""
    unit: Text = ""
    url: str = ""
    exact: Text = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One row of a summary list."""

    key: Text
    value: Text
    url: str = ""
    action: Text = ""


@dataclass(frozen=True, slots=True)
class VoucherShares:
    """Where a voucher's face stands, in fen; the parts add up to the face."""

    face_fen: int
    available_fen: int
    held_fen: int = 0
    redeemed_fen: int = 0
    expired_fen: int = 0
    revoked_fen: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison table: column heads, then rows of one cell per column."""

    caption: Text
    columns: Sequence[Text]
    rows: Sequence["ComparisonRow"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """One property across the compared things; `best` is the index of the best one, if any."""

    label: Text
    cells: Sequence[Text]
    best: int | None = None

    @property
    def differs(self) -> bool:
        """Tell whether the compared things are not all alike in it."""
        return len({str(cell) for cell in self.cells}) > 1
