"""Public notices: approved applications are announced to the public before issue (公示)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common import states
from common.errors import Conflict, DomainError, Forbidden
from common.periods import end_of_day, local_day
from vouchers.grants import notifying
from vouchers.grants.actions.applications import TRANSITIONS, Status
from vouchers.grants.models import Announcement, Application, PublicNotice, Scheme
from vouchers.grants.rules.schemes import from_json

MOST_DAYS = 90
MOST_LINES = 2000


class NoticeNotNeeded(Conflict):
    """The scheme issues without a public notice."""

    code = "notice_not_needed"


class AnnouncementInvalid(DomainError):
    """The announcement cannot stand like this; `errors` names each field."""

    code = "announcement_invalid"


@transaction.atomic
def announce(
    *,
    by: Actor,
    scheme: Scheme,
    applications: Sequence[str],
    title: str = "",
    text: str = "",
    last_day: date | None = None,
    at: datetime,
) -> Announcement:
    """Publish approved applications of one scheme together; `applications` are their numbers.

    The window ends with the last moment of `last_day`, by default and at least the scheme's number of days after
    the day of publication. Locks the applications in the order of their keys. Raises AnnouncementInvalid,
    NoticeNotNeeded, states.WrongState (also when one of them was announced a moment ago).
    """
    by.require(Permission.VOUCHER_ISSUE)
    if scheme.bureau_id != by.own().pk:
        raise Forbidden(_("This scheme belongs to another bureau."))
    ends_at = _end(scheme, last_day, at)
    rows = _locked(scheme, applications)
    for row in rows:
        states.move(row, to=Status.NOTICED, transitions=TRANSITIONS)
    announcement = Announcement.objects.create(
        scheme=scheme,
        title=title.strip()[:150] or f"{scheme.name}公示",
        text=text.strip(),
        lines=[_line(row) for row in rows],
        published_at=at,
        published_by=by.user,
        ends_at=ends_at,
    )
    trail.record(by=by, at=at, verb="announced", subject=announcement, data={"lines": len(rows)})
    for row in rows:
        _put_up(by, row, announcement, at)
    return announcement


def preview(
    *,
    by: Actor,
    scheme: Scheme,
    applications: Sequence[str],
    title: str = "",
    text: str = "",
    last_day: date | None = None,
    at: datetime,
) -> Announcement:
    """The announcement as it would be published, tried and rolled back. Raises what `announce` raises."""
    with transaction.atomic():
        made = announce(
            by=by, scheme=scheme, applications=applications, title=title, text=text,
            last_day=last_day, at=at,
        )  # fmt: skip
        transaction.set_rollback(True)
    return made


@transaction.atomic
def publish(*, by: Actor, application: Application, at: datetime) -> PublicNotice:
    """Announce one application by itself; a second click answers the notice there is.

    Locks the application. Raises NoticeNotNeeded, states.WrongState.
    """
    by.require(Permission.VOUCHER_ISSUE)
    locked = (
        Application.objects.select_for_update(of=("self",))
        .select_related("scheme", "enterprise")
        .get(pk=application.pk)
    )
    if locked.scheme.bureau_id != by.own().pk:
        raise Forbidden(_("This application belongs to another bureau."))
    existing = PublicNotice.objects.filter(application=locked, withdrawn_at__isnull=True).first()
    if existing is not None:
        return existing
    announce(by=by, scheme=locked.scheme, applications=[locked.code], at=at)
    return PublicNotice.objects.get(application=locked)


def least_last_day(*, scheme: Scheme, at: datetime) -> date:
    """The earliest last day of an announcement that is published now."""
    return local_day(at) + timedelta(days=from_json(scheme.rules).notice_days.value)


def _end(scheme: Scheme, last_day: date | None, at: datetime) -> datetime:
    days = from_json(scheme.rules).notice_days.value
    if days == 0:
        raise NoticeNotNeeded(_("This scheme has no public notice. Issue the voucher directly."))
    least = least_last_day(scheme=scheme, at=at)
    chosen = last_day or least
    if not least <= chosen <= local_day(at) + timedelta(days=max(days, MOST_DAYS)):
        words = _("Choose a last day from %(least)s on, at most 90 days from today.") % {
            "least": least.isoformat()
        }
        raise AnnouncementInvalid(words, errors={"last_day": words})
    return end_of_day(chosen)


def _locked(scheme: Scheme, codes: Sequence[str]) -> list[Application]:
    wanted = set(codes)
    if not 0 < len(wanted) <= MOST_LINES:
        words = _("Choose at least one application and at most 2,000.")
        raise AnnouncementInvalid(words, errors={"applications": words})
    rows = list(
        Application.objects.select_for_update(of=("self",))
        .filter(scheme=scheme, code__in=wanted)
        .select_related("scheme", "enterprise")
        .order_by("pk")
    )
    if len(rows) != len(wanted):
        words = _("Some of these are no applications of this scheme. Choose again.")
        raise AnnouncementInvalid(words, errors={"applications": words})
    return rows


def _line(application: Application) -> dict[str, Any]:
    return {
        "application": application.code,
        "enterprise": application.enterprise.name,
        "kind": application.kind,
        "amount_fen": application.granted_fen,
    }


def _put_up(by: Actor, application: Application, announcement: Announcement, at: datetime) -> None:
    """Write the application's notice; one that was withdrawn before is taken up again."""
    PublicNotice.objects.update_or_create(
        application=application,
        defaults={
            "announcement": announcement,
            "published_at": at,
            "published_by": by.user,
            "ends_at": announcement.ends_at,
            "withdrawn_at": None,
        },
    )
    data = {"announcement": announcement.code}
    trail.record(by=by, at=at, verb="noticed", subject=application, data=data)
    notifying.tell_applicant(
        "application_noticed",
        application=application,
        once=announcement.code,
        until=announcement.last_day,
        at=at,
    )
