"""What the bank made of a signed settlement: payments booked, and taken back when money returned."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common import states
from common.errors import DomainError
from common.money import yuan_text
from vouchers.audit import notifying
from vouchers.audit.actions import claims as claim_actions
from vouchers.audit.actions import settlements
from vouchers.audit.models import Claim, ClaimStatus, Payment, PaymentStatus, Settlement
from vouchers.audit.models import SettlementStatus as Status
from vouchers.audit.rules import results
from vouchers.audit.rules.results import Result, Row
from vouchers.ledger.actions import accounts, transfers
from vouchers.ledger.kinds import AccountKind

TRANSITIONS: states.Transitions = {
    PaymentStatus.WAITING: frozenset({PaymentStatus.PAID, PaymentStatus.RETURNED}),
    PaymentStatus.PAID: frozenset({PaymentStatus.RETURNED}),
}


class UnreadableResults(DomainError):
    """The file is no answer to a payment file."""

    code = "unreadable_results"


class FaultyResults(DomainError):
    """Some rows cannot be taken: none was. `rows` are all rows with what is wrong."""

    code = "faulty_results"

    def __init__(self, rows: Sequence[Row]) -> None:
        super().__init__(
            _("Some rows do not fit the settlement, so nothing was recorded. Mend them and retry.")
        )
        self.rows = rows


@dataclass(frozen=True, slots=True)
class Told:
    """One payment's result."""

    payment: Payment
    result: Result
    serial: str = ""
    reason: str = ""


@transaction.atomic
def pay(*, by: Actor, settlement: Settlement, at: datetime) -> Settlement:
    """Record that the bank carried out every payment that still waits.

    Transfer ids come from batch and provider, so a second call finds the first one's effect and
    answers the same. Locks the settlement. Raises NotSigned, WrongContent.
    """
    by.require(Permission.SETTLEMENT_PREPARE)
    locked = settlements.locked_batch(by, settlement)
    if locked.status == Status.PAID:
        return locked
    settlements.require_signed(locked)
    waiting = locked.payments.filter(status=PaymentStatus.WAITING)
    rows = waiting.with_payees().select_related("replaces__settlement").order_by("pk")
    _book(by, locked, [Told(payment, Result.PAID) for payment in rows], at)
    return locked


@transaction.atomic
def record(
    *, by: Actor, settlement: Settlement, content: bytes, at: datetime, is_trial: bool = False
) -> list[Row]:
    """Record the bank's answer file; the rows tell what each one changes, or would in a trial.

    All or nothing; the same file again changes nothing. Paid: the money leaves the ledger's payable;
    returned: it is owed again, and the next batch of the scheme pays it anew. Locks the settlement.
    Raises UnreadableResults, NotSigned, WrongContent, and FaultyResults unless it is a trial.
    """
    by.require(Permission.SETTLEMENT_PREPARE)
    locked = settlements.locked_batch(by, settlement)
    settlements.require_signed(locked)
    rows = locked.payments.with_payees().select_related("replaces__settlement")
    payments = dict(enumerate(rows.order_by("pk"), start=1))
    known = {
        position: results.Known(payment.amount_fen, _result(payment))
        for position, payment in payments.items()
    }
    try:
        read = results.read(content, known)
    except results.BadFile as error:
        words = _(
            "The file is no table with the columns %(columns)s. Fill in the payment file."
        ) % {"columns": ", ".join(results.COLUMNS)}
        raise UnreadableResults(words, errors={"file": words}) from error
    if is_trial:
        return read
    if any(row.fault for row in read):
        raise FaultyResults(read)
    told = [
        Told(payments[row.position], row.result, row.serial, row.reason)
        for row in read
        if row.is_new and row.result
    ]
    _book(by, locked, told, at)
    return read


def _result(payment: Payment) -> Result | None:
    return None if payment.status == PaymentStatus.WAITING else Result(payment.status)


