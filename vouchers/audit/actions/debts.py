"""Debts of recoveries: received money is recorded, a wrong record is taken back, the debtor is told in time."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.models import Organization
from accounts.permissions import Permission
from common.errors import Conflict, DomainError, Forbidden
from common.money import yuan_text
from common.periods import local_day
from vouchers.audit import notifying_debts
from vouchers.audit.actions import payees
from vouchers.audit.models import CollectionAccount, Recovery, Repayment, WriteOff, WriteOffStatus
from vouchers.audit.rules import terms
from vouchers.ledger.actions import accounts, transfers
from vouchers.ledger.kinds import AccountKind

MAX_REFERENCE = 60


class DebtInvalid(DomainError):
    """What was entered cannot be recorded; `errors` names each field."""

    code = "debt_invalid"


class MoreThanLeft(Conflict):
    """The amount is above what is still owed."""

    code = "more_than_left"


@dataclass(frozen=True, slots=True)
class Debt:
    """One debt with what became of it, in fen: due = repaid + written off + left."""

    recovery: Recovery
    repaid_fen: int
    written_off_fen: int
    today: date

    @property
    def left_fen(self) -> int:
        """What is still owed."""
        return self.recovery.due_fen - self.repaid_fen - self.written_off_fen

    @property
    def is_overdue(self) -> bool:
        """Something is owed and its last day is past."""
        last = self.recovery.due_on
        return self.left_fen > 0 and last is not None and self.today > last


def of_bureau(bureau: Organization | None) -> QuerySet[Recovery]:
    """Recoveries of its schemes that left a debt, the latest first."""
    return _rows().filter(scheme__bureau=bureau)


def of_debtor(debtor: Organization | None) -> QuerySet[Recovery]:
    """What an organization owes or owed, to whatever bureau, the latest first."""
    return _rows().filter(debtor=debtor)


def shown(*, rows: Sequence[Recovery], today: date) -> list[Debt]:
    """Each debt with its sums. Two queries."""
    keys = [row.pk for row in rows]
    repaid, written = dict.fromkeys(keys, 0), dict.fromkeys(keys, 0)
    for each in Repayment.objects.filter(recovery__in=keys):
        repaid[each.recovery_id] += each.amount_fen * (-1 if each.undoes_id else 1)
    for off in WriteOff.objects.filter(recovery__in=keys, status=WriteOffStatus.APPROVED):
        written[off.recovery_id] += off.amount_fen
    return [Debt(row, repaid[row.pk], written[row.pk], today) for row in rows]


def history(*, recovery: Recovery) -> list[Repayment]:
    """What was recorded for a debt in order, each with `is_undone`. One query."""
    rows = list(recovery.repayments.order_by("pk"))
    undone = {row.undoes_id for row in rows}
    for row in rows:
        row.is_undone = row.pk in undone
    return rows


def of(*, recovery: Recovery, today: date) -> Debt:
    """One debt with its sums."""
    return shown(rows=[recovery], today=today)[0]


@transaction.atomic
def record(
    *, by: Actor, recovery: Recovery, amount_fen: int, reference: str, received_on: date,
    at: datetime,
) -> Repayment:  # fmt: skip
    """Record what the bureau's bank received for a debt: bank → receivable. Parts are taken, never more than is left.

    `reference` is the bank's serial number; after a record was taken back it counts anew. The same receipt again
    answers the first one; recorded before for something else, also as a firm's deposit, it raises
    TransferConflict. Locks the recovery. Raises DebtInvalid, MoreThanLeft, Forbidden.
    """
    by.require(Permission.FUNDS_RECORD)
    locked = lock(by=by, recovery=recovery)
    serial = _valid(amount_fen, reference, received_on, local_day(at))
    taken_back = Repayment.objects.filter(
        reference=serial, undoes__isnull=False, recovery__scheme__bureau=by.own()
    ).count()
    entry = transfers.Entry(
        id=transfers.derive_id(
            "deposit", by.own().code, serial, *([taken_back] if taken_back else [])
        ),
        debit=accounts.get_or_open(kind=AccountKind.BANK, key=by.own().code).pk,
        credit=receivable(locked),
        amount_fen=amount_fen,
        reason="repayment",
        reference=serial,
    )
    known = Repayment.objects.filter(transfer=entry.id, recovery=locked).first()
    if known is None or known.amount_fen != amount_fen:
        if known is None:
            require_left(locked, amount_fen, local_day(at))
        [answer] = transfers.post_sets(sets=[[entry]], at=at)
        answer.require_new()
        known = Repayment.objects.create(
            recovery=locked, amount_fen=amount_fen, reference=serial, received_on=received_on,
            transfer_id=entry.id, recorded_at=at, recorded_by=by.user,
        )  # fmt: skip
        data = {"amount": yuan_text(amount_fen), "reference": serial}
        trail.record(by=by, at=at, verb="repaid", subject=locked.case, data=data)
        left_fen = of(recovery=locked, today=local_day(at)).left_fen
        notifying_debts.received(repayment=known, left_fen=left_fen, at=at)
    return known


@transaction.atomic
def take_back(*, by: Actor, repayment: Repayment, reason: str, at: datetime) -> Repayment:
    """Take a wrong record back whole, by a reversal on the ledger; the debt is owed again.

    At most once; again it answers the first one. Locks the recovery. Raises DebtInvalid, Forbidden.
    """
    by.require(Permission.FUNDS_RECORD)
    locked = lock(by=by, recovery=repayment.recovery)
    said = words(reason)
    if repayment.undoes_id is not None:
        raise DebtInvalid(_("This entry takes a record back. Record the receipt anew instead."))
    known = Repayment.objects.filter(undoes=repayment).first()
    if known is not None:
        return known
    entry = transfers.reversal(original=repayment.transfer, reference=locked.case.code)
    transfers.post(entries=[entry], at=at)
    made = Repayment.objects.create(
        recovery=locked, amount_fen=repayment.amount_fen, reference=repayment.reference,
        received_on=repayment.received_on, undoes=repayment, reason=said,
        transfer_id=entry.id, recorded_at=at, recorded_by=by.user,
    )  # fmt: skip
    data = {"amount": yuan_text(made.amount_fen), "reference": made.reference, "reason": said}
    trail.record(by=by, at=at, verb="repayment_taken_back", subject=locked.case, data=data)
    return made


def remind_due(*, at: datetime) -> int:
    """Tell debtors a week before the last day, when it is past, and each thirty days after; and the bureau.

    An idempotent tick: each occasion is told once. Returns how many debts are due or overdue.
    """
    today = local_day(at)
    rows = _rows().filter(due_on__lte=today + terms.WARNED_BEFORE)
    told = [debt for debt in shown(rows=list(rows), today=today) if debt.left_fen > 0]
    for debt in told:
        last = debt.recovery.due_on
        word = terms.occasion(last=last, today=today) if last else ""
        if word:
            with transaction.atomic():
                notifying_debts.due(
                    recovery=debt.recovery, left_fen=debt.left_fen, occasion=word, at=at
                )
    return len(told)


@transaction.atomic
def state_account(
    *, by: Actor, holder: str, bank_name: str, account_number: str, at: datetime
) -> CollectionAccount:
    """State where debts are to be paid to the own bureau. By a person, never with a key. Raises AccountRefused."""
    by.require(Permission.FUNDS_RECORD)
    if by.key is not None:
        raise Forbidden(_("A bank account is stated by a person, not with an API key. Sign in."))
    name = " ".join(unicodedata.normalize("NFKC", holder).split())
    bank = " ".join(unicodedata.normalize("NFKC", bank_name).split())
    number = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", account_number))
    errors = payees.faults(bank, number)
    if not 0 < len(name) <= 100 or not name.isprintable():
        errors["holder"] = _("Enter the account's holder, at most 100 characters.")
    if errors:
        raise payees.AccountRefused(
            _("The bank account is not complete. See the fields."), errors=errors
        )
    made = CollectionAccount.objects.create(
        bureau=by.own(), holder=name, bank_name=bank, account_number=number, stated_at=at,
        stated_by=by.user,
    )  # fmt: skip
    data = {"bank_name": bank, "account_ending": number[-4:]}
    trail.record(by=by, at=at, verb="state_account", subject=by.own(), data=data)
    return made


def account_of(bureau: Organization) -> CollectionAccount | None:
    """Where the bureau wants debts to be paid; None when it stated nothing."""
    return CollectionAccount.objects.filter(bureau=bureau).order_by("-pk").first()


def lock(*, by: Actor, recovery: Recovery) -> Recovery:
    """The debt of the own bureau, locked. Raises Forbidden for another bureau's."""
    rows = Recovery.objects.select_for_update(of=("self",)).select_related(
        "case", "scheme__bureau", "debtor"
    )
    locked = rows.get(pk=recovery.pk)
    if locked.scheme.bureau_id != by.own().pk:
        raise Forbidden(_("This debt is owed to another bureau."))
    return locked


