"""Random lives of a small ledger against a model in plain Python; invariants after each step.

Each step checks every account and every transfer of the life in one query; the full queries of I1 to I4 run every
FULL_EVERY steps. STATEFUL_STEPS sets how many steps are played: 20,000 in the test run, a million in `make chaos`.
"""

import itertools
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
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
from vouchers.ledger.actions import holds, invariants, procedures, transfers
from vouchers.ledger.kinds import GUARDED_KINDS, AccountKind
from vouchers.ledger.models import Account, Transfer

from .sql import broken

Answer = TypeVar("Answer")

STEPS = int(os.environ.get("STATEFUL_STEPS", "20000"))
STEPS_OF_A_LIFE = 200
LIVES_OF_A_RUN = 20
FULL_EVERY = 50
FACE_FEN = 10_000

START = datetime.fromisoformat("2126-01-01T00:00:00+00:00")
"""Far ahead of the real clock, so that no open hold is overdue for I4."""

FOLD = """
SELECT a.id, a.debits_pending_fen, a.debits_posted_fen, a.credits_pending_fen, a.credits_posted_fen,
       coalesce(f.debits_pending, 0), coalesce(f.debits_posted, 0),
       coalesce(f.credits_pending, 0), coalesce(f.credits_posted, 0)
FROM vouchers_account a LEFT JOIN LATERAL (
    SELECT sum(t.amount_fen) FILTER (WHERE t.kind = 'hold' AND NOT ended AND debited) AS debits_pending,
           sum(t.amount_fen) FILTER (WHERE t.kind IN ('single', 'capture') AND debited) AS debits_posted,
           sum(t.amount_fen) FILTER (WHERE t.kind = 'hold' AND NOT ended AND NOT debited) AS credits_pending,
           sum(t.amount_fen) FILTER (WHERE t.kind IN ('single', 'capture') AND NOT debited) AS credits_posted
    FROM vouchers_transfer t
    LEFT JOIN vouchers_hold h ON h.transfer_id = t.id
    CROSS JOIN LATERAL (SELECT t.debit_account_id = a.id AS debited, h.resolved_with_id IS NOT NULL AS ended) s
    WHERE t.debit_account_id = a.id OR t.credit_account_id = a.id
) f ON true
WHERE a.id = ANY (%s)
"""

lives = itertools.count(1)
steps = itertools.count(1)


