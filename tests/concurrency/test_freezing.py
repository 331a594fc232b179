"""Freezing a voucher against the tick that redeems it: once it is frozen, nothing moves on it any more.

RACE_PAIRS says how many pairs; `make chaos` plays 10,000.
"""

import os
import time
from collections.abc import Callable
from functools import partial

import pytest

from providers.models import Subscription
from tests.factories import accounts, grants, ledger, providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from tests.threads import together
from tests.vouchers.ledger.sql import broken
from vouchers.billing.actions.charging import rating
from vouchers.billing.actions.metering import usage
from vouchers.billing.models import Bill
from vouchers.grants.actions import wallets
from vouchers.grants.models import Voucher, VoucherStatus
from vouchers.ledger.actions import transfers
from vouchers.ledger.models import Account

pytestmark = pytest.mark.django_db(transaction=True)

PAIRS = int(os.environ.get("RACE_PAIRS", "100")) // 4 or 1
MILLION = 1_000_000


def left(voucher: Voucher) -> int:
    return Account.objects.get(pk=voucher.account_id).available_fen


class Scene:
    """A voucher that pays a subscription, and the officer who freezes it."""

    def __init__(self) -> None:
        office = accounts.bureau()
        plan = grants.scheme(office, rules=metered.RULES, budget_fen=10**12)
        self.officer = accounts.officer(office)
        self.contract: Subscription = providers.subscription()
        self.voucher = grants.voucher(self.contract.enterprise, plan, face_fen=10**9)
        self.payable = ledger.payable()

    def freeze(self) -> int:
        """Freeze, then say what was left on the voucher."""
        wallets.freeze(by=self.officer, voucher=self.voucher, reason="核查", at=NOW)
        return left(self.voucher)

    def thaw(self) -> None:
        self.voucher = wallets.unfreeze(
            by=self.officer, voucher=self.voucher, reason="无异常", at=NOW
        )

    def pay_carelessly(self) -> int:
        """How it is often written: look at the status, then pay."""
        if Voucher.objects.get(pk=self.voucher.pk).status == VoucherStatus.ACTIVE:
            time.sleep(0.1)  # what else a request does meanwhile
            account = Account.objects.get(pk=self.voucher.account_id)
            transfers.post(entries=[ledger.entry(account, self.payable, 100)], at=NOW)
        return 0

    def race(self, pay: Callable[[], object], *, first: bool) -> bool:
        """Whether what was left when the voucher had been frozen is what is left at the end."""
        pair: list[Callable[[], object]] = [self.freeze, pay]
        answers = together(pair if first else pair[::-1])
        frozen = answers[0 if first else 1]
        assert not [answer for answer in answers if isinstance(answer, Exception)], answers
        return frozen == left(self.voucher)


def test_without_the_lock_a_frozen_voucher_pays() -> None:
    scene = Scene()

    assert not all(_thawed(scene, number) for number in range(10))


def _thawed(scene: Scene, number: int) -> bool:
    held = scene.race(scene.pay_carelessly, first=bool(number % 2))
    scene.thaw()
    return held


def test_freeze_and_redemption_have_one_order() -> None:
    scene = Scene()
    by = metered.operator(scene.contract.offering.provider)
    send = partial(usage.ingest, by=by, at=NOW)
    paid_before = 0
    for number in range(PAIRS):
        send(events=[metered.report(scene.contract, quantities={"input_tokens": MILLION})])

        assert scene.race(lambda: rating.tick(at=NOW).failed, first=bool(number % 2))

        paid = Bill.objects.get().voucher_fen
        assert paid >= paid_before
        paid_before = paid
        scene.thaw()
    rating.tick(at=NOW)

    assert Bill.objects.get().total_fen == PAIRS * 200
    assert not any(broken(name) for name in ("I1", "I2", "I3"))
