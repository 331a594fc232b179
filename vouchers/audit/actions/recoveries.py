"""Recoveries: first from what the provider is owed and was in no settlement, the rest as a debt."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from common.errors import Conflict
from common.money import yuan_text
from common.periods import local_day
from providers.models import Provider
from vouchers.audit.models import Case, CaseConclusion, Recovery, Refund
from vouchers.audit.rules import terms
from vouchers.billing.models import Bill, BillStatus, Charge, Payer
from vouchers.grants.models import Scheme, Voucher
from vouchers.ledger.actions import accounts, transfers
from vouchers.ledger.kinds import AccountKind


class RecoveredAlready(Conflict):
    """Money of this redemption was recovered before: it is at most once."""

    code = "recovered_already"


class InDispute(Conflict):
    """The bill is disputed: what it comes to is not known yet."""

    code = "bill_in_dispute"

    def __init__(self) -> None:
        super().__init__(_("The bill is disputed. End the dispute first."))


def recoverable_fen(*, case: Case) -> int:
    """What the voucher paid of the bill, or paid back, in fen: the most that a case can recover."""
    paid = Charge.objects.standing().filter(
        payer=Payer.VOUCHER, bill=case.bill_id, voucher=case.voucher_id
    )
    back = Refund.objects.filter(bill=case.bill_id, voucher=case.voucher_id, transfer__isnull=False)
    return int(paid.aggregate(fen=Sum("amount_fen"))["fen"] or 0) + int(
        back.aggregate(fen=Sum("amount_fen"))["fen"] or 0
    )


def unsettled_fen(*, scheme: Scheme, provider: Provider) -> int:
    """What the scheme owes the provider for confirmed bills and no settlement holds, less what was clawed back."""
    waiting = Q(transfer__claim_line__isnull=True) | Q(
        transfer__claim_line__claim__settlement__isnull=True
    )
    owed = Charge.objects.standing().filter(
        waiting, payer=Payer.VOUCHER, voucher__scheme=scheme, bill__provider=provider,
        bill__status=BillStatus.CONFIRMED, transfer__reversals__isnull=True,
    )  # fmt: skip
    clawed = Recovery.objects.filter(scheme=scheme, provider=provider, settlement__isnull=True)
    return int(owed.aggregate(fen=Sum("amount_fen"))["fen"] or 0) - int(
        clawed.aggregate(fen=Sum("clawed_fen"))["fen"] or 0
    )


def lock_payable(scheme: Scheme) -> None:
    """Settlements and recoveries of one scheme take turns: what the one counts the other has not taken."""
    Scheme.objects.select_for_update(no_key=True).get(pk=scheme.pk)


@transaction.atomic
def carry_out(*, by: Actor, case: Case, conclusion: CaseConclusion, at: datetime) -> Recovery:
    """Post one linked set: payable → recovered for what can be clawed back, receivable → recovered for the rest.

    Inside the transaction of the second signature. Locks the scheme against settlements. Transfer ids come from
    the case. Raises InDispute and RecoveredAlready.
    """
    bill, voucher, debtor = case.bill, case.voucher, conclusion.debtor
    amount_fen = conclusion.recover_fen
    if bill is None or voucher is None or debtor is None or amount_fen is None:
        raise ValueError("the conclusion recovers nothing")  # a constraint of the table forbids it
    lock_payable(voucher.scheme)
    if Bill.objects.select_for_update(no_key=True).get(pk=bill.pk).status == BillStatus.DISPUTED:
        raise InDispute
    if Recovery.objects.filter(bill=bill, voucher=voucher).exists():
        raise _again()
    free_fen = 0
    if (
        not voucher.pays_back
    ):  # an enterprise that was paid back owes it: its claims are paid as signed
        free_fen = unsettled_fen(scheme=voucher.scheme, provider=bill.provider)
    clawed_fen = min(amount_fen, max(free_fen, 0))
    entries = _entries(case, voucher, bill.provider, debtor.code, clawed_fen, amount_fen)
    transfers.post(entries=list(entries.values()), at=at)
    last = terms.last_day(local_day(at))
    try:
        with transaction.atomic():
            made = Recovery.objects.create(
                case=case, scheme=voucher.scheme, provider=bill.provider, bill=bill,
                voucher=voucher, debtor=debtor, amount_fen=amount_fen, clawed_fen=clawed_fen,
                due_fen=amount_fen - clawed_fen, due_on=last if clawed_fen < amount_fen else None,
                recovered_at=at, recovered_by=by.user,
                clawback_id=entries["clawback"].id if "clawback" in entries else None,
                debt_id=entries["debt"].id if "debt" in entries else None,
            )  # fmt: skip
    except IntegrityError as error:
        raise _again() from error
    data = {
        "amount": yuan_text(amount_fen),
        "clawed": yuan_text(clawed_fen),
        "due": yuan_text(made.due_fen),
        "debtor": debtor.code,
    }
    trail.record(by=by, at=at, verb="recovered", subject=case, data=data)
    return made


def _entries(
    case: Case, voucher: Voucher, provider: Provider, debtor: str, clawed_fen: int, amount_fen: int
) -> dict[str, transfers.Entry]:
    """The linked set, by part; what is nothing has no entry."""
    scheme = voucher.scheme.code
    sources = {
        "clawback": (AccountKind.PROVIDER_PAYABLE, f"{scheme}/{provider.code}", clawed_fen),
        "debt": (AccountKind.RECEIVABLE, f"{scheme}/{debtor}", amount_fen - clawed_fen),
    }
    credit = accounts.get_or_open(kind=AccountKind.RECOVERED, key=scheme)
    return {
        part: transfers.Entry(
            id=transfers.derive_id("recovery", case.code, part),
            debit=accounts.get_or_open(kind=kind, key=key).pk,
            credit=credit.pk,
            amount_fen=fen,
            reason=part,
            reference=case.code,
        )
        for part, (kind, key, fen) in sources.items()
        if fen
    }


def _again() -> RecoveredAlready:
    return RecoveredAlready(
        _("Money of this redemption was recovered before. See the former case.")
    )
