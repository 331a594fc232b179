"""The enterprise's answer to a closed bill, and what its silence comes to."""

from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common import states
from common.errors import DomainError, Forbidden
from common.periods import local_day
from vouchers.billing.actions.charging import rebooking
from vouchers.billing.models import Bill, BillStatus
from vouchers.billing.rules.transitions import BILL_TRANSITIONS
from vouchers.grants.models import Scheme, Voucher
from vouchers.grants.rules.schemes import from_json

MAX_REASON = 2_000

SET_ANSWER_DAYS = """
UPDATE vouchers_bill b SET answer_until = %(day)s::date + paid.days
FROM (
    SELECT c.bill_id, max(given.days) AS days
    FROM vouchers_charge c
    JOIN vouchers_bill m ON m.id = c.bill_id AND m.month = %(month)s AND m.status = 'closed'
    JOIN vouchers_voucher v ON v.id = c.voucher_id
    LEFT JOIN unnest(%(schemes)s::bigint[], %(days)s::int[]) AS given(scheme, days)
      ON given.scheme = v.scheme_id
    WHERE c.undoes_id IS NULL
      AND NOT EXISTS (SELECT FROM vouchers_charge u WHERE u.undoes_id = c.transfer_id)
    GROUP BY c.bill_id HAVING bool_and(given.days IS NOT NULL)
) paid
WHERE b.id = paid.bill_id
"""


class ReasonMissing(DomainError):
    """A dispute says what is wrong."""

    code = "reason_missing"


@transaction.atomic
def confirm(*, by: Actor, bill: Bill, at: datetime) -> Bill:
    """Confirm a closed bill; confirming again changes nothing. Locks the bill.

    Raises WrongState: a disputed bill is confirmed by what ends its dispute.
    """
    locked = _own_bill(by, bill)
    if locked.status == BillStatus.CONFIRMED:
        return locked
    if locked.status == BillStatus.DISPUTED:
        raise states.WrongState(
            _("This bill is disputed. Open the dispute and withdraw it, or accept what is offered.")
        )
    _agree(locked, by, at)
    return locked


@transaction.atomic
def dispute(*, by: Actor, bill: Bill, reason: str, at: datetime) -> Bill:
    """Dispute a bill with a reason: a closed one, or one that only silence confirmed. Locks the bill.

    The same dispute again changes nothing. Raises ReasonMissing and WrongState.
    """
    locked = _own_bill(by, bill)
    words = reason.strip()
    if not 0 < len(words) <= MAX_REASON:
        message = _("Say what is wrong with this bill, so that the provider can check it.")
        raise ReasonMissing(message, errors={"reason": message})
    if locked.status == BillStatus.DISPUTED and locked.dispute_reason == words:
        return locked
    if locked.confirmed_at is not None:
        raise states.WrongState(_("You confirmed this bill. It cannot be disputed any more."))
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


@transaction.atomic
def end_dispute(*, by: Actor, bill: Bill, total_fen: int, anew: bool, at: datetime) -> Bill:
    """Confirm a disputed bill at the total its dispute came to (fen, at most the present one).

    A lower total is a correcting entry: payments are undone and split again; `anew` undoes all of them. Nothing
    that was written is changed. Locks the bill, then the payers. Raises WrongState.
    """
    locked = Bill.objects.select_for_update(no_key=True).get(pk=bill.pk)
    states.require(locked, to=BillStatus.CONFIRMED, transitions=BILL_TRANSITIONS)
    if anew or total_fen != locked.total_fen:
        rebooking.rebook(bill=locked, total_fen=total_fen, anew=anew, at=at)
        locked.refresh_from_db()
    _agree(locked, by, at)
    return locked


def set_answer_days(*, month: date, at: datetime) -> None:
    """Say of the month's closed bills until when an answer is awaited: the longest of the schemes that paid.

    A bill that no voucher paid, or of which one scheme says nothing, is confirmed by no silence. Three statements.
    """
    paying = Voucher.objects.filter(charges__bill__month=month).values("scheme")
    days = {}
    for pk, rules in Scheme.objects.filter(pk__in=paying).values_list("pk", "rules"):
        stated = from_json(rules).answer_days
        if stated is not None:
            days[pk] = stated.value
    given: dict[str, Any] = {
        "day": local_day(at), "month": month, "schemes": list(days), "days": list(days.values()),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(SET_ANSWER_DAYS, given)


def lapse(*, at: datetime) -> int:
    """Count closed bills as confirmed whose last day for an answer is over; returns how many. Safe to repeat."""
    waiting = Bill.objects.filter(answer_until__lt=local_day(at))
    return states.move_each(
        waiting,
        seen=BillStatus.CLOSED,
        to=BillStatus.CONFIRMED,
        transitions=BILL_TRANSITIONS,
        lapsed_at=at,
    )


def _agree(locked: Bill, by: Actor, at: datetime) -> None:
    states.move(
        locked,
        to=BillStatus.CONFIRMED,
        transitions=BILL_TRANSITIONS,
        confirmed_at=at,
        confirmed_by=by.user,
    )
    trail.record(by=by, at=at, verb="bill.confirmed", subject=locked)


def _own_bill(by: Actor, bill: Bill) -> Bill:
    by.require(Permission.BILL_CONFIRM)
    locked = Bill.objects.select_for_update(no_key=True).get(pk=bill.pk)
    if locked.enterprise_id != by.own().pk:
        raise Forbidden(_("Only the enterprise that pays a bill confirms or disputes it."))
    return locked
