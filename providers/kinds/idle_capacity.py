"""Idle capacity (闲置分散算力): machines lent out in dated windows, some hours a day."""

import dataclasses
from datetime import date
from fractions import Fraction
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from providers.kinds import base


@dataclasses.dataclass(frozen=True)
class IdleCapacity(base.Spec):
    """What stands idle, and when."""

    kind: ClassVar = "idle_capacity"
    summary: ClassVar = _("Machines that stand idle for some hours and are lent out meanwhile.")
    layers: ClassVar = frozenset({"compute", "storage"})
    meters: ClassVar = frozenset({"card_seconds", "core_seconds", "storage_mb_seconds"})

    cards: int = base.whole(_("Accelerator cards"), _("cards"))
    cores: int = base.whole(_("Processor cores"), _("cores"))
    storage_gb: int = base.whole(_("Storage"), _("GB"))
    hours_per_day: int = base.whole(
        _("Idle hours a day"), _("hours"), minimum=1, maximum=24, is_required=True
    )
    first_day: date | None = base.day(_("First day of the window"), is_required=True)  # noqa: RUF009
    last_day: date | None = base.day(_("Last day of the window"), is_required=True)  # noqa: RUF009

    def problems(self) -> dict[str, base.Text]:
        """The window runs forward and something stands idle in it."""
        if not (self.cards or self.cores or self.storage_gb):
            return {"cards": _("State at least one of cards, cores and storage.")}
        if self.first_day and self.last_day and self.last_day < self.first_day:
            return {"last_day": _("The last day lies before the first day.")}
        return {}

    def bounds(self) -> dict[str, int]:
        """While it is lent out."""
        return {
            "card_seconds": self.cards,
            "core_seconds": self.cores,
            "storage_mb_seconds": self.storage_gb * base.MB_PER_GB,
        }

    def share_of_time(self) -> Fraction:
        """The idle hours of each day."""
        return Fraction(self.hours_per_day, 24)
