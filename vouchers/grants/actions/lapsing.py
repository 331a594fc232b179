"""What happens by itself when the last day of a supplement has passed."""

from datetime import datetime

from django.db import transaction

from accounts.actions import trail
from common import states
from vouchers.grants import notifying
from vouchers.grants.actions import letters
from vouchers.grants.actions.applications import TRANSITIONS, Status
from vouchers.grants.actions.supplements import STEPS
from vouchers.grants.models import Application, LetterKind, Supplement, SupplementStatus
from vouchers.grants.rules import refusals

OVERDUE = "supplement_overdue"


def lapse_due(*, at: datetime, limit: int = 500) -> int:
    """Refuse applications whose supplement was not answered by its last day. Returns how many.

    An idempotent tick; each application in its own transaction.
    """
    due = Supplement.objects.overdue_at(at).order_by("due_at", "pk").values_list("pk", flat=True)
    return sum(_lapse(pk, at) for pk in due[:limit])


@transaction.atomic
def _lapse(pk: int, at: datetime) -> int:
    owner = Supplement.objects.values_list("application_id", flat=True).get(pk=pk)
    rows = Application.objects.select_for_update(of=("self",)).select_related(
        "scheme__bureau", "enterprise"
    )
    application = rows.get(pk=owner)
    locked = Supplement.objects.select_for_update(of=("self",)).get(pk=pk)
    if locked.status != SupplementStatus.OPEN or locked.due_at > at:
        return 0
    states.move(locked, to=SupplementStatus.LAPSED, transitions=STEPS, lapsed_at=at)
    states.move(application, to=Status.REJECTED, transitions=TRANSITIONS)
    trail.record(
        by=None, at=at, verb="supplement_lapsed", subject=application, data={"reason": OVERDUE}
    )
    letters.send(
        kind=LetterKind.REFUSED,
        application=application,
        occasion=f"supplement/{locked.pk}",
        at=at,
        reason=refusals.REFUSALS[OVERDUE],
        remark="",
    )
    notifying.tell_applicant(
        "application_refused", application=application, reason=notifying.refusal(OVERDUE), at=at
    )
    return 1
