"""Confirming an enterprise's claim against disputing its bill, and twice at the same moment: one comes first.

RACE_PAIRS says how many pairs.
"""

import os
import time
from collections.abc import Callable
from functools import partial

import pytest
from django.db import transaction

from tests.concurrency.test_claim_races import broken
from tests.factories import accounts
from tests.factories.accounts import NOW
from tests.factories.audit import City, unprotected
from tests.factories.refunds import Payback
from tests.threads import together
from vouchers.audit.actions import disputes, refund_answers, refunds
from vouchers.audit.models import Claim, ClaimLine, ClaimStatus, Dispute, Refund
from vouchers.billing.models import Bill, BillStatus

pytestmark = pytest.mark.django_db(transaction=True)

PAIRS = int(os.environ.get("RACE_PAIRS", "12"))
SILENT = {"confirmed_at": None, "confirmed_by": None, "lapsed_at": NOW}


class Scene:
    """A claim that waits for its provider, over a bill that only silence confirmed."""

    def __init__(self, payback: Payback) -> None:
        self.payback = payback
        self.bill: Bill = payback.bill(10_000, **SILENT)
        [drafted] = refunds.prefill(by=payback.owner, month=self.bill.month, at=NOW)
        self.claim: Claim = payback.send(drafted)

    def confirm(self) -> Claim:
        return refund_answers.confirm(by=self.payback.city.finance, claim=self.claim, at=NOW)

    def send_back(self) -> Claim:
        return refund_answers.refuse(
            by=self.payback.city.finance, claim=self.claim, finding="x", at=NOW
        )

    def dispute_carelessly(self) -> None:
        """How it is often written: look whether something was asked back, then dispute."""
        if not Refund.objects.filter(bill=self.bill, transfer__isnull=False).exists():
            time.sleep(0.2)  # what else a request does meanwhile
            with transaction.atomic(), unprotected():
                Dispute.objects.create(
                    bill=self.bill, reason="x", until=NOW.date(), before_fen=self.bill.total_fen,
                    opened_at=NOW, opened_by=self.payback.owner.user,
                )  # fmt: skip
                Bill.objects.filter(pk=self.bill.pk).update(
                    status=BillStatus.DISPUTED, disputed_at=NOW,
                    disputed_by=self.payback.owner.user, dispute_reason="x",
                )  # fmt: skip


def test_without_locks_a_bill_is_disputed_and_paid_back() -> None:
    scene = Scene(Payback(City()))

    together([scene.confirm, scene.dispute_carelessly])

    assert Refund.objects.get().transfer_id is not None
    assert broken() != []


def test_two_confirmations_at_once_post_once_and_a_refusal_excludes_them() -> None:
    payback = Payback(City(), face_fen=30_000_000)
    colleague = accounts.member(payback.city.provider.organization, "provider_finance")
    for number in range(PAIRS):
        scene = Scene(payback)
        again = partial(refund_answers.confirm, by=colleague, claim=scene.claim, at=NOW)
        rival: Callable[[], Claim] = again if number % 2 else scene.send_back

        together([scene.confirm, rival])

        scene.claim.refresh_from_db()
        lines = ClaimLine.objects.filter(claim=scene.claim)
        posted = scene.claim.status == ClaimStatus.SUBMITTED
        assert lines.count() == (1 if posted else 0)
        assert posted or not number % 2
        if not posted:
            payback.send(scene.claim)
            scene.confirm()
    assert broken() == []


def test_claim_sent_back_and_disputed_at_once_is_never_paid_back_while_disputed() -> None:
    payback = Payback(City(), face_fen=30_000_000)
    for _number in range(PAIRS):
        scene = Scene(payback)
        scene.send_back()

        def dispute(scene: Scene = scene) -> Dispute:
            return disputes.open_dispute(by=payback.owner, bill=scene.bill, reason="x", at=NOW)

        def claim_again(scene: Scene = scene) -> Claim:
            payback.send(scene.claim)
            return scene.confirm()

        together([dispute, claim_again])

        scene.bill.refresh_from_db()
        paid_back = Refund.objects.filter(bill=scene.bill, transfer__isnull=False).exists()
        assert paid_back != (scene.bill.status == BillStatus.DISPUTED) or not paid_back
        Refund.objects.filter(claim=scene.claim, transfer__isnull=True).delete()
        Claim.objects.filter(pk=scene.claim.pk, status__in=["draft", "confirming"]).update(
            status=ClaimStatus.EMPTIED, amount_fen=0
        )
    assert broken() == []
