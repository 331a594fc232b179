"""A price change never touches a running contract that holds the prices of its first day."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from providers.models import Offering, Subscription
from tests.factories import providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from tests.vouchers.ledger.sql import broken_anywhere
from vouchers.billing.actions import periods
from vouchers.billing.actions.charging import rating
from vouchers.billing.actions.metering import usage
from vouchers.billing.models import Bill, BillLine
from vouchers.billing.rules.events import Refusal
from vouchers.billing.rules.holding import Hold
from vouchers.billing.rules.rating import DayUsage

pytestmark = pytest.mark.django_db
CHANGE = date(2026, 10, 3)
MILLION = 1_000_000


@pytest.fixture
def offering() -> Offering:
    """Input tokens at 2 yuan a million, from 3 October at 3; output tokens since then only."""
    offered = providers.offering()
    providers.rate(offered, price_yuan="2", effective=(date(2026, 1, 1), CHANGE))
    providers.rate(offered, price_yuan="3", effective=(CHANGE, None), minimum_fen=900)
    providers.rate(offered, "output_tokens", "8", effective=(CHANGE, None))
    return offered


def contract(offering: Offering, held_until: date | None = None, **values: Any) -> Subscription:
    return providers.subscription(
        offered=offering,
        starts_at=values.pop("starts_at", datetime(2026, 9, 20, tzinfo=UTC)),
        prices_held_until=held_until,
        **values,
    )


def october(day: int) -> datetime:
    return datetime(2026, 10, day, 2, tzinfo=UTC)


def tick() -> None:
    assert rating.tick(at=NOW).failed == 0
    assert broken_anywhere() == []


def amounts() -> list[tuple[str, int, int]]:
    rows = BillLine.objects.order_by("meter", "kind", "rate__effective")
    return list(rows.values_list("meter", "quantity", "amount_fen"))


def test_running_contract_keeps_the_prices_of_its_first_day(offering: Offering) -> None:
    """2 million at 2 yuan on both sides of the change; neither the new price nor its least charge."""
    running = contract(offering)
    for day in (2, 4):
        metered.use(running, october(day), input_tokens=MILLION)

    tick()

    assert amounts() == [("input_tokens", 2 * MILLION, 400)]


def test_contract_begun_after_the_change_pays_the_new_price(offering: Offering) -> None:
    """1 million at 3 yuan, raised to the least charge of 9 yuan."""
    running = contract(offering, starts_at=october(3))
    metered.use(running, october(4), input_tokens=MILLION)

    tick()

    assert Bill.objects.get().total_fen == 900


def test_prices_held_until_a_day_are_held_before_it_only(offering: Offering) -> None:
    """On the 4th at 2 yuan still, on the 5th at 3: 2.00 + 3.00, no least charge."""
    running = contract(offering, date(2026, 10, 5))
    for day in (4, 5):
        metered.use(running, october(day), input_tokens=MILLION)

    tick()

    assert amounts() == [("input_tokens", MILLION, 200), ("input_tokens", MILLION, 300)]


def test_meter_without_a_price_on_the_first_day_follows_the_list(offering: Offering) -> None:
    running = contract(offering)
    metered.use(running, october(4), input_tokens=MILLION, output_tokens=MILLION)

    tick()

    assert amounts() == [("input_tokens", MILLION, 200), ("output_tokens", MILLION, 800)]


def test_late_usage_of_a_closed_month_keeps_its_price(offering: Offering) -> None:
    """September closed with 2.00; what comes late of it costs 2.00 more in October's bill."""
    running = contract(offering)
    then = datetime(2026, 9, 25, tzinfo=UTC)
    metered.use(running, then, input_tokens=MILLION)
    periods.close(by=metered.settlement_officer(), month=date(2026, 9, 1), at=NOW)
    metered.use(running, then, input_tokens=MILLION)
    metered.use(running, october(4), input_tokens=MILLION)

    tick()

    assert list(Bill.objects.order_by("month").values_list("total_fen", flat=True)) == [200, 400]


def test_request_lengths_are_those_of_the_held_list() -> None:
    """The new list knows long requests, the held one does not: a long one costs 2 yuan a million."""
    offered = providers.offering()
    providers.rate(offered, price_yuan="2", effective=(date(2026, 1, 1), CHANGE))
    providers.rate(offered, price_yuan="3", effective=(CHANGE, None))
    providers.rate(offered, price_yuan="6", effective=(CHANGE, None), context_from=1000)
    held, listed = contract(offered), contract(offered, date(2026, 9, 20))
    for running in (held, listed):
        metered.use(running, october(4), input_tokens=MILLION)

    tick()

    bills = Bill.objects.values_list("subscription_id", "total_fen")
    assert dict(bills) == {held.pk: 200, listed.pk: 600}


def test_unpriced_meter_of_a_held_contract_refused(offering: Offering) -> None:
    running = contract(offering)
    by = metered.operator(offering.provider)

    (answer,) = usage.ingest(
        by=by, events=[metered.report(running, october(2), quantities={"output_tokens": 5})], at=NOW
    )

    assert answer.code == Refusal.METER_NOT_PRICED


def test_hold_maps_only_its_meters_and_days() -> None:
    hold = Hold(date(2026, 9, 20), date(2026, 10, 5), frozenset({"calls"}))
    sent = [DayUsage(m, date(2026, 10, d), 0, 1) for m in ("calls", "images") for d in (4, 5)]

    assert [each.day for each in hold.priced(sent)] == [
        date(2026, 9, 20),
        date(2026, 10, 5),
        date(2026, 10, 4),
        date(2026, 10, 5),
    ]
