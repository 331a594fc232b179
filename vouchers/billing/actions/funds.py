"""An enterprise's own prepaid money."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.models import Organization, OrganizationKind
from accounts.permissions import Permission
from common.errors import DomainError
from common.money import MAX_FEN
from vouchers.billing.models import Bill
from vouchers.ledger.actions import accounts, statements, transfers
from vouchers.ledger.kinds import AccountKind

REASON = "deposit"
MAX_REFERENCE = 60


class InvalidDeposit(DomainError):
    """Not an amount, an enterprise or a bank reference that can be booked."""

    code = "invalid_deposit"


@dataclass(frozen=True, slots=True)
class Balance:
    """Prepaid money left and what is owed for usage, in fen."""

    available_fen: int
    outstanding_fen: int


@dataclass(frozen=True, slots=True)
class Deposit:
    """A recorded receipt; `is_new` is False when it had been recorded before."""

    id: UUID
    enterprise: Organization
    amount_fen: int
    reference: str
    is_new: bool


@transaction.atomic
def deposit(
    *, by: Actor, enterprise: Organization, amount_fen: int, reference: str, at: datetime
) -> Deposit:
    """Record a payment that the bureau's bank received for an enterprise.

    `reference` is the bank's serial number: the same receipt recorded again is the same movement;
    with another amount or enterprise TransferConflict is raised. The next tick pays what is
    outstanding.
    """
    by.require(Permission.FUNDS_RECORD)
    bureau = by.own()
    reference = reference.strip()
    _check(enterprise, amount_fen, reference)
    entry = transfers.Entry(
        id=transfers.derive_id("deposit", bureau.code, reference),
        debit=accounts.get_or_open(kind=AccountKind.BANK, key=bureau.code).pk,
        credit=accounts.get_or_open(kind=AccountKind.ENTERPRISE_FUNDS, key=enterprise.code).pk,
        amount_fen=amount_fen,
        reason=REASON,
        reference=reference,
    )
    written = transfers.post(entries=[entry], at=at)
    if written:
        trail.record(
            by=by,
            at=at,
            verb="funds.deposited",
            subject=enterprise,
            data={"amount_fen": amount_fen, "reference": reference},
        )
    return Deposit(entry.id, enterprise, amount_fen, reference, is_new=bool(written))


def balance(*, enterprise: Organization) -> Balance:
    """What an enterprise has prepaid and what it owes. Two queries."""
    owed = Bill.objects.filter(enterprise=enterprise, receivable_fen__gt=0).aggregate(
        fen=Sum("receivable_fen")
    )
    return Balance(
        available_fen=accounts.available_fen(
            kind=AccountKind.ENTERPRISE_FUNDS, key=enterprise.code
        ),
        outstanding_fen=int(owed["fen"] or 0),
    )


def history(*, enterprise: Organization, limit: int = 200) -> list[statements.Line]:
    """The latest movements of an enterprise's money, newest first."""
    account = accounts.find(kind=AccountKind.ENTERPRISE_FUNDS, key=enterprise.code)
    return statements.lines(account_id=account.pk, limit=limit) if account else []


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt as the bureau lists it."""

    at: datetime
    enterprise_code: str
    enterprise_name: str
    reference: str
    amount_fen: int


def receipts(*, by: Actor, limit: int = 50) -> list[Receipt]:
    """The latest receipts that the officer's bureau recorded, newest first."""
    by.require(Permission.FUNDS_RECORD)
    account = accounts.find(kind=AccountKind.BANK, key=by.own().code)
    lines = statements.lines(account_id=account.pk, limit=limit) if account else []
    lines = [row for row in lines if row.counterpart == AccountKind.ENTERPRISE_FUNDS]
    payers = Organization.objects.filter(code__in={row.counterpart_key for row in lines})
    names = dict(payers.values_list("code", "name"))
    return [
        Receipt(
            row.at,
            row.counterpart_key,
            names[row.counterpart_key],
            row.reference,
            -row.change_fen,
        )
        for row in lines
    ]


def _check(enterprise: Organization, amount_fen: int, reference: str) -> None:
    if enterprise.kind != OrganizationKind.ENTERPRISE:
        raise InvalidDeposit(_("Only an enterprise has prepaid funds. Choose an enterprise."))
    if isinstance(amount_fen, bool) or not 0 < amount_fen <= MAX_FEN:
        raise InvalidDeposit(
            _("The amount must be above zero."),
            errors={"amount": _("Enter the received amount in yuan, above zero.")},
        )
    if not 0 < len(reference) <= MAX_REFERENCE or not reference.isprintable():
        raise InvalidDeposit(
            _("The bank's serial number is missing."),
            errors={"reference": _("Enter the serial number of the bank's receipt.")},
        )
