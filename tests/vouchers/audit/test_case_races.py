"""Recoveries at the same moment as signatures and settlements: one effect, and the payable never below zero."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from accounts.models import Role
from tests.factories import accounts
from tests.factories.accounts import NOW
from tests.factories.cases import Desk
from tests.threads import together
from vouchers.audit.actions import conclusions, recoveries, settlements
from vouchers.audit.models import Case, CaseConclusion, Recovery, Settlement
from vouchers.grants.models import Scheme
from vouchers.ledger.actions import accounts as ledger_accounts
from vouchers.ledger.kinds import AccountKind

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 16
ROUNDS = 4


def ready() -> tuple[Desk, Case, CaseConclusion]:
    """A passed claim of 3,000 fen and a conclusion over it, signed once, that recovers 2,000."""
    desk = Desk()
    case = desk.case(desk.city.passed(3_000).lines.get().bill)
    conclusion = desk.recovering(case, 2_000)
    conclusions.sign(by=desk.first, case=case, content_sha256=conclusion.content_sha256, at=NOW)
    return desk, case, conclusion


def owed_after_payment_fen(desk: Desk) -> int:
    """What the ledger owes the provider once every batch there is has been paid."""
    key = f"{desk.city.scheme.code}/{desk.city.provider.code}"
    account = ledger_accounts.get_or_open(kind=AccountKind.PROVIDER_PAYABLE, key=key)
    batches = Settlement.objects.filter(scheme=desk.city.scheme).values_list("total_fen", flat=True)
    return ledger_accounts.balance_fen(account=account) - sum(batches)


def at_once() -> int:
    """Second signature and settlement at the same moment; answers what is owed afterwards."""
    desk, case, conclusion = ready()
    works: list[Callable[[], object]] = [
        partial(
            conclusions.sign, by=desk.second, case=case,
            content_sha256=conclusion.content_sha256, at=NOW,
        ),
        partial(settlements.create, by=desk.city.officer, scheme=desk.city.scheme, at=NOW),
    ]  # fmt: skip
    together(works)
    assert Recovery.objects.get(case=case).amount_fen == 2_000
    assert Settlement.objects.filter(scheme=desk.city.scheme).count() == 1
    return owed_after_payment_fen(desk)


def test_16_second_signers_recover_once() -> None:
    desk, case, conclusion = ready()
    signers = [accounts.member(desk.city.scheme.bureau, Role.AUDITOR) for _ in range(THREADS)]

    answers: list[Any] = together(
        [
            partial(
                conclusions.sign, by=each, case=case, content_sha256=conclusion.content_sha256,
                at=NOW,
            )
            for each in signers
        ]
    )  # fmt: skip

    assert sum(not isinstance(answer, Exception) for answer in answers) == 1
    assert Recovery.objects.get().clawed_fen == 2_000


def test_recovery_and_settlement_at_once_pay_too_much_without_the_lock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def meet(scheme: Scheme) -> None:
        barrier.wait(timeout=20)

    found = []
    for _round in range(ROUNDS):
        barrier = threading.Barrier(2)
        monkeypatch.setattr(recoveries, "lock_payable", meet)
        found.append(at_once())

    assert min(found) == -2_000, "else the race was never met and the next test shows nothing"


def test_recovery_and_settlement_at_once_take_turns_with_the_lock() -> None:
    assert {at_once() for _round in range(ROUNDS)} == {0}