def _book(by: Actor, settlement: Settlement, told: Sequence[Told], at: datetime) -> None:
    """Book each result with its transfer, move the claims, and close the batch when none waits."""
    entries = {each.payment.pk: entry for each in told if (entry := _entry(settlement, each))}
    transfers.post(entries=list(entries.values()), at=at)
    for each in told:
        _move(each, entries.get(each.payment.pk))
        _move_claims(by, settlement, each, at)
        data = {
            "payee": each.payment.payee_code,
            "amount": yuan_text(each.payment.amount_fen),
            "serial": each.serial,
            "reason": each.reason,
        }
        trail.record(by=by, at=at, verb=f"payment_{each.result}", subject=settlement, data=data)
    if settlement.status == Status.SIGNED and not _waits(settlement):
        states.move(
            settlement,
            to=Status.PAID,
            transitions=settlements.TRANSITIONS,
            paid_at=at,
            paid_by=by.user,
        )
        count = settlement.payments.count()
        trail.record(by=by, at=at, verb="pay", subject=settlement, data={"payments": count})
    notifying.payments_told(
        settlement=settlement,
        paid=_of(told, Result.PAID),
        returned=_of(told, Result.RETURNED),
        at=at,
    )


def _of(told: Iterable[Told], result: Result) -> list[Payment]:
    return [each.payment for each in told if each.result == result]


def _waits(settlement: Settlement) -> bool:
    return settlement.payments.filter(status=PaymentStatus.WAITING).exists()


def _move(told: Told, entry: transfers.Entry | None) -> None:
    """The payment's new state; a returned one that was booked names the transfer that took it back."""
    booked = entry.id if entry else None
    changes: dict[str, Any] = (
        {"transfer_id": booked}
        if told.result == Result.PAID
        else {"return_reason": told.reason, "reversal_id": booked}
    )
    states.move(
        told.payment,
        to=PaymentStatus(told.result),
        transitions=TRANSITIONS,
        bank_serial=told.serial or told.payment.bank_serial,
        **changes,
    )


def _move_claims(by: Actor, settlement: Settlement, told: Told, at: datetime) -> None:
    """The claims behind a payment are paid with it, and wait again when it is returned."""
    root = told.payment
    while root.replaces is not None:
        root = root.replaces
    target = ClaimStatus.PAID if told.result == Result.PAID else ClaimStatus.SETTLING
    claims = Claim.objects.filter(settlement=root.settlement_id, enterprise=root.enterprise_id)
    if root.provider_id:
        claims = claims.filter(provider=root.provider_id)
    for claim in claims.exclude(status=target).order_by("pk"):
        states.move(claim, to=target, transitions=claim_actions.TRANSITIONS)
        verb = "pay" if told.result == Result.PAID else "payment_returned"
        data = {"settlement": settlement.code, "finding": told.reason}
        trail.record(by=by, at=at, verb=verb, subject=claim, data=data)


def _entry(settlement: Settlement, told: Told) -> transfers.Entry | None:
    """Payable → paid out, or that taken back; none for what came back before it was booked."""
    payment = told.payment
    if told.result == Result.RETURNED:
        if payment.transfer is None:
            return None
        return transfers.reversal(original=payment.transfer, reference=settlement.code)
    scheme, payee = settlement.scheme.code, payment.payee_code
    kind = AccountKind.PROVIDER_PAYABLE if payment.provider else AccountKind.ENTERPRISE_PAYABLE
    owed = accounts.get_or_open(kind=kind, key=f"{scheme}/{payee}")
    paid = accounts.get_or_open(kind=AccountKind.PAID_OUT, key=scheme)
    repeats = [payment.replaces.settlement.code] if payment.replaces else []
    return transfers.Entry(
        id=transfers.derive_id("settlement payment", settlement.code, payee, *repeats),
        debit=owed.pk,
        credit=paid.pk,
        amount_fen=payment.amount_fen,
        reason="payment",
        reference=settlement.code,
    )
