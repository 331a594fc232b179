"""A locked period keeps its lines: none comes, none goes; what is left over is claimed later."""

from datetime import date

import pytest
from django.db import DatabaseError, transaction

from accounts.access import Actor
from common.errors import Forbidden
from tests.factories import accounts, billing
from tests.factories.accounts import NOW
from tests.factories.audit import City
from tests.vouchers.ledger.sql import rows
from vouchers.audit.actions import (
    claim_invariants,
    disputes,
    evidence,
    period_locks,
    prefilling,
)
from vouchers.audit.models import Claim, ClaimLine, PeriodLock
from vouchers.billing.models import Bill, BillStatus, ClosedPeriod
from vouchers.ledger.actions.invariants import Query

pytestmark = pytest.mark.django_db

SILENT = {
    "status": BillStatus.CONFIRMED,
    "confirmed_at": None,
    "confirmed_by": None,
    "lapsed_at": NOW,
}


@pytest.fixture
def city() -> City:
    made = City()
    ClosedPeriod.objects.create(month=billing.MONTH, closed_at=NOW, closed_by=made.officer.user)
    return made


def locked(city: City, by: Actor | None = None) -> PeriodLock:
    shown = period_locks.totals(scheme=city.scheme, month=billing.MONTH)
    return period_locks.lock(
        by=by or city.officer, scheme=city.scheme, month=billing.MONTH,
        shown_fen=shown.lines_fen, shown_lines=shown.lines, at=NOW,
    )  # fmt: skip


def broken() -> list[object]:
    return list(rows(Query("I8", "", claim_invariants.I8)))


def test_totals_say_what_is_in_and_what_stays_out(city: City) -> None:
    city.submitted(3_000)
    city.draft(600)
    city.bill(900)
    city.bill(300, status=BillStatus.CLOSED)
    disputed = city.bill(1_200, status=BillStatus.CLOSED)
    owner = accounts.signatory(disputed.enterprise)
    disputes.open_dispute(by=owner, bill=disputed, reason="x", at=NOW)

    found = period_locks.totals(scheme=city.scheme, month=billing.MONTH)

    assert (found.claims, found.lines, found.bills) == (2, 2, 2)
    assert (found.lines_fen, found.claims_fen, found.add_up) == (3_600, 3_600, True)
    assert (found.unfinished, found.unfinished_fen) == (1, 600)
    assert (found.unaudited, found.unaudited_fen) == (1, 3_000)
    assert (found.unclaimed, found.unclaimed_fen) == (1, 900)
    assert (found.unanswered, found.unanswered_fen) == (1, 300)
    assert (found.disputed, found.disputed_fen) == (1, 1_200)
    assert found.without_account == 0


def test_no_line_enters_a_locked_period(city: City) -> None:
    claim = city.draft(3_000)
    late = city.bill(900)
    charge = late.charges.get(payer="voucher")
    lock = locked(city)

    with pytest.raises(DatabaseError, match="no line enters"), transaction.atomic():
        ClaimLine.objects.bulk_create(
            [ClaimLine(transfer_id=charge.pk, claim=claim, bill=late, amount_fen=900)]
        )

    assert (lock.claims, lock.lines, lock.amount_fen) == (1, 1, 3_000)
    assert prefilling.prefill(by=city.finance, month=billing.MONTH, at=NOW) == [claim]
    assert claim.lines.count() == 1


def test_no_line_leaves_a_locked_period(city: City) -> None:
    bill: Bill = city.bill(3_000, **SILENT)
    prefilling.prefill(by=city.finance, month=billing.MONTH, at=NOW)
    locked(city)

    with pytest.raises(disputes.PeriodLocked):
        disputes.open_dispute(by=accounts.signatory(bill.enterprise), bill=bill, reason="x", at=NOW)
    with pytest.raises(DatabaseError), transaction.atomic():
        ClaimLine.objects.all().delete()

    assert Claim.objects.get().amount_fen == 3_000


def test_what_is_left_over_is_claimed_with_the_next_month(city: City) -> None:
    city.draft(3_000)
    locked(city)
    city.bill(900)
    october = date(2026, 10, 1)

    assert [each.month for each in evidence.claimable(by=city.finance)] == [october]
    [later] = prefilling.prefill(by=city.finance, month=october, at=NOW)

    assert (later.month, later.amount_fen) == (october, 900)
    assert broken() == []


def test_lock_takes_what_was_shown_and_only_once(city: City) -> None:
    city.draft(3_000)

    with pytest.raises(period_locks.TotalsChanged):
        period_locks.lock(
            by=city.officer, scheme=city.scheme, month=billing.MONTH, shown_fen=2_999,
            shown_lines=1, at=NOW,
        )  # fmt: skip
    first = locked(city)

    assert locked(city) == first
    with pytest.raises(DatabaseError), transaction.atomic():
        PeriodLock.objects.update(amount_fen=0)


def test_only_the_own_bureau_locks_a_closed_month(city: City) -> None:
    with pytest.raises(Forbidden):
        locked(city, by=City().officer)
    ClosedPeriod.objects.all().delete()
    with pytest.raises(period_locks.PeriodRunning):
        locked(city)
