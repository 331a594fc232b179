"""Figures of listings with their marks, as pages and the API show them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.display import grouped, moment_text
from providers.models import (
    Figure,
    FigureMeasurement,
    FigureName,
    FigureVerification,
    Mark,
)
from providers.models.figures import FigureQuerySet

TONES = {
    Mark.DECLARED: ("neutral", "pencil"),
    Mark.VERIFIED: ("good", "shield-check"),
    Mark.MEASURED: ("info", "chart-bar"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure with what it rests on; `value` is what counts, `note` says who, when, from what."""

    name: FigureName
    value: int
    declared: int
    mark: Mark
    note: str

    @property
    def label(self) -> str:
        """The figure in words."""
        return str(self.name.label)

    @property
    def text(self) -> str:
        """The value with its unit."""
        return value_text(self.name, self.value)

    @property
    def tone(self) -> str:
        """How its tag looks."""
        return TONES[self.mark][0]

    @property
    def icon(self) -> str:
        """Its tag's picture."""
        return TONES[self.mark][1]


def standing(rows: FigureQuerySet) -> FigureQuerySet:
    """Declared values that stand, with what they rest on from the newest. Three queries."""
    verified = FigureVerification.objects.select_related("verified_for").order_by("-pk")
    measured = FigureMeasurement.objects.order_by("-pk")
    return (
        rows.standing()
        .prefetch_related(
            Prefetch("verifications", queryset=verified),
            Prefetch("measurements", queryset=measured),
        )
        .order_by("name")
    )


def prefetch(to: str) -> "Prefetch[str]":
    """The same for many offerings at once; `to` leads to their figures."""
    return Prefetch(to, queryset=standing(Figure.objects.all()))


def shown_of(figures: Iterable[Figure]) -> list[Shown]:
    """Figures as they are shown, in the order of the closed list."""
    order = list(FigureName)
    found = [_shown(figure) for figure in figures]
    return sorted(found, key=lambda each: order.index(each.name))


def value_text(name: str, value: int) -> str:
    """A value with its unit in words."""
    if name == FigureName.LATENCY:
        return f"{value / 1000:.3f}".rstrip("0").rstrip(".") + " ms"
    if name == FigureName.UPTIME:
        return f"{value // 10_000}.{value % 10_000:04d}".rstrip("0").rstrip(".") + "%"
    if name == FigureName.THROUGHPUT:
        return _("%(number)s tokens a second") % {"number": grouped(value)}
    return ngettext("%(days)s day", "%(days)s days", value) % {"days": value}


def _shown(figure: Figure) -> Shown:
    name, declared = FigureName(figure.name), figure.value
    measured, verified = list(figure.measurements.all())[:1], list(figure.verifications.all())[:1]
    if measured:
        note = _("Measured on %(day)s from %(sample)s cases; declared %(declared)s.") % {
            "day": moment_text(measured[0].measured_at, "day"),
            "sample": measured[0].sample,
            "declared": value_text(name, declared),
        }
        return Shown(name, measured[0].value, declared, Mark.MEASURED, note)
    if verified:
        note = _("Verified by %(office)s on %(day)s: %(evidence)s") % {
            "office": verified[0].verified_for.name,
            "day": moment_text(verified[0].verified_at, "day"),
            "evidence": verified[0].evidence,
        }
        return Shown(name, declared, declared, Mark.VERIFIED, note)
    note = _("Stated by the provider on %(day)s.") % {"day": moment_text(figure.stated_at, "day")}
    return Shown(name, declared, declared, Mark.DECLARED, note)
