"""Folding: what firms with long use found of an offering, for the ranking."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Min

from common.periods import local_day
from marketplace.experience.actions import measuring
from marketplace.experience.models import Rating
from marketplace.experience.rules import unit_costs
from marketplace.matching.models import OfferingExperience
from marketplace.matching.rules.quality import Experience, kept_points
from marketplace.orders.actions import judging
from marketplace.orders.models import Order
from providers.actions import figures
from providers.models import FigureName, Offering, Subscription
from providers.rules.marks import lower_median
from vouchers.billing.models import UsageRollup


def fold_due(*, at: datetime) -> int:
    """Fold every offering that was ever ordered, each in its own transaction. Returns how many.

    An idempotent tick: bills move every day, ratings are folded at once when they are given.
    """
    ordered = Subscription.objects.filter(reference__startswith="OD-").values("offering_id")
    found = Offering.objects.filter(pk__in=ordered).order_by("pk").values_list("pk", flat=True)
    for pk in found:
        fold(offering_ids=[pk], at=at)
        measure_start(offering_id=pk, at=at)
    return len(found)


@transaction.atomic
def fold(*, offering_ids: Collection[int], at: datetime) -> None:
    """Write anew what is known of the offerings, from ratings, rollups and bills.

    Locks the offerings in primary-key order, so that of two at once the later one sees both.
    """
    for offering in judging.lock_chain(offering_ids):
        found = _found(offering)
        values = {name: getattr(found, name) for name in Experience.__dataclass_fields__}
        OfferingExperience.objects.update_or_create(
            offering=offering, defaults={**values, "folded_at": at}
        )


def measure_start(*, offering_id: int, at: datetime) -> None:
    """Hold the declared days to first use against the lower median over firms with metered use.

    From the beginning of a firm's first subscription to the first day on which something was metered.
    """
    first_used = (
        UsageRollup.objects.filter(subscription__offering=offering_id, quantity__gt=0)
        .order_by("subscription")
        .values_list("subscription__enterprise", "subscription__starts_at")
        .annotate(day=Min("day"))
    )
    days: dict[int, int] = {}
    for firm, starts_at, day in sorted(first_used, key=lambda row: row[1]):
        days.setdefault(firm, max(0, (day - local_day(starts_at)).days))
    value = lower_median(list(days.values()))
    if value is not None:
        figures.measure(
            offering=Offering.objects.get(pk=offering_id),
            name=FigureName.DAYS_TO_FIRST_USE,
            value=value,
            sample=len(days),
            at=at,
        )


def _found(offering: Offering) -> Experience:
    codes = Subscription.objects.filter(offering=offering).values("reference")
    orders = list(Order.objects.filter(code__in=codes).order_by("pk"))
    ratings = (
        Rating.objects.standing()
        .filter(order__in=orders)
        .select_related("order")
        .order_by("stated_at", "pk")
    )
    latest = {rating.order.enterprise_id: rating for rating in ratings}
    amounts = _amounts(offering, orders)
    return Experience(
        firms=len(latest),
        stars=sum(rating.stars for rating in latest.values()),
        reached=sum(rating.is_outcome_reached for rating in latest.values()),
        measured=len(amounts),
        kept=sum(kept_points(billed_fen=a, promised_fen=b) for a, b in amounts),
        billed_fen=sum(billed for billed, _promised in amounts),
        promised_fen=sum(promised for _billed, promised in amounts),
    )


def _amounts(offering: Offering, orders: Iterable[Order]) -> list[tuple[int, int]]:
    """Billed and promised, firm by firm, where an order was used long and something was promised."""
    by_firm: dict[int, tuple[int, int]] = {}
    known = list(orders)
    measured = measuring.measure_each(orders=known)
    for order in known:
        found = measured[order.pk]
        if found.span is None or not found.span.is_long:
            continue
        billed, promised = unit_costs.totals(found.costs.get(offering.code, ()))
        former = by_firm.get(order.enterprise_id, (0, 0))
        by_firm[order.enterprise_id] = (former[0] + billed, former[1] + promised)
    return [pair for pair in by_firm.values() if pair[1] > 0]
