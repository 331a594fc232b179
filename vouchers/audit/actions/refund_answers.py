"""The provider's answer to an enterprise's claim: what it confirms becomes payable to the enterprise at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common import states
from common.errors import Conflict
from common.money import yuan_text
from common.periods import local_day
from providers.models import Provider
from vouchers.audit import notifying
from vouchers.audit.actions import claims, disputes, prefilling
from vouchers.audit.models import Claim, ClaimLine, ClaimStatus, Refund
from vouchers.billing.models import Bill, BillStatus
from vouchers.grants.actions import redeemed_caps
from vouchers.grants.models import Voucher
from vouchers.ledger.actions import accounts, cap_rooms, transfers
from vouchers.ledger.kinds import AccountKind


class LinesChanged(Conflict):
    """A bill, a voucher or a cap is not what it was when the claim was pre-filled."""

    code = "lines_changed"

    def __init__(self) -> None:
        super().__init__(
            _(
                "A bill, the voucher or a cap has changed since the claim was made. Send it back; "
                "the enterprise then pre-fills it again."
            )
        )


@transaction.atomic
def confirm(*, by: Actor, claim: Claim, at: datetime) -> Claim:
    """The provider confirms that it delivered and was paid: the shares become payable, and the bureau audits next.

    Posts one linked set: for each line voucher → enterprise payable, with what it takes of the caps on redemptions.
    Ids derive from bill and voucher. Locks provider, claim, bills in primary-key order, vouchers, then caps. Raises
    claims.NotYours, disputes.PeriodLocked, LinesChanged, transfers.InsufficientFunds, WrongState.
    """
    locked = _own(by, claim)
    states.require(locked, to=ClaimStatus.SUBMITTED, transitions=claims.TRANSITIONS)
    if locked.month in prefilling.locked_months([locked.scheme_id])[locked.scheme_id]:
        raise disputes.PeriodLocked
    lines = list(locked.refunds.select_related("bill", "voucher").order_by("bill", "voucher"))
    _require_paid(lines)
    entries = _entries(locked, lines, at)
    transfers.post(entries=[each for found in entries.values() for each in found], at=at)
    for line in lines:
        line.transfer_id = entries[line.pk][0].id
    Refund.objects.bulk_update(lines, ["transfer"])
    ClaimLine.objects.bulk_create(
        ClaimLine(
            transfer_id=entries[line.pk][0].id,
            claim=locked,
            bill=line.bill,
            amount_fen=line.amount_fen,
        )
        for line in lines
    )
    states.move(locked, to=ClaimStatus.SUBMITTED, transitions=claims.TRANSITIONS)
    data = {"lines": len(lines), "amount": yuan_text(locked.amount_fen)}
    trail.record(by=by, at=at, verb="confirm", subject=locked, data=data)
    notifying.refund_answered(claim=locked, at=at)
    return locked


@transaction.atomic
def refuse(*, by: Actor, claim: Claim, finding: str, at: datetime) -> Claim:
    """The provider sends the claim back with its reason; the enterprise pre-fills it again. Locks provider and claim.

    Raises claims.FindingMissing, claims.NotYours, WrongState.
    """
    words = finding.strip()
    if not words:
        message = _("Say what is wrong, so that the enterprise can mend it.")
        raise claims.FindingMissing(message, errors={"finding": message})
    locked = _own(by, claim)
    states.move(locked, to=ClaimStatus.DRAFT, transitions=claims.TRANSITIONS, finding=words[:2000])
    trail.record(by=by, at=at, verb="refuse", subject=locked, data={"finding": words[:2000]})
    notifying.refund_answered(claim=locked, finding=words[:2000], at=at)
    return locked


def _own(by: Actor, claim: Claim) -> Claim:
    """The claim behind the provider's lock, which disputes of its bills take first too."""
    by.require(Permission.CLAIM_SUBMIT)
    Provider.objects.select_for_update(no_key=True).get(pk=claim.provider_id)
    rows = Claim.objects.select_for_update(of=("self",))
    locked = rows.select_related("scheme", "provider", "enterprise").get(pk=claim.pk)
    if locked.enterprise_id is None or locked.provider.organization_id != by.own().pk:
        raise claims.NotYours(_("This claim belongs to another provider."))
    return locked


def _require_paid(lines: Sequence[Refund]) -> None:
    """Lock the bills; raise LinesChanged unless they stand and were paid at least what is asked back of them in all."""
    wanted: dict[int, int] = defaultdict(int)
    for line in lines:
        wanted[line.bill_id] += line.amount_fen
    bills = Bill.objects.filter(pk__in=wanted).select_for_update(no_key=True).order_by("pk")
    posted = Refund.objects.filter(bill__in=wanted, transfer__isnull=False)
    given = dict(posted.values_list("bill").annotate(Sum("amount_fen")))
    for bill in bills:
        is_paid = bill.status == BillStatus.CONFIRMED and not bill.receivable_fen
        if not is_paid or wanted[bill.pk] + given.get(bill.pk, 0) > bill.own_fen:
            raise LinesChanged


def _entries(
    claim: Claim, lines: Sequence[Refund], at: datetime
) -> Mapping[int, list[transfers.Entry]]:
    """What each line moves, the payment first: vouchers are read behind their locks, caps locked after them."""
    if claim.enterprise is None:
        raise ValueError("nobody is paid back")  # a constraint forbids it
    key = f"{claim.scheme.code}/{claim.enterprise.code}"
    owed = accounts.get_or_open(kind=AccountKind.ENTERPRISE_PAYABLE, key=key)
    transfers.lock([line.voucher.account_id for line in lines])
    usable = Voucher.objects.usable_at(at).filter(pays_back=True)
    if usable.filter(pk__in={line.voucher_id for line in lines}).count() < len(
        {line.voucher_id for line in lines}
    ):
        raise LinesChanged
    entries = {
        line.pk: [
            transfers.Entry(
                id=transfers.derive_id("refund", line.bill.code, line.voucher.code),
                debit=line.voucher.account_id,
                credit=owed.pk,
                amount_fen=line.amount_fen,
                reason="refund",
                reference=claim.code,
            )
        ]
        for line in lines
    }
    for line, draws in _draws(lines, at).items():
        reference = str(entries[line][0].id)
        entries[line] += cap_rooms.entries(draws=draws, reference=reference)
    return entries


def _draws(lines: Sequence[Refund], at: datetime) -> Mapping[int, list[cap_rooms.Draw]]:
    """What each line takes of its scheme's caps on redemptions; raises LinesChanged where one leaves less."""
    terms = redeemed_caps.terms(vouchers={line.voucher_id for line in lines})
    today = local_day(at)
    bounds = {
        line.pk: terms[line.voucher_id].bounds(used_on=line.bill.month, paid_on=today)
        for line in lines
    }
    keys = {each.key for found in bounds.values() for each in found if each.key}
    rooms = cap_rooms.locked(keys=sorted(keys))
    draws: dict[int, list[cap_rooms.Draw]] = defaultdict(list)
    for line in lines:
        least: dict[str, int] = {}
        for bound in bounds[line.pk]:
            least[bound.key] = min(least.get(bound.key, bound.limit_fen), bound.limit_fen)
        for key, limit_fen in least.items():
            used_fen = rooms[key].used_fen if key else 0
            if used_fen + line.amount_fen > limit_fen:
                raise LinesChanged
            if key:
                draws[line.pk].append(rooms[key].draw(line.amount_fen, limit_fen))
                rooms[key].used_fen += line.amount_fen
    return draws