class LedgerLife(RuleBasedStateMachine):
    """Budget issues under a cap, two vouchers pay a provider; holds, linked sets, reversals, expiry, claw back."""

    open_holds = Bundle("open_holds")
    movements = Bundle("movements")

    @initialize()
    def begin(self) -> None:
        """Open the accounts inside a transaction that the end of the life rolls back."""
        self.frame = transaction.atomic()
        self.frame.__enter__()
        self.at = START
        life, names = next(lives), itertools.count(1)
        self.name: Callable[[], str] = lambda: f"life-{life}-{next(names)}"
        kinds = [
            AccountKind.TREASURY,
            AccountKind.PROVIDER_PAYABLE,
            AccountKind.CAP_USED,
            AccountKind.SCHEME_BUDGET,
            AccountKind.CAP,
            AccountKind.VOUCHER,
            AccountKind.VOUCHER,
        ]
        treasury, self.payable, self.used, self.budget, self.cap, *self.vouchers = (
            Account.objects.bulk_create(
                Account(kind=kind, key=self.name(), is_guarded=kind in GUARDED_KINDS)
                for kind in kinds
            )
        )
        funds = {self.budget: FACE_FEN, self.cap: FACE_FEN * 2 // 3}
        entries = [
            ledger.entry(treasury, account, fen, self.name()) for account, fen in funds.items()
        ]
        transfers.post(entries=entries, at=START)
        self.free = {self.budget.pk: FACE_FEN, self.cap.pk: FACE_FEN * 2 // 3}
        self.free |= {voucher.pk: 0 for voucher in self.vouchers}
        self.pending: dict[Transfer, datetime] = {}
        self.reversed: set[UUID] = set()
        self.frozen: set[int] = set()
        self.paid = 0

    def _try(self, work: Callable[[], Answer], *, allowed: bool) -> Answer | None:
        try:
            done = work()
        except DomainError:
            assert not allowed
            return None
        assert allowed
        return done

    def _post(self, fen: int, *pairs: tuple[Account, Account]) -> list[Transfer] | None:
        """Post one linked set of an amount; the model moves with it."""
        entries = [ledger.entry(debit, credit, fen, self.name()) for debit, credit in pairs]
        fits = all(self.free.get(debit.pk, fen) >= fen for debit, _ in pairs)
        done = self._try(
            lambda: transfers.post(entries=entries, at=self.at), allowed=fen > 0 and fits
        )
        for debit, credit in pairs if done else ():
            self._move(debit.pk, credit.pk, fen)
        return done

    def _move(self, debit: int, credit: int, fen: int) -> None:
        if debit in self.free:
            self.free[debit] -= fen
        if credit in self.free:
            self.free[credit] += fen
        self.paid += fen * ((credit == self.payable.pk) - (debit == self.payable.pk))

    @rule(target=movements, to=st.integers(0, 1), fen=st.integers(-1, 4000))
    def issue(self, to: int, fen: int) -> object:
        """Budget to voucher and cap to cap used: one linked set, both or neither."""
        done = self._post(fen, (self.budget, self.vouchers[to]), (self.cap, self.used))
        return done[0] if done else None

    @rule(target=movements, of=st.integers(0, 1), fen=st.integers(0, 3000))
    def redeem(self, of: int, fen: int) -> object:
        if self.vouchers[of].pk in self.frozen:
            return None
        done = self._post(fen, (self.vouchers[of], self.payable))
        return done[0] if done else None

    @rule(fen=st.integers(1, 3000))
    def redeem_from_both(self, fen: int) -> None:
        if not self.frozen:
            self._post(fen, *((voucher, self.payable) for voucher in self.vouchers))

    @rule(of=st.integers(0, 1))
    def freeze_or_thaw(self, of: int) -> None:
        """A frozen voucher takes no new work; what is on the ledger stays as it is."""
        self.frozen ^= {self.vouchers[of].pk}

    @rule(of=st.integers(0, 1))
    def revoke_what_is_left(self, of: int) -> None:
        voucher = self.vouchers[of]
        self._post(self.free[voucher.pk], (voucher, self.budget))

    @rule(fen=st.integers(1, 2000))
    def claw_back(self, fen: int) -> None:
        """The provider gives back to the budget; never more than it was paid."""
        if fen <= self.paid:
            self._post(fen, (self.payable, self.budget))

    @rule(
        target=open_holds, of=st.integers(0, 1), fen=st.integers(1, 3000), hours=st.integers(1, 5)
    )
    def hold(self, of: int, fen: int, hours: int) -> object:
        voucher, end = self.vouchers[of], self.at + timedelta(hours=hours)
        entry = ledger.entry(voucher, self.payable, fen, self.name())
        held = self._try(
            lambda: holds.place(entry=entry, expires_at=end, at=self.at),
            allowed=self.free[voucher.pk] >= fen,
        )
        return self._held([held] if held else [], end)

    @rule(target=open_holds, fen=st.integers(1, 2000), hours=st.integers(1, 5))
    def hold_linked(self, fen: int, hours: int) -> object:
        end = self.at + timedelta(hours=hours)
        entries = [
            ledger.entry(voucher, self.payable, fen, self.name()) for voucher in self.vouchers
        ]
        held = self._try(
            lambda: holds.place_linked(entries=entries, expires_at=end, at=self.at),
            allowed=all(self.free[voucher.pk] >= fen for voucher in self.vouchers),
        )
        return self._held(held or [], end)

    @rule(fen=st.integers(1, 1500), count=st.integers(1, 4))
    def hold_each(self, fen: int, count: int) -> None:
        """A batch in which each hold answers for itself, in order."""
        voucher, end = self.vouchers[0], self.at + timedelta(hours=1)
        entries = [ledger.entry(voucher, self.payable, fen, self.name()) for _ in range(count)]
        affordable = min(count, self.free[voucher.pk] // fen)

        answers = holds.place_each(entries=entries, expires_at=end, at=self.at)

        outcomes = [answer.outcome for answer in answers]
        assert outcomes == ["written"] * affordable + ["insufficient"] * (count - affordable)
        self._held([Transfer.objects.get(pk=entry.id) for entry in entries[:affordable]], end)

    def _held(self, placed: list[Transfer], end: datetime) -> Transfer | None:
        for held in placed:
            self.free[held.debit_account_id] -= held.amount_fen
            self.pending[held] = end
        return placed[0] if placed else None

    def _ended(self, held: Transfer, captured_fen: int = 0) -> None:
        del self.pending[held]
        self.free[held.debit_account_id] += held.amount_fen - captured_fen
        self.paid += captured_fen

    @rule(held=open_holds, share=st.integers(1, 110))
    def capture(self, held: Transfer | None, share: int) -> None:
        if held is None:
            return
        fen = max(1, held.amount_fen * share // 100)
        allowed = self.pending.get(held, self.at) > self.at and fen <= held.amount_fen
        try:
            holds.capture(held=held, amount_fen=fen, at=self.at)
        except DomainError:
            assert not allowed
            return
        if held in self.pending:
            assert allowed
            self._ended(held, fen)

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
            self._ended(held)

    @rule(held=open_holds, hours=st.integers(1, 9))
    def extend(self, held: Transfer | None, hours: int) -> None:
        if held is None:
            return
        allowed = self.pending.get(held, self.at) > self.at
        end = self.at + timedelta(hours=hours)
        self._try(lambda: holds.extend(held=held, expires_at=end, at=self.at), allowed=allowed)
        if allowed:
            self.pending[held] = max(end, self.pending[held])

    @rule(movement=movements)
    def reverse(self, movement: Transfer | None) -> None:
        if movement is None:
            return
        debit, credit, fen = (
            movement.credit_account_id,
            movement.debit_account_id,
            movement.amount_fen,
        )
        known = movement.pk in self.reversed
        self._try(
            lambda: transfers.reverse(original=movement, at=self.at, reference="mistake"),
            allowed=known or self.free.get(debit, fen) >= fen,
        )
        written = Transfer.objects.filter(reverses=movement).exists()
        if written and not known:
            self.reversed.add(movement.pk)
            self._move(debit, credit, fen)

    @rule(hours=st.integers(1, 4))
    def wait_and_expire(self, hours: int) -> None:
        self.at += timedelta(hours=hours)
        due = [held for held, end in self.pending.items() if end <= self.at]
        assert holds.expire_due(at=self.at) == len(due)
        for held in due:
            self._ended(held)

    @invariant()
    def model_and_ledger_agree(self) -> None:
        if not hasattr(self, "frame"):
            return
        found = procedures.call(FOLD, [list(self.free)])
        rows = {row[0]: (row[1:5], row[5:9]) for row in found}
        for pk, (counted, folded) in rows.items():
            debits_pending, debits_posted, _credits_pending, credits_posted = counted
            held = sum(each.amount_fen for each in self.pending if each.debit_account_id == pk)
            assert counted == folded
            assert debits_pending == held
            assert credits_posted - debits_posted - debits_pending == self.free[pk] >= 0
        held = sum(each.amount_fen for each in self.pending)
        assert sum(self.free.values()) - self.free[self.cap.pk] + held + self.paid == FACE_FEN

    @invariant()
    def invariants_hold(self) -> None:
        if hasattr(self, "frame") and next(steps) % FULL_EVERY == 0:
            assert not [name for name in invariants.QUERIES if broken(name)]

    def teardown(self) -> None:
        """Roll the whole life back."""
        if hasattr(self, "frame"):
            transaction.set_rollback(True)
            self.frame.__exit__(None, None, None)


@pytest.mark.django_db(transaction=True)
def test_random_lives_keep_every_invariant() -> None:
    while next(steps) < STEPS:
        run_state_machine_as_test(
            LedgerLife,
            settings=settings(
                max_examples=LIVES_OF_A_RUN,
                stateful_step_count=STEPS_OF_A_LIFE,
                deadline=None,
                database=None,
                phases=[Phase.generate, Phase.shrink],
                suppress_health_check=list(HealthCheck),
            ),
        )
