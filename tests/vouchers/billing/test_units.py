"""Storage, lines and traffic: integrals over time billed to the fen, paid by their vouchers."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from accounts.models import Organization
from providers.models import Layer, Meter, Offering, Subscription
from providers.rules.units import SOLD_UNITS
from tests.factories import grants, providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from vouchers.billing.actions import periods
from vouchers.billing.actions.charging import rating
from vouchers.billing.models import Bill, BillLine, LineKind, UsageRollup
from vouchers.grants.models import Voucher

pytestmark = pytest.mark.django_db

FIRST = datetime(2026, 9, 30, 16, tzinfo=UTC)
"""Midnight of 1 October 2026 in Asia/Shanghai."""
DAY = 86_400
MILLION = 1_000_000


def subscribed(layer: str, **prices: tuple[str, int]) -> Subscription:
    """One yuan price for each meter, for so many base units."""
    offering = providers.offering(layer=layer)
    for meter, (price, per_units) in prices.items():
        providers.rate(offering, meter, price, per_units)
    return providers.subscription(offered=offering)


def voucher(firm: Organization, kind: str) -> Voucher:
    plan = grants.scheme(rules=metered.RULES, voucher_kinds=[kind])
    return grants.voucher(firm, plan, kind=kind)


def tick() -> None:
    assert rating.tick(at=NOW).failed == 0


def test_storage_is_billed_as_an_integral_over_time_and_paid_by_a_storage_voucher() -> None:
    """500 GB for ten days and 300 GB more for the last twelve hours, at 0.12 yuan a GB-month.

    500 x 10/30 + 300 x 0.5/30 = 166.67 + 5 GB-months: 20.00 + 0.60 yuan, of which 30 percent.
    """
    subscription = subscribed(
        Layer.STORAGE, storage_mb_seconds=("0.12", SOLD_UNITS["storage_mb_seconds"].base_units)
    )
    paying = voucher(subscription.enterprise, "storage")
    idle = voucher(subscription.enterprise, "network")
    grants.funds(subscription.enterprise, 100_000)
    for day in range(10):
        time = FIRST + timedelta(days=day)
        metered.use(subscription, time, storage_mb_seconds=500_000 * DAY)
    metered.use(
        subscription, FIRST + timedelta(days=9, hours=12), storage_mb_seconds=300_000 * DAY // 2
    )

    tick()

    bill = Bill.objects.get()
    assert (bill.total_fen, bill.voucher_fen, bill.own_fen) == (2_060, 618, 1_442)
    assert {charge.voucher for charge in bill.charges.filter(payer="voucher")} == {paying}
    assert idle not in {charge.voucher for charge in bill.charges.all()}


def test_line_and_traffic_are_billed_in_their_units_and_paid_by_a_network_voucher() -> None:
    """50 Mbps for three days are 5 Mbps-months at 28.00: 140.00 yuan.

    123.456789 GB moved, of which 100 are free and the rest costs 0.50 each: 11.7283945 yuan.
    30 percent of 151.73 are 45.519 yuan, rounded half up.
    """
    subscription = subscribed(Layer.NETWORK, line_mbps_seconds=("28", 30 * DAY))
    providers.rate(subscription.offering, Meter.TRANSFER_BYTES, "0", 10**9)
    providers.rate(
        subscription.offering, Meter.TRANSFER_BYTES, "0.5", 10**9, volume_from=100 * 10**9
    )
    voucher(subscription.enterprise, "network")
    grants.funds(subscription.enterprise, 100_000)
    for day in range(3):
        metered.use(subscription, FIRST + timedelta(days=day), line_mbps_seconds=50 * DAY)
    metered.use(subscription, FIRST, transfer_bytes=60_000_000_000)
    metered.use(subscription, FIRST + timedelta(days=1), transfer_bytes=63_456_789_000)

    tick()

    bill = Bill.objects.get()
    lines = bill.lines.order_by("meter", "quantity").values_list("meter", "quantity", "amount_fen")
    assert list(lines) == [
        ("line_mbps_seconds", 12_960_000, 14_000),
        ("transfer_bytes", 23_456_789_000, 1_173),
        ("transfer_bytes", 100_000_000_000, 0),
    ]
    assert (bill.total_fen, bill.voucher_fen, bill.own_fen) == (15_173, 4_552, 10_621)


@pytest.mark.parametrize(
    ("meter", "base_units"),
    [
        ("input_tokens", 1_000_000),
        ("card_seconds", 3_600),
        ("core_seconds", 3_600),
        ("storage_mb_seconds", 1_000 * 2_592_000),
        ("transfer_bytes", 1_000_000_000),
        ("line_mbps_seconds", 2_592_000),
        ("calls", 1),
        ("images", 1),
    ],
)
def test_one_unit_of_each_price_list_costs_its_price(meter: str, base_units: int) -> None:
    assert SOLD_UNITS[meter].base_units == base_units
    subscription = subscribed(Layer.PLATFORM, **{meter: ("12.34", base_units)})
    metered.use(subscription, quantities={meter: base_units})

    tick()

    assert Bill.objects.get().total_fen == 1_234


def test_least_charge_is_a_line_of_its_own_that_usage_uses_up() -> None:
    subscription = subscribed(Layer.PLATFORM, calls=("0.05", 1))
    subscription.offering.rates.update(minimum_fen=1_000)
    metered.use(subscription, calls=30)
    tick()
    before = dict(BillLine.objects.values_list("kind", "amount_fen"))

    metered.use(subscription, calls=100)
    tick()

    assert before == {LineKind.USAGE: 150, LineKind.MINIMUM: 850}
    after = dict(BillLine.objects.values_list("kind", "amount_fen"))
    assert after == {LineKind.USAGE: 650, LineKind.MINIMUM: 350}
    assert Bill.objects.get().total_fen == 1_000


@pytest.mark.parametrize(
    ("last_second", "months"),
    [
        (datetime(2026, 9, 30, 15, 59, 59, tzinfo=UTC), [date(2026, 9, 1), date(2026, 10, 1)]),
        (datetime(2025, 12, 31, 15, 59, 59, tzinfo=UTC), [date(2025, 12, 1), date(2026, 1, 1)]),
        (datetime(2024, 2, 29, 15, 59, 59, tzinfo=UTC), [date(2024, 2, 1), date(2024, 3, 1)]),
    ],
    ids=["month", "year", "leap-day"],
)
def test_last_second_of_a_month_is_priced_and_billed_in_it(
    last_second: datetime, months: list[date]
) -> None:
    """The price doubles at midnight in Shanghai: the last second still costs the old one."""
    offering: Offering = providers.offering()
    midnight = months[1]
    providers.rate(offering, price_yuan="2", effective=(date(2023, 1, 1), midnight))
    providers.rate(offering, price_yuan="4", effective=(midnight, None))
    subscription = providers.subscription(offered=offering)
    for time in (last_second, last_second + timedelta(seconds=1)):
        metered.use(subscription, time, input_tokens=MILLION)

    tick()

    bills = Bill.objects.order_by("month").values_list("month", "total_fen")
    assert list(bills) == [(months[0], 200), (months[1], 400)]


def test_million_single_tokens_cost_what_one_large_request_costs() -> None:
    """At rollup level: a million one-token events add up to the same sum as one event."""
    offering = providers.offering()
    providers.rate(offering, price_yuan="1.988")
    many, one = (providers.subscription(offered=offering) for _ in range(2))
    chance = Random(20_261_123)
    days = [chance.randrange(1, 12) for _ in range(1_000_000)]
    UsageRollup.objects.bulk_create(
        UsageRollup(
            subscription=many,
            month=date(2026, 10, 1),
            meter="input_tokens",
            day=date(2026, 10, day),
            quantity=days.count(day),
            events=days.count(day),
        )
        for day in set(days)
    )
    metered.mark(many, date(2026, 10, 1))
    metered.use(one, input_tokens=1_000_000)

    tick()

    assert Bill.objects.get(subscription=many).total_fen == 199  # 1.988 yuan
    assert Bill.objects.get(subscription=one).total_fen == 199


def test_closed_month_keeps_its_lines_and_the_next_begins_its_volume_anew() -> None:
    offering = providers.offering()
    providers.rate(offering, price_yuan="2")
    providers.rate(offering, price_yuan="1", volume_from=MILLION)
    subscription = providers.subscription(offered=offering)
    metered.use(subscription, datetime(2026, 9, 20, tzinfo=UTC), input_tokens=3 * MILLION)
    periods.close(by=metered.settlement_officer(), month=date(2026, 9, 1), at=NOW)
    metered.use(subscription, input_tokens=3 * MILLION)

    tick()

    assert list(Bill.objects.order_by("month").values_list("total_fen", flat=True)) == [400, 400]
