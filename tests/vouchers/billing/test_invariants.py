"""Each invariant of billing is quiet on honest books and names what was tampered with."""

from datetime import date, timedelta

import pytest

from providers.models import Subscription
from tests.factories import grants, providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from tests.vouchers.ledger.sql import Row, rows, tamper
from vouchers.billing.actions import invariants
from vouchers.billing.actions.charging import rating
from vouchers.billing.models import Bill, Charge, UsageRollup

pytestmark = pytest.mark.django_db

MILLION = 1_000_000


@pytest.fixture
def bill() -> Bill:
    """A bill of 10.00 yuan paid by two vouchers, own money, and something outstanding; settled in part."""
    subscription = providers.subscription()
    plan = grants.scheme(rules=metered.RULES)
    for fen, days in ((50, 1), (1_000, 2)):
        grants.voucher(subscription.enterprise, plan, fen, expires_at=NOW + timedelta(days=days))
    grants.funds(subscription.enterprise, 600)
    use(subscription, 5 * MILLION)
    grants.funds(subscription.enterprise, 40)
    assert rating.tick(at=NOW).settled == 1
    return Bill.objects.get()


def use(subscription: Subscription, tokens: int) -> None:
    metered.use(subscription, input_tokens=tokens)
    rating.tick(at=NOW)


def broken(name: str) -> list[Row]:
    return rows(invariants.QUERIES[name])


def all_broken() -> list[str]:
    return [name for name in invariants.QUERIES if broken(name)]


def test_honest_books_are_quiet(bill: Bill) -> None:
    parts = (bill.total_fen, bill.voucher_fen, bill.own_fen, bill.receivable_fen)

    assert parts == (1_000, 300, 640, 60)
    assert all_broken() == []


def test_waiting_usage_is_no_fault(bill: Bill) -> None:
    metered.use(bill.subscription, input_tokens=MILLION)

    assert all_broken() == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE vouchers_usagerollup SET quantity = quantity + 1",
        "UPDATE vouchers_usagerollup SET events = events + 1",
        "DELETE FROM vouchers_usageevent",
        "UPDATE vouchers_usageevent SET occurred_at = occurred_at - interval '1 day'",
        "DELETE FROM vouchers_usagerollup",
        "UPDATE vouchers_usageevent SET provider_id = provider_id + 1",
    ],
)
def test_usage_that_differs_from_its_events_is_found(bill: Bill, statement: str) -> None:
    tamper(statement)

    assert broken("I5")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE vouchers_bill SET total_fen = total_fen + 1, own_fen = own_fen + 1",
        "UPDATE vouchers_bill SET voucher_fen = voucher_fen - 1, own_fen = own_fen + 1",
        "UPDATE vouchers_billline SET amount_fen = amount_fen + 1",
        "UPDATE vouchers_billline SET quantity = quantity + 1",
        "DELETE FROM vouchers_billline",
        "DELETE FROM vouchers_charge WHERE payer = 'own'",
        "UPDATE vouchers_charge SET amount_fen = amount_fen + 1 WHERE payer = 'receivable'",
        "UPDATE vouchers_charge SET pays_outstanding = false",
        "UPDATE providers_rate SET price_yuan = price_yuan + 1",
        "DELETE FROM vouchers_bill",
        "UPDATE vouchers_bill SET bookings = bookings + 1",
        "UPDATE vouchers_bill SET credit_in_fen = 7",
        "UPDATE vouchers_billline SET origin = '2026-09-01'",
        "UPDATE vouchers_billline SET kind = 'minimum'",
    ],
)
def test_bill_that_does_not_add_up_is_found(bill: Bill, statement: str) -> None:
    tamper(statement)

    assert broken("I6")


def test_line_rounded_the_other_way_is_found() -> None:
    subscription = providers.subscription()
    grants.funds(subscription.enterprise, 1_000)
    use(subscription, 2_500)  # exactly half a fen

    assert Bill.objects.get().total_fen == 1
    assert all_broken() == []
    tamper("UPDATE vouchers_billline SET amount_fen = 0")
    assert broken("I6")


@pytest.fixture
def fallen(bill: Bill) -> Bill:
    """The bill after its usage fell to 8.00 yuan: some payments undone, some made anew."""
    UsageRollup.objects.update(quantity=4 * MILLION)
    metered.mark(bill.subscription, bill.month)
    assert rating.tick(at=NOW).failed == 0
    bill.refresh_from_db()
    assert bill.total_fen == 800
    assert Charge.objects.filter(undoes__isnull=False).exists()
    assert broken("I6") == broken("I7") == []
    return bill


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM vouchers_charge WHERE undoes_id IS NOT NULL",
        "UPDATE vouchers_charge SET undoes_id = NULL",
        "UPDATE vouchers_charge SET amount_fen = amount_fen + 1 WHERE undoes_id IS NOT NULL",
        "UPDATE vouchers_charge SET number = 100 - number",
    ],
)
def test_undoing_that_does_not_add_up_is_found(fallen: Bill, statement: str) -> None:
    tamper(statement)

    assert broken("I6")


def test_least_charge_that_is_missing_is_found() -> None:
    offering = providers.offering()
    providers.rate(offering, minimum_fen=500)
    subscription = providers.subscription(offered=offering)
    use(subscription, MILLION)
    assert Bill.objects.get().total_fen == 500
    assert broken("I6") == []

    tamper("UPDATE vouchers_billline SET amount_fen = amount_fen - 1 WHERE kind = 'minimum'")
    tamper("UPDATE vouchers_bill SET total_fen = 499, receivable_fen = 499")

    assert "least charge is missing or wrong" in {fault for _code, fault in broken("I6")}


def test_least_charge_announced_after_the_first_day_of_use_is_not_missed() -> None:
    offering = providers.offering()
    change = date(2026, 10, 9)
    providers.rate(offering, effective=(date(2026, 1, 1), change))
    providers.rate(offering, effective=(change, None), minimum_fen=500)
    subscription = providers.subscription(offered=offering)
    metered.use(subscription, NOW - timedelta(days=5), input_tokens=1)
    use(subscription, 1)

    assert Bill.objects.get().total_fen == 0
    assert broken("I6") == []


def test_voucher_that_should_have_paid_and_never_did_is_found(bill: Bill) -> None:
    idle = grants.voucher(
        bill.enterprise, grants.scheme(rules=metered.RULES), share_numerator=9, status="frozen"
    )
    assert broken("I7") == []

    tamper("UPDATE vouchers_voucher SET status = 'active' WHERE id = %s", idle.pk)

    ((code, passed_over, paid, _at),) = broken("I7")
    assert (code, passed_over, paid) == (bill.code, idle.code, "own money or outstanding")


def test_voucher_passed_over_is_found(bill: Bill) -> None:
    late = Charge.objects.get(amount_fen=250)
    tamper(
        "UPDATE vouchers_voucher SET priority = 1 WHERE id = %s", late.voucher_id
    )  # now the one with money left should have paid it all

    ((code, passed_over, paid, _at),) = broken("I7")
    assert (code, passed_over) == (bill.code, late.voucher.code if late.voucher else "")
    assert paid != passed_over