def receivable(recovery: Recovery) -> int:
    """Primary key of the account on which the debt stands."""
    key = f"{recovery.scheme.code}/{recovery.debtor.code}"
    return accounts.get_or_open(kind=AccountKind.RECEIVABLE, key=key).pk


def require_left(recovery: Recovery, amount_fen: int, today: date) -> None:
    """Raise MoreThanLeft for an amount above what is still owed; to be called behind the lock."""
    left_fen = of(recovery=recovery, today=today).left_fen
    if amount_fen > left_fen:
        said = _("Only %(left)s yuan are still owed. Record that part and give the rest back.")
        raise MoreThanLeft(said % {"left": yuan_text(left_fen)})


def words(reason: str) -> str:
    """The reason as kept; DebtInvalid without one."""
    said = " ".join(reason.split())
    if not 0 < len(said) <= 500:
        text = _("Write the reason, in at most 500 characters.")
        raise DebtInvalid(text, errors={"reason": text})
    return said


def _rows() -> QuerySet[Recovery]:
    rows = Recovery.objects.filter(due_fen__gt=0)
    return rows.select_related(
        "case", "scheme__bureau", "debtor", "bill", "provider__organization"
    ).order_by("-recovered_at", "-pk")


def _valid(amount_fen: int, reference: str, received_on: date, today: date) -> str:
    errors = {}
    serial = reference.strip()
    if isinstance(amount_fen, bool) or amount_fen <= 0:
        errors["amount"] = _("Enter the received amount in yuan, above zero.")
    if not 0 < len(serial) <= MAX_REFERENCE or not serial.isprintable():
        errors["reference"] = _("Enter the serial number of the bank's receipt.")
    if received_on > today:
        errors["received_on"] = _("The day lies ahead. Enter the day of the receipt.")
    if errors:
        raise DebtInvalid(_("The receipt is not complete. See the fields."), errors=errors)
    return serial
