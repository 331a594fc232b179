"""Closing months and answering bills."""

from datetime import UTC, date, datetime

import pytest

from accounts.access import Actor
from accounts.models import Event, Role
from common.errors import Forbidden
from common.states import WrongState
from providers.models import Rate, Subscription
from tests.factories import accounts, providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from vouchers.billing.actions import bills, periods
from vouchers.billing.models import Bill, BillStatus, ClosedPeriod, UnbilledUsage

pytestmark = pytest.mark.django_db

SEPTEMBER = date(2026, 9, 1)
MILLION = 1_000_000


@pytest.fixture
def officer() -> Actor:
    return metered.settlement_officer()


@pytest.fixture
def subscription() -> Subscription:
    """Used in September for two yuan and in October for four; not rated yet."""
    made = providers.subscription()
    metered.use(made, datetime(2026, 9, 15, tzinfo=UTC), input_tokens=MILLION)
    metered.use(made, datetime(2026, 10, 5, tzinfo=UTC), input_tokens=2 * MILLION)
    return made


def test_close_rates_first_and_closes_the_month_alone(
    officer: Actor, subscription: Subscription
) -> None:
    period = periods.close(by=officer, month=date(2026, 9, 17), at=NOW)

    assert (period.month, period.closed_by) == (SEPTEMBER, officer.user)
    bill = Bill.objects.get()
    assert (bill.month, bill.status, bill.total_fen) == (SEPTEMBER, BillStatus.CLOSED, 200)
    assert (bill.closed_at, bill.closed_by) == (NOW, officer.user)
    assert UnbilledUsage.objects.get().month == date(2026, 10, 1)
    assert Event.objects.filter(verb="period.closed", subject_code="2026-09").count() == 1


def test_close_again_changes_nothing(officer: Actor, subscription: Subscription) -> None:
    first = periods.close(by=officer, month=SEPTEMBER, at=NOW)

    again = periods.close(by=metered.settlement_officer(), month=SEPTEMBER, at=NOW)

    assert again == first
    assert Event.objects.filter(verb="period.closed").count() == 1


@pytest.mark.parametrize("month", [date(2026, 10, 1), date(2026, 11, 1)])
def test_close_month_that_is_not_over_is_refused(officer: Actor, month: date) -> None:
    with pytest.raises(periods.PeriodNotOver):
        periods.close(by=officer, month=month, at=NOW)

    assert not ClosedPeriod.objects.exists()


def test_close_goes_by_the_days_of_shanghai(officer: Actor) -> None:
    midnight = datetime(2026, 10, 31, 16, tzinfo=UTC)

    assert periods.close(by=officer, month=date(2026, 10, 1), at=midnight).code == "2026-10"


def test_close_with_usage_that_cannot_be_rated_closes_nothing(
    officer: Actor, subscription: Subscription
) -> None:
    Rate.objects.all().delete()

    with pytest.raises(periods.PeriodUnrated, match=subscription.code):
        periods.close(by=officer, month=SEPTEMBER, at=NOW)

    assert not ClosedPeriod.objects.exists()


def test_preview_sums_what_would_be_closed(officer: Actor, subscription: Subscription) -> None:
    before = periods.preview(by=officer, month=SEPTEMBER, at=NOW)
    periods.close(by=officer, month=SEPTEMBER, at=NOW)
    after = periods.preview(by=officer, month=SEPTEMBER, at=NOW)

    assert (before.bills, before.waiting, before.is_over, before.closed) == (0, 1, True, None)
    assert (after.bills, after.waiting, after.total_fen, after.receivable_fen) == (0, 0, 200, 200)
    assert after.closed == ClosedPeriod.objects.get()
    assert not periods.preview(by=officer, month=date(2026, 10, 1), at=NOW).is_over


@pytest.mark.parametrize("role", [Role.SCHEME_OFFICER, Role.REVIEWER, Role.AUDITOR])
def test_close_needs_the_permission(role: str) -> None:
    with pytest.raises(Forbidden):
        periods.close(by=accounts.officer(None, role), month=SEPTEMBER, at=NOW)


@pytest.fixture
def bill(officer: Actor, subscription: Subscription) -> Bill:
    periods.close(by=officer, month=SEPTEMBER, at=NOW)
    return Bill.objects.get()


def test_confirm_closed_bill(bill: Bill) -> None:
    owner = accounts.signatory(bill.enterprise)

    bills.confirm(by=owner, bill=bill, at=NOW)
    again = bills.confirm(by=owner, bill=bill, at=NOW)

    assert (again.status, again.confirmed_at, again.confirmed_by) == (
        BillStatus.CONFIRMED,
        NOW,
        owner.user,
    )
    assert Event.objects.filter(verb="bill.confirmed", subject_code=bill.code).count() == 1


def test_disputed_bill_is_confirmed_by_the_end_of_its_dispute_alone(bill: Bill) -> None:
    owner = accounts.signatory(bill.enterprise)

    for _ in range(2):
        disputed = bills.dispute(by=owner, bill=bill, reason=" 9月15日未使用 ", at=NOW)

    assert (disputed.status, disputed.dispute_reason) == (BillStatus.DISPUTED, "9月15日未使用")
    with pytest.raises(WrongState):
        bills.confirm(by=owner, bill=bill, at=NOW)
    ended = bills.end_dispute(by=owner, bill=bill, total_fen=bill.total_fen, anew=False, at=NOW)
    assert ended.status == BillStatus.CONFIRMED
    with pytest.raises(WrongState):
        bills.dispute(by=owner, bill=bill, reason="again", at=NOW)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 2_001])
def test_dispute_without_a_reason_is_refused(bill: Bill, reason: str) -> None:
    with pytest.raises(bills.ReasonMissing):
        bills.dispute(by=accounts.signatory(bill.enterprise), bill=bill, reason=reason, at=NOW)


def test_open_bill_is_neither_confirmed_nor_disputed(subscription: Subscription) -> None:
    from vouchers.billing.actions.charging import rating

    rating.tick(at=NOW)
    owner = accounts.signatory(subscription.enterprise)
    running = Bill.objects.get(month=date(2026, 10, 1))

    with pytest.raises(WrongState):
        bills.confirm(by=owner, bill=running, at=NOW)
    with pytest.raises(WrongState):
        bills.dispute(by=owner, bill=running, reason="x", at=NOW)


def test_bill_is_answered_by_the_paying_enterprise_alone(bill: Bill) -> None:
    for other in (
        accounts.preparer(bill.enterprise),
        accounts.signatory(),
        metered.operator(bill.provider),
        metered.settlement_officer(),
    ):
        with pytest.raises(Forbidden):
            bills.confirm(by=other, bill=bill, at=NOW)
        with pytest.raises(Forbidden):
            bills.dispute(by=other, bill=bill, reason="x", at=NOW)
