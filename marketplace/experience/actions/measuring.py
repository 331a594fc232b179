"""Measuring: how long an order was used and what its units really cost. From rollups and bills alone."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Max, Min, Sum

from marketplace.experience.rules.spans import Span
from marketplace.experience.rules.unit_costs import Amount, UnitCost, compared
from marketplace.matching.models import Match
from marketplace.orders.models import Order
from vouchers.billing.models import BillLine, UsageRollup


@dataclass(frozen=True, slots=True)
class Measured:
    """An order's use; `costs`: code of an offering -> its meters, with what was promised."""

    span: Span | None
    costs: Mapping[str, tuple[UnitCost, ...]]

    @property
    def all_costs(self) -> tuple[UnitCost, ...]:
        """Meters of all offerings."""
        return tuple(row for rows in self.costs.values() for row in rows)


def measure(*, order: Order) -> Measured:
    """One order's use. Reads only, three queries."""
    return measure_each(orders=[order])[order.pk]


def measure_each(*, orders: Collection[Order]) -> dict[int, Measured]:
    """Use of many orders by key. Reads only, three queries however many."""
    spans = _spans([order.code for order in orders])
    used = _used([order.code for order in orders])
    promised = _promised(orders)
    return {
        order.pk: Measured(
            spans.get(order.code),
            {
                offering: compared(by_meter, promised.get((order.need_id, offering), {}))
                for offering, by_meter in used.get(order.code, {}).items()
            },
        )
        for order in orders
    }


def _spans(codes: Collection[str]) -> dict[str, Span]:
    """First and latest day with a quantity above zero, late reports on their own day."""
    rows = (
        UsageRollup.objects.filter(subscription__reference__in=codes, quantity__gt=0)
        .order_by("subscription__reference")
        .values_list("subscription__reference")
        .annotate(first=Min("day"), last=Max("day"))
    )
    return {code: Span(first, last) for code, first, last in rows}


def _used(codes: Collection[str]) -> dict[str, dict[str, dict[str, Amount]]]:
    """What bills charge, before vouchers, by order, offering and meter; least charges count."""
    found: dict[str, dict[str, dict[str, Amount]]] = defaultdict(lambda: defaultdict(dict))
    keys = ("bill__subscription__reference", "bill__subscription__offering__code", "meter")
    rows = (
        BillLine.objects.filter(bill__subscription__reference__in=codes)
        .order_by(*keys)
        .values_list(*keys)
        .annotate(units=Sum("quantity"), amount=Sum("amount_fen"))
    )
    for code, offering, meter, units, amount in rows:
        found[code][offering][meter] = Amount(units, amount)
    return found


def _promised(orders: Collection[Order]) -> dict[tuple[int, str], dict[str, Amount]]:
    """What the orders' matches promised, by need and offering: it stays as it was on ordering.

    After a change of bundle both bundles' promises count, each for its own offerings.
    """
    found: dict[tuple[int, str], dict[str, Amount]] = defaultdict(dict)
    rows = Match.objects.filter(need__in=[order.need_id for order in orders], rank__isnull=False)
    chosen = {(order.need_id, order.bundle_id) for order in orders}
    for row in rows.order_by("rank").only("need_id", "bundle_id", "reasons"):
        is_chosen = (row.need_id, row.bundle_id) in chosen
        for line in row.reasons["lines"]:
            place = found[row.need_id, line["offering"]]
            if is_chosen or line["meter"] not in place:
                place[line["meter"]] = Amount(line["units"], line["amount_fen"])
    return found
