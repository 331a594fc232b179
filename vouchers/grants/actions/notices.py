"""Public notices: an approved application is shown to the public before issue (公示)."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common import states
from common.errors import Conflict, Forbidden
from common.periods import end_of_day, local_day
from vouchers.grants import notifying
from vouchers.grants.actions.applications import TRANSITIONS, Status
from vouchers.grants.models import Application, PublicNotice
from vouchers.grants.rules.schemes import from_json


class NoticeNotNeeded(Conflict):
    """The scheme issues without a public notice."""

    code = "notice_not_needed"


@transaction.atomic
def publish(*, by: Actor, application: Application, at: datetime) -> PublicNotice:
    """Put an approved application on public notice for the scheme's number of days.

    The notice ends with the last moment of its last civil day; the day of publication does not count. Locks the
    application. A second click answers the notice there is. Raises NoticeNotNeeded, states.WrongState.
    """
    by.require(Permission.VOUCHER_ISSUE)
    locked = (
        Application.objects.select_for_update(of=("self",))
        .select_related("scheme", "enterprise")
        .get(pk=application.pk)
    )
    if locked.scheme.bureau_id != by.own().pk:
        raise Forbidden(_("This application belongs to another bureau."))
    existing = PublicNotice.objects.filter(application=locked).first()
    if existing is not None:
        return existing
    days = from_json(locked.scheme.rules).notice_days.value
    if days == 0:
        raise NoticeNotNeeded(_("This scheme has no public notice. Issue the voucher directly."))
    states.move(locked, to=Status.NOTICED, transitions=TRANSITIONS)
    notice = PublicNotice.objects.create(
        application=locked,
        published_at=at,
        published_by=by.user,
        ends_at=end_of_day(local_day(at) + timedelta(days=days)),
    )
    trail.record(by=by, at=at, verb="noticed", subject=locked, data={"days": days})
    notifying.tell_applicant(
        "application_noticed", application=locked, until=notice.last_day, at=at
    )
    return notice
