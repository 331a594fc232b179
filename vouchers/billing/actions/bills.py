"""The enterprise's answer to a closed bill."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common import states
from common.errors import DomainError, Forbidden
from vouchers.billing.models import Bill, BillStatus
from vouchers.billing.rules.transitions import BILL_TRANSITIONS

MAX_REASON = 2_000


class ReasonMissing(DomainError):
    """A dispute says what is wrong."""

    code = "reason_missing"


@transaction.atomic
def confirm(*, by: Actor, bill: Bill, at: datetime) -> Bill:
    """Confirm a closed or disputed bill; confirming again changes nothing. Locks the bill.

    Raises WrongState.
    """
    locked = _own_bill(by, bill)
    if locked.status == BillStatus.CONFIRMED:
        return locked
    states.move(
        locked,
        to=BillStatus.CONFIRMED,
        transitions=BILL_TRANSITIONS,
        confirmed_at=at,
        confirmed_by=by.user,
    )
    trail.record(by=by, at=at, verb="bill.confirmed", subject=locked)
    return locked


@transaction.atomic
def dispute(*, by: Actor, bill: Bill, reason: str, at: datetime) -> Bill:
    """Dispute a closed bill with a reason; the same dispute again changes nothing. Locks the bill.

    Raises ReasonMissing and WrongState.
    """
    locked = _own_bill(by, bill)
    words = reason.strip()
    if not 0 < len(words) <= MAX_REASON:
        message = _("Say what is wrong with this bill, so that the provider can check it.")
        raise ReasonMissing(message, errors={"reason": message})
    if locked.status == BillStatus.DISPUTED and locked.dispute_reason == words:
        return locked
    states.move(
        locked,
        to=BillStatus.DISPUTED,
        transitions=BILL_TRANSITIONS,
        disputed_at=at,
        disputed_by=by.user,
        dispute_reason=words,
    )
    trail.record(by=by, at=at, verb="bill.disputed", subject=locked, data={"reason": words})
    return locked


def _own_bill(by: Actor, bill: Bill) -> Bill:
    by.require(Permission.BILL_CONFIRM)
    locked = Bill.objects.select_for_update(no_key=True).get(pk=bill.pk)
    if locked.enterprise_id != by.own().pk:
        raise Forbidden(_("Only the enterprise that pays a bill confirms or disputes it."))
    return locked
