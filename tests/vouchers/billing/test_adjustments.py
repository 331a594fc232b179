"""Usage of closed months: lines that name their origin, and credits that are carried on."""

from datetime import date, datetime

import pytest

from accounts.access import Actor
from providers.models import Subscription
from tests.factories import grants, providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from tests.vouchers.ledger.sql import broken_anywhere
from vouchers.billing.actions import periods
from vouchers.billing.actions.charging import rating
from vouchers.billing.models import Bill, BillStatus, UsageRollup

pytestmark = pytest.mark.django_db

AUGUST, SEPTEMBER, OCTOBER, NOVEMBER = (date(2026, month, 1) for month in (8, 9, 10, 11))
FEN = 5_000
"""Input tokens that cost one fen."""
IN_NOVEMBER = datetime.fromisoformat("2026-11-02T09:00:00+08:00")
IN_DECEMBER = datetime.fromisoformat("2026-12-02T09:00:00+08:00")


@pytest.fixture
def officer() -> Actor:
    return metered.settlement_officer()


@pytest.fixture
def contract() -> Subscription:
    made = providers.subscription()
    grants.funds(made.enterprise, 1_000_000)
    return made


def used(contract: Subscription, month: date, day: date, quantity: int) -> None:
    UsageRollup.objects.create(
        subscription=contract,
        month=month,
        meter="input_tokens",
        day=day,
        quantity=quantity,
        events=1,
    )
    metered.mark(contract, month)


def lines(month: date) -> list[tuple[date, int, int]]:
    bill = Bill.objects.get(month=month)
    rows = bill.lines.order_by("origin", "pk")
    return list(rows.values_list("origin", "quantity", "amount_fen"))


def sums(month: date) -> tuple[int, int, int]:
    bill = Bill.objects.get(month=month)
    return bill.credit_in_fen, bill.total_fen, bill.credit_out_fen


def clean() -> None:
    assert broken_anywhere(except_for=("I5",)) == []  # usage is set here without events


def test_late_usage_costs_what_the_whole_month_costs_more(
    contract: Subscription, officer: Actor
) -> None:
    used(contract, SEPTEMBER, date(2026, 9, 3), 2_499)  # 0.4998 fen: nothing
    periods.close(by=officer, month=SEPTEMBER, at=NOW)
    used(contract, OCTOBER, date(2026, 9, 4), 1)  # half a fen together: one
    used(contract, OCTOBER, date(2026, 10, 2), 10 * FEN)

    assert rating.tick(at=NOW).failed == 0

    assert sums(SEPTEMBER) == (0, 0, 0)
    assert lines(OCTOBER) == [(SEPTEMBER, 1, 1), (OCTOBER, 10 * FEN, 10)]
    assert sums(OCTOBER) == (0, 11, 0)
    clean()


def test_late_usage_of_two_later_bills_is_counted_once(
    contract: Subscription, officer: Actor
) -> None:
    used(contract, AUGUST, date(2026, 8, 3), 100 * FEN)
    periods.close(by=officer, month=AUGUST, at=NOW)
    used(contract, SEPTEMBER, date(2026, 8, 4), 2_400)
    periods.close(by=officer, month=SEPTEMBER, at=NOW)
    used(contract, OCTOBER, date(2026, 8, 4), 2_400)

    assert rating.tick(at=NOW).failed == 0

    assert lines(SEPTEMBER) == [(AUGUST, 2_400, 0)]
    assert lines(OCTOBER) == [(AUGUST, 2_400, 1)]  # 4,800 together round to one fen
    clean()


def test_credit_beyond_the_bill_is_carried_until_it_is_used_up(
    contract: Subscription, officer: Actor
) -> None:
    used(contract, SEPTEMBER, date(2026, 9, 3), 1_000 * FEN)
    periods.close(by=officer, month=SEPTEMBER, at=NOW)
    used(contract, OCTOBER, date(2026, 9, 3), -700 * FEN)
    used(contract, OCTOBER, date(2026, 10, 2), 100 * FEN)
    rating.tick(at=NOW)

    assert sums(OCTOBER) == (0, 0, 600)
    assert lines(OCTOBER) == [(SEPTEMBER, -700 * FEN, -700), (OCTOBER, 100 * FEN, 100)]
    used(contract, NOVEMBER, date(2026, 11, 1), 250 * FEN)
    rating.tick(at=IN_NOVEMBER)
    assert sums(NOVEMBER) == (0, 250, 0)

    periods.close(by=officer, month=OCTOBER, at=IN_NOVEMBER)

    assert sums(NOVEMBER) == (600, 0, 350)
    assert Bill.objects.get(month=NOVEMBER).own_fen == 0
    periods.close(by=officer, month=NOVEMBER, at=IN_DECEMBER)
    december = date(2026, 12, 1)
    assert sums(december) == (350, 0, 350)
    used(contract, december, date(2026, 12, 1), 400 * FEN)
    rating.tick(at=IN_DECEMBER)
    assert sums(december) == (350, 50, 0)
    assert Bill.objects.get(month=december).status == BillStatus.OPEN
    clean()


def test_adjustment_follows_the_tiers_and_least_charge_of_its_month(officer: Actor) -> None:
    offering = providers.offering()
    providers.rate(offering, price_yuan="2", minimum_fen=50)
    providers.rate(offering, price_yuan="1", volume_from=100 * FEN)
    contract = providers.subscription(offered=offering)
    grants.funds(contract.enterprise, 1_000_000)
    used(contract, SEPTEMBER, date(2026, 9, 3), 10 * FEN)  # 10 fen: 40 are lacking to the least
    periods.close(by=officer, month=SEPTEMBER, at=NOW)
    used(contract, OCTOBER, date(2026, 9, 5), 110 * FEN)  # 100 at 1 fen and 20 at half a fen

    rating.tick(at=NOW)

    assert sums(SEPTEMBER) == (0, 50, 0)
    bill = Bill.objects.get(month=OCTOBER)
    found = bill.lines.order_by("kind", "rate").values_list("kind", "quantity", "amount_fen")
    assert list(found) == [("minimum", 0, -40), ("usage", 90 * FEN, 90), ("usage", 20 * FEN, 10)]
    assert bill.total_fen == 60
    clean()
