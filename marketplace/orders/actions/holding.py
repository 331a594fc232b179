"""What a reserved quote keeps free: capacity of every offering, and money on vouchers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from accounts.models import Organization
from common import states
from marketplace.matching.models import Match, Need
from marketplace.orders.models import Quote, QuoteStatus
from providers.actions import capacity_holds
from providers.models import Offering
from vouchers.billing.actions.charging import quotes as pricing
from vouchers.billing.actions.charging import reserving

TRANSITIONS: states.Transitions = {
    QuoteStatus.OPEN: frozenset({QuoteStatus.RESERVED, QuoteStatus.WITHDRAWN, QuoteStatus.LAPSED}),
    QuoteStatus.RESERVED: frozenset(
        {QuoteStatus.ORDERED, QuoteStatus.WITHDRAWN, QuoteStatus.LAPSED}
    ),
}


def lines_of(match: Match) -> list[dict[str, Any]]:
    """A match's offerings with their units by meter, in the order in which their bills are paid."""
    codes = [part["offering"] for part in match.reasons["parts"]]
    return [{"offering": code, "units": match.units.get(code, {})} for code in codes]


def plan_of(lines: Sequence[dict[str, Any]]) -> list[pricing.QuoteLine]:
    """Such lines as billing's quotes take them. One query."""
    rows = Offering.objects.select_related("provider__organization", "facility")
    known = {row.code: row for row in rows.filter(code__in=[line["offering"] for line in lines])}
    return [pricing.QuoteLine(known[line["offering"]], line["units"]) for line in lines]


def price(
    *, enterprise: Organization, units: Mapping[str, Mapping[str, int]], at: datetime
) -> pricing.QuoteSplit:
    """What a month of units, by offering code and meter, costs at the day's prices. Reads only."""
    lines = [{"offering": code, "units": by_meter} for code, by_meter in sorted(units.items())]
    return pricing.split(enterprise=enterprise, lines=plan_of(lines), at=at)


def hold(*, quote: Quote, until: datetime, at: datetime) -> int:
    """Hold capacity and voucher money under the quote's code. Returns the fen held.

    Locks the offerings, then the vouchers' accounts. Raises AboveCapacity of the subscriptions.
    """
    units = {line["offering"]: line["units"] for line in quote.lines}
    capacity_holds.hold(reference=quote.code, units=units, at=at)
    return reserving.reserve(
        enterprise=quote.need.enterprise,
        lines=plan_of(quote.lines),
        reference=quote.code,
        expires_at=until,
        at=at,
    )


def release(*, quote: Quote, at: datetime) -> None:
    """Give back all that the quote holds; again, nothing. Locks as `hold` does."""
    capacity_holds.release(reference=quote.code)
    reserving.give_back(reference=quote.code, at=at)


def reserved_of(need: Need) -> Quote | None:
    """The quote that is reserved for a need, locked; there is at most one."""
    return (
        Quote.objects.select_for_update(of=("self",))
        .filter(need=need, status=QuoteStatus.RESERVED)
        .first()
    )
