"""Settling against disputing, and one line or claim wanted twice: one comes first, the other is refused.

RACE_PAIRS says how many pairs; `make chaos` plays 10,000.
"""

import os
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.access import Actor
from tests.factories import accounts, billing
from tests.factories.accounts import NOW
from tests.factories.audit import City, unprotected
from tests.threads import together
from vouchers.audit.actions import disputes, period_locks, prefilling, settlements
from vouchers.audit.actions.claim_invariants import I8
from vouchers.audit.models import (
    Claim,
    ClaimLine,
    ClaimStatus,
    ClaimWithdrawal,
    Dispute,
    PeriodLock,
    Settlement,
)
from vouchers.billing.models import Bill, BillStatus, ClosedPeriod

pytestmark = pytest.mark.django_db(transaction=True)

PAIRS = int(os.environ.get("RACE_PAIRS", "12"))
SILENT = {
    "status": BillStatus.CONFIRMED,
    "confirmed_at": None,
    "confirmed_by": None,
    "lapsed_at": NOW,
}


def broken() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(I8)
        return list(cursor.fetchall())


class Scene:
    """A passed claim of one silently confirmed bill, somebody who settles and somebody who disputes."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.bill: Bill = city.bill(3_000, enterprise=city.voucher.enterprise, **SILENT)
        self.claim = city.passed(600)
        self.owner: Actor = accounts.signatory(self.bill.enterprise)

    def settle(self) -> Settlement:
        return settlements.create(by=self.city.officer, scheme=self.city.scheme, at=NOW)

    def dispute(self) -> Dispute:
        return disputes.open_dispute(by=self.owner, bill=self.bill, reason="x", at=NOW)

    def dispute_carelessly(self) -> None:
        """How it is often written: look whether the line is settled, then take it off."""
        claim = Claim.objects.get(pk=self.claim.pk)
        if claim.settlement_id is None:
            time.sleep(0.2)  # what else a request does meanwhile
            with transaction.atomic():
                made = Dispute.objects.create(
                    bill=self.bill, reason="x", until=NOW.date(), before_fen=self.bill.total_fen,
                    opened_at=NOW, opened_by=self.owner.user,
                )  # fmt: skip
                with unprotected():
                    for line in ClaimLine.objects.filter(bill=self.bill):
                        ClaimWithdrawal.objects.create(line=line, dispute=made, withdrawn_at=NOW)
                    Claim.objects.filter(pk=claim.pk).update(amount_fen=600)
                Bill.objects.filter(pk=self.bill.pk).update(status=BillStatus.DISPUTED)


def test_without_locks_a_settled_line_is_taken_off() -> None:
    scene = Scene(City())

    together([scene.settle, scene.dispute_carelessly])

    assert Settlement.objects.get().total_fen == 3_600
    assert broken() != []


def test_settling_and_disputing_have_one_order() -> None:
    city = City()
    firsts = {"settled": 0, "disputed": 0}
    for number in range(PAIRS):
        scene = Scene(city)
        pair: list[Callable[[], object]] = [scene.settle, scene.dispute]

        answers: list[Any] = together(pair if number % 2 else pair[::-1])

        refused = [each for each in answers if isinstance(each, Exception)]
        scene.claim.refresh_from_db()
        scene.bill.refresh_from_db()
        if scene.bill.status == BillStatus.DISPUTED:
            assert refused == []
            assert scene.claim.amount_fen == 600
            firsts["disputed"] += 1
        else:
            assert [type(each) for each in refused] == [disputes.BillSettled]
            assert scene.claim.amount_fen == 3_600
            firsts["settled"] += 1
        assert scene.claim.status == ClaimStatus.SETTLING
        batch = Settlement.objects.get(claims=scene.claim)
        assert batch.total_fen == scene.claim.amount_fen

    assert sum(firsts.values()) == PAIRS
    assert broken() == []


def test_locking_a_period_counts_a_line_or_refuses_it() -> None:
    city = City()
    ClosedPeriod.objects.create(month=billing.MONTH, closed_at=NOW, closed_by=city.officer.user)
    city.draft(600)
    city.bill(900)
    shut = partial(
        period_locks.lock, by=city.officer, scheme=city.scheme, month=billing.MONTH,
        shown_fen=600, shown_lines=1, at=NOW,
    )  # fmt: skip
    fill = partial(prefilling.prefill, by=city.finance, month=billing.MONTH, at=NOW)

    works: list[Callable[[], object]] = [shut, fill]
    together(works)

    lines = ClaimLine.objects.filter(claim__month=billing.MONTH).count()
    assert [lock.lines for lock in PeriodLock.objects.all()] in ([], [lines])
    assert broken() == []


def test_one_payment_stands_on_one_claim() -> None:
    city = City()
    line = ClaimLine.objects.get(claim=city.draft(3_000))
    other = Claim.objects.create(
        code="CL-OTHER", scheme=city.scheme, provider=city.provider, month=billing.MONTH.replace(month=8),
        amount_fen=3_000, created_at=NOW,
    )  # fmt: skip

    with pytest.raises(IntegrityError):
        ClaimLine.objects.bulk_create(
            [
                ClaimLine(
                    transfer_id=line.transfer_id,
                    claim=other,
                    bill_id=line.bill_id,
                    amount_fen=3_000,
                )
            ]
        )


def test_one_claim_stands_in_one_settlement() -> None:
    city = City()
    first, second = city.settlement(3_000), city.settlement(600)

    with pytest.raises(DatabaseError, match="stays in the settlement"):
        Claim.objects.filter(settlement=first).update(settlement=second)
    with unprotected():  # and the sums would tell
        Claim.objects.filter(settlement=first).update(settlement=second)

    assert broken() != []
