"""Where a scheme's appropriation stands: from appropriated to paid, by day, with the day it runs out."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction

from django.db.models import QuerySet, Sum
from django.db.models.functions import TruncDate

from common.periods import ZONE, local_day
from vouchers.audit.models import BudgetDay, BudgetFold, Claim, ClaimStatus, Payment
from vouchers.audit.rules import forecasts
from vouchers.grants.actions import schemes as scheme_actions
from vouchers.grants.models import Scheme

FOLDED = ("appropriated", "issued", "held", "redeemed", "paid")
STAGES = ("appropriated", "issued", "held", "redeemed", "claimed", "settled", "paid")
"""In the order in which money passes them; held is what reservations keep at that moment, all others are sums."""
CLAIMED = (ClaimStatus.SUBMITTED, ClaimStatus.PASSED, ClaimStatus.SETTLING, ClaimStatus.PAID)


@dataclass(frozen=True, slots=True)
class Share:
    """What one level of government bears of each stage, in fen; the parts add up to the stage."""

    level: str
    part: Fraction
    fen: dict[str, int]


@dataclass(slots=True)
class BurnDown:
    """One scheme's money. `days` are cumulative, one entry for each day on which anything changed.

    `to_issue` foresees when nothing is left for new vouchers, `to_redeem` when all that was appropriated is redeemed.
    """

    scheme: Scheme
    days: list[tuple[date, dict[str, int]]] = field(default_factory=list)
    now: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STAGES, 0))
    to_issue: forecasts.Forecast = field(
        default_factory=lambda: forecasts.Forecast(forecasts.Reason.TOO_YOUNG, 0)
    )
    to_redeem: forecasts.Forecast = field(
        default_factory=lambda: forecasts.Forecast(forecasts.Reason.TOO_YOUNG, 0)
    )

    @property
    def left_fen(self) -> int:
        """What can still be issued."""
        return self.now["appropriated"] - self.now["issued"]

    @property
    def shares(self) -> list[Share]:
        """Each level's part of each stage: by cumulated shares, so that the parts add up to the fen."""
        rules = scheme_actions.rules_of(self.scheme)
        found, before = [], Fraction(0)
        for each in rules.funding:
            after = before + each.share
            fen = {name: int(fen * after) - int(fen * before) for name, fen in self.now.items()}
            found.append(Share(each.level, each.share, fen))
            before = after
        return found


def own(*, schemes: QuerySet[Scheme], at: datetime) -> list[BurnDown]:
    """The burn-down of each scheme, in the order given. Four queries, however many schemes and days."""
    found = {scheme.pk: BurnDown(scheme) for scheme in schemes}
    changes: dict[int, dict[date, dict[str, int]]] = {
        key: defaultdict(lambda: dict.fromkeys(STAGES, 0)) for key in found
    }
    for row in BudgetDay.objects.filter(scheme__in=found).order_by("day"):
        for name in FOLDED:
            changes[row.scheme_id][row.day][name] += getattr(row, f"{name}_fen")
    for name, rows in (("claimed", _claimed(found)), ("settled", _settled(found))):
        for scheme_id, day, fen in rows:
            changes[scheme_id][day][name] += int(fen)
    for key, burn in found.items():
        _fill(burn, changes[key], local_day(at))
    return list(found.values())


def of_scheme(*, scheme: Scheme, at: datetime) -> BurnDown:
    """One scheme's burn-down."""
    [found] = own(schemes=Scheme.objects.filter(pk=scheme.pk), at=at)
    return found


def as_of() -> datetime | None:
    """When the sums by day were last brought up to date."""
    return BudgetFold.objects.values_list("folded_at", flat=True).first()


def _claimed(schemes: Collection[int]) -> Iterable[tuple[int, date, int]]:
    """Claims handed in and not returned, on the day they were handed in."""
    rows = Claim.objects.filter(scheme__in=schemes, status__in=CLAIMED)
    return (
        rows.annotate(day=TruncDate("submitted_at", tzinfo=ZONE))
        .values_list("scheme_id", "day")
        .annotate(fen=Sum("amount_fen"))
        .order_by()
    )


def _settled(schemes: Collection[int]) -> Iterable[tuple[int, date, int]]:
    """What second signatures released, on their day; payments that repeat returned ones are no new money."""
    rows = Payment.objects.filter(
        settlement__scheme__in=schemes, replaces__isnull=True, settlement__signatures__position=2
    )
    return (
        rows.annotate(day=TruncDate("settlement__signatures__signed_at", tzinfo=ZONE))
        .values_list("settlement__scheme_id", "day")
        .annotate(fen=Sum("amount_fen"))
        .order_by()
    )


def _fill(burn: BurnDown, changes: dict[date, dict[str, int]], today: date) -> None:
    for day in sorted(changes):
        for name, fen in changes[day].items():
            burn.now[name] += fen
        burn.days.append((day, dict(burn.now)))
    first = next((day for day, sums in burn.days if sums["appropriated"]), None)
    burn.to_issue = forecasts.forecast(
        left_fen=burn.left_fen,
        spent={day: change["issued"] for day, change in changes.items()},
        first=first,
        today=today,
    )
    burn.to_redeem = forecasts.forecast(
        left_fen=burn.now["appropriated"] - burn.now["redeemed"],
        spent={day: change["redeemed"] for day, change in changes.items()},
        first=first,
        today=today,
    )
