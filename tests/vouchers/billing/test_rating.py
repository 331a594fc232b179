"""Turning rollups into bills, and paying them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.models import Organization
from providers.models import Rate, Subscription, SubscriptionStatus
from tests.factories import grants, providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from vouchers.billing.actions import funds
from vouchers.billing.actions.charging import dues, rating
from vouchers.billing.models import Bill, BillLine, Charge, UnbilledUsage
from vouchers.grants.models import Voucher, VoucherStatus
from vouchers.ledger.actions import accounts, transfers
from vouchers.ledger.kinds import AccountKind

pytestmark = pytest.mark.django_db

OCTOBER = date(2026, 10, 1)
MILLION = 1_000_000


@pytest.fixture
def subscription() -> Subscription:
    """Input 2.00 and output 8.00 yuan per million tokens."""
    return providers.subscription()


@pytest.fixture
def firm(subscription: Subscription) -> Organization:
    return subscription.enterprise


def voucher(firm: Organization, face_fen: int = 300_000, **values: Any) -> Voucher:
    return grants.voucher(firm, grants.scheme(rules=metered.RULES), face_fen, **values)


def parts(bill: Bill) -> tuple[int, int, int, int]:
    return bill.total_fen, bill.voucher_fen, bill.own_fen, bill.receivable_fen


def available(found: Voucher) -> int:
    return accounts.available_fen(kind=AccountKind.VOUCHER, key=found.code)


def tick(at: datetime = NOW) -> rating.Tally:
    tally = rating.tick(at=at)

    assert tally.failed == 0
    return tally


def test_tick_rates_and_splits_over_voucher_and_own_money(
    subscription: Subscription, firm: Organization
) -> None:
    paying = voucher(firm)
    grants.funds(firm, 100_000)
    metered.use(subscription, input_tokens=10 * MILLION, output_tokens=MILLION)

    tally = tick()

    bill = Bill.objects.get()
    assert (tally.rated, parts(bill)) == (1, (2_800, 840, 1_960, 0))
    assert (bill.enterprise, bill.provider) == (firm, subscription.offering.provider)
    lines = bill.lines.order_by("meter").values_list("meter", "quantity", "amount_fen")
    assert list(lines) == [
        ("input_tokens", 10 * MILLION, 2_000),
        ("output_tokens", MILLION, 800),
    ]
    assert available(paying) == 300_000 - 840
    assert funds.balance(enterprise=firm) == funds.Balance(100_000 - 1_960, 0)
    payable = accounts.get_or_open(
        kind=AccountKind.PROVIDER_PAYABLE, key=f"{paying.scheme.code}/{bill.provider.code}"
    )
    income = accounts.get_or_open(kind=AccountKind.PROVIDER_INCOME, key=bill.provider.code)
    assert accounts.balance_fen(account=payable) == 840
    assert accounts.balance_fen(account=income) == 1_960


def test_tick_books_only_the_difference(subscription: Subscription, firm: Organization) -> None:
    voucher(firm)
    grants.funds(firm, 100_000)
    for _ in range(7):
        metered.use(subscription, input_tokens=2_499)  # 0.4998 fen each, 3.4986 together
        tick()

    bill = Bill.objects.get()
    assert parts(bill) == (3, 1, 2, 0)
    assert BillLine.objects.get().quantity == 17_493
    assert sum(Charge.objects.values_list("amount_fen", flat=True)) == 3


def test_tick_without_new_usage_changes_nothing(
    subscription: Subscription, firm: Organization
) -> None:
    grants.funds(firm, 100_000)
    metered.use(subscription, input_tokens=MILLION)
    tick()
    before = Bill.objects.values().get()

    assert tick() == rating.Tally()
    assert rating.rate(subscription=subscription, month=OCTOBER, at=NOW).total_fen == 200
    assert Bill.objects.values().get() == before
    assert Charge.objects.count() == 1


def test_tick_burns_vouchers_in_order(subscription: Subscription, firm: Organization) -> None:
    grants.funds(firm, 100_000)
    soon = voucher(firm, 50, expires_at=NOW + timedelta(days=1))
    later = voucher(firm, 1_000, expires_at=NOW + timedelta(days=2))
    first = voucher(firm, 70, priority=1, expires_at=NOW + timedelta(days=9))
    metered.use(subscription, input_tokens=5 * MILLION)

    tick()

    assert parts(Bill.objects.get()) == (1_000, 300, 700, 0)
    assert [available(each) for each in (first, soon, later)] == [0, 0, 820]


def test_tick_leaves_vouchers_alone_that_cannot_pay(
    subscription: Subscription, firm: Organization
) -> None:
    grants.funds(firm, 100_000)
    others = [
        voucher(firm, status=VoucherStatus.FROZEN),
        voucher(firm, expires_at=NOW - timedelta(seconds=1)),
        voucher(firm, kind="storage"),
        grants.voucher(plan=grants.scheme(rules=metered.RULES)),
    ]
    metered.use(subscription, input_tokens=5 * MILLION)

    tick()

    assert parts(Bill.objects.get()) == (1_000, 0, 1_000, 0)
    assert [available(each) for each in others] == [300_000] * 4


def test_tick_follows_the_schemes_rounding(subscription: Subscription, firm: Organization) -> None:
    rules = metered.RULES | {"rounding": metered.sourced("floor_yuan")}
    grants.voucher(firm, grants.scheme(rules=rules))
    grants.funds(firm, 100_000)
    metered.use(subscription, input_tokens=5 * MILLION - 10_000)  # 9.98 yuan

    tick()

    assert parts(Bill.objects.get()) == (998, 200, 798, 0)


def test_tick_without_money_leaves_a_receivable_and_stops(
    subscription: Subscription, firm: Organization
) -> None:
    grants.funds(firm, 150)
    metered.use(subscription, input_tokens=MILLION)

    tick()

    subscription.refresh_from_db()
    assert parts(Bill.objects.get()) == (200, 0, 150, 50)
    assert subscription.status == SubscriptionStatus.STOPPED
    assert funds.balance(enterprise=firm) == funds.Balance(0, 50)


def test_tick_after_a_deposit_pays_what_was_outstanding_and_resumes(
    subscription: Subscription, firm: Organization
) -> None:
    metered.use(subscription, input_tokens=MILLION)
    tick()
    for fen, number in ((30, "1"), (500, "2")):
        funds.deposit(
            by=metered.settlement_officer(),
            enterprise=firm,
            amount_fen=fen,
            reference=number,
            at=NOW,
        )
        assert tick().settled == 1

    subscription.refresh_from_db()
    assert parts(Bill.objects.get()) == (200, 0, 200, 0)
    assert subscription.status == SubscriptionStatus.ACTIVE
    assert funds.balance(enterprise=firm) == funds.Balance(330, 0)
    owed = accounts.get_or_open(kind=AccountKind.RECEIVABLE, key=firm.code)
    assert accounts.balance_fen(account=owed) == 0
    assert tick() == rating.Tally()


def test_tick_price_change_makes_two_lines(firm: Organization) -> None:
    offering = providers.offering()
    middle = date(2026, 10, 6)
    providers.rate(offering, price_yuan="2", effective=(date(2026, 1, 1), middle))
    providers.rate(offering, price_yuan="3", effective=(middle, None))
    subscription = providers.subscription(firm, offering)
    for day in (5, 6):
        metered.use(subscription, datetime(2026, 10, day, 2, tzinfo=UTC), input_tokens=MILLION)

    tick()

    assert sorted(BillLine.objects.values_list("amount_fen", flat=True)) == [200, 300]
    assert Bill.objects.get().total_fen == 500


def test_tick_each_month_has_its_own_bill(subscription: Subscription) -> None:
    last_second = datetime(2026, 9, 30, 15, 59, 59, tzinfo=UTC)
    for time in (last_second, last_second + timedelta(seconds=1)):
        metered.use(subscription, time, input_tokens=MILLION)

    tick()

    months = Bill.objects.order_by("month").values_list("month", "total_fen")
    assert list(months) == [(date(2026, 9, 1), 200), (OCTOBER, 200)]


def test_tick_month_that_ended_is_paid_by_what_was_usable_then(
    subscription: Subscription, firm: Organization
) -> None:
    voucher(firm, issued_at=datetime(2026, 10, 2, tzinfo=UTC))
    then = voucher(firm, expires_at=datetime(2026, 10, 3, tzinfo=UTC))
    metered.use(subscription, datetime(2026, 9, 20, tzinfo=UTC), input_tokens=5 * MILLION)

    tick()

    assert Bill.objects.get().voucher_fen == 300
    assert available(then) == 300_000 - 300


def test_tick_one_bill_that_fails_does_not_stop_the_others(subscription: Subscription) -> None:
    broken = providers.subscription()
    metered.use(broken, input_tokens=MILLION)
    metered.use(subscription, input_tokens=MILLION)
    Rate.objects.filter(offering=broken.offering).delete()

    tally = rating.tick(at=NOW)

    assert (tally.rated, tally.failed) == (1, 1)
    assert UnbilledUsage.objects.get().subscription == broken
    assert Bill.objects.get().subscription == subscription


def test_charge_ids_derive_from_the_business_key(
    subscription: Subscription, firm: Organization
) -> None:
    grants.funds(firm, 1_000)
    metered.use(subscription, input_tokens=MILLION)

    tick()

    derived = transfers.derive_id("charge", subscription.code, "2026-10-01", 1)
    assert Charge.objects.get().pk == derived


def test_tick_takes_no_more_queries_for_more_bills_and_days(
    subscription: Subscription, django_assert_max_num_queries: Any
) -> None:
    offering = subscription.offering
    for number in range(10):
        contract = providers.subscription(offered=offering, pk=100_000 + number * dues.SHARDS)
        contract.enterprise = subscription.enterprise
        contract.save()
        for day in (number + 1, number + 2):
            time = datetime(2026, 10, min(day, 6), 4, tzinfo=UTC)
            metered.use(contract, time, input_tokens=MILLION, output_tokens=MILLION)
    voucher(subscription.enterprise)
    grants.funds(subscription.enterprise, 100_000)

    with django_assert_max_num_queries(42, connection=connection):
        assert tick().rated == 10

    assert set(Bill.objects.values_list("total_fen", flat=True)) == {2_000}
