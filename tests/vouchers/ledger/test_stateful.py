"""A random life of three accounts against a model in plain Python; invariants after each step."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from common.errors import DomainError
from tests.factories import ledger
from vouchers.ledger.actions import holds, invariants, transfers
from vouchers.ledger.kinds import AccountKind
from vouchers.ledger.models import Account, Transfer

from .sql import broken

Answer = TypeVar("Answer")

START = datetime.fromisoformat("2126-01-01T00:00:00+00:00")
"""Far ahead of the real clock, so that no open hold is overdue for I4."""


class LedgerLife(RuleBasedStateMachine):
    """Budget issues to a voucher, the voucher pays a provider; holds, reversals and expiry in between."""

    open_holds = Bundle("open_holds")
    movements = Bundle("movements")

    @initialize()
    def begin(self) -> None:
        """Open the accounts inside a transaction that the end of the life rolls back."""
        self.frame = transaction.atomic()
        self.frame.__enter__()
        self.at = START
        self.budget = ledger.account(AccountKind.SCHEME_BUDGET, 10_000)
        self.voucher, self.payable = ledger.account(), ledger.payable()
        self.free = {self.budget.pk: 10_000, self.voucher.pk: 0}
        self.pending: dict[Transfer, datetime] = {}
        self.reversed: set[UUID] = set()
        self.paid = 0

    def _try(self, pk: int, fen: int, work: Callable[[], Answer]) -> Answer | None:
        allowed = 0 < fen <= self.free[pk]
        try:
            done = work()
        except DomainError:
            assert not allowed
            return None
        assert allowed
        return done

    @rule(target=movements, fen=st.integers(-1, 6000))
    def issue(self, fen: int) -> object:
        moved = self._try(self.budget.pk, fen, lambda: ledger.move(self.budget, self.voucher, fen))
        if moved is not None:
            self.free[self.budget.pk] -= fen
            self.free[self.voucher.pk] += fen
        return ("issue", moved, fen)

    @rule(target=movements, fen=st.integers(0, 4000))
    def redeem(self, fen: int) -> object:
        moved = self._try(
            self.voucher.pk, fen, lambda: ledger.move(self.voucher, self.payable, fen)
        )
        if moved is not None:
            self.free[self.voucher.pk] -= fen
            self.paid += fen
        return ("redeem", moved, fen)

    @rule(target=open_holds, fen=st.integers(1, 4000), hours=st.integers(1, 5))
    def hold(self, fen: int, hours: int) -> object:
        end = self.at + timedelta(hours=hours)
        entry = ledger.entry(self.voucher, self.payable, fen)
        held = self._try(
            self.voucher.pk, fen, lambda: holds.place(entry=entry, expires_at=end, at=self.at)
        )
        if isinstance(held, Transfer):
            self.free[self.voucher.pk] -= fen
            self.pending[held] = end
        return held

    @rule(held=open_holds, share=st.integers(1, 100))
    def capture(self, held: Transfer | None, share: int) -> None:
        if held is None:
            return
        fen = max(1, held.amount_fen * share // 100)
        allowed = held in self.pending and self.pending[held] > self.at
        try:
            holds.capture(held=held, amount_fen=fen, at=self.at)
        except DomainError:
            assert not allowed
            return
        if held in self.pending:
            assert allowed
            del self.pending[held]
            self.free[self.voucher.pk] += held.amount_fen - fen
            self.paid += fen

    @rule(held=consumes(open_holds))
    def release(self, held: Transfer | None) -> None:
        if held is None:
            return
        try:
            holds.release(held=held, at=self.at)
        except holds.HoldResolved:
            assert held not in self.pending
            return
        if held in self.pending:
            del self.pending[held]
            self.free[self.voucher.pk] += held.amount_fen

    @rule(held=open_holds, hours=st.integers(1, 9))
    def extend(self, held: Transfer | None, hours: int) -> None:
        if held is None:
            return
        allowed = held in self.pending and self.pending[held] > self.at
        end = self.at + timedelta(hours=hours)
        try:
            holds.extend(held=held, expires_at=end, at=self.at)
        except DomainError:
            assert not allowed
            return
        assert allowed
        self.pending[held] = max(end, self.pending[held])

    @rule(movement=movements)
    def reverse(self, movement: tuple[str, UUID | None, int]) -> None:
        name, moved, fen = movement
        if moved is None:
            return
        debtor = self.voucher.pk if name == "issue" else None
        allowed = moved in self.reversed or debtor is None or self.free[debtor] >= fen
        try:
            transfers.reverse(
                original=Transfer.objects.get(pk=moved), at=self.at, reference=f"reverse {moved}"
            )
        except transfers.InsufficientFunds:
            assert not allowed
            return
        assert allowed
        if moved in self.reversed:
            return
        self.reversed.add(moved)
        if name == "issue":
            self.free[self.voucher.pk] -= fen
            self.free[self.budget.pk] += fen
        else:
            self.free[self.voucher.pk] += fen
            self.paid -= fen

    @rule(hours=st.integers(1, 4))
    def wait_and_expire(self, hours: int) -> None:
        self.at += timedelta(hours=hours)
        due = [held for held, end in self.pending.items() if end <= self.at]
        assert holds.expire_due(at=self.at) == len(due)
        for held in due:
            self.free[self.voucher.pk] += held.amount_fen
            del self.pending[held]

    @invariant()
    def model_and_ledger_agree(self) -> None:
        if not hasattr(self, "frame"):
            return
        for pk, fen in self.free.items():
            assert Account.objects.get(pk=pk).available_fen == fen
        held = sum(each.amount_fen for each in self.pending)
        assert Account.objects.get(pk=self.voucher.pk).debits_pending_fen == held
        assert sum(self.free.values()) + held + self.paid == 10_000

    @invariant()
    def invariants_hold(self) -> None:
        if hasattr(self, "frame"):
            assert not [name for name in invariants.QUERIES if broken(name)]

    def teardown(self) -> None:
        """Roll the whole life back."""
        if hasattr(self, "frame"):
            transaction.set_rollback(True)
            self.frame.__exit__(None, None, None)


@pytest.mark.django_db(transaction=True)
def test_random_lives_keep_every_invariant() -> None:
    run_state_machine_as_test(
        LedgerLife,
        settings=settings(
            max_examples=12,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
