"""What a bureau recognized: recorded once, with its document."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import OrganizationKind
from accounts.permissions import Permission
from accounts.rules import regions
from common.errors import Conflict, DomainError, Forbidden
from common.periods import local_day
from marketplace.board.models import Recognition


class RecordedAlready(Conflict):
    """The bureau recorded the same name of that kind before."""

    code = "recorded_already"


class InvalidRecognition(DomainError):
    """A value that cannot be meant; `errors` names the field."""

    code = "invalid_recognition"


def record(
    *,
    by: Actor,
    kind: str,
    name: str,
    region: str,
    document: str,
    recognized_on: date,
    at: datetime,
) -> Recognition:
    """Record a recognition in the bureau's region. Raises InvalidRecognition, RecordedAlready."""
    by.require(Permission.SCHEME_MANAGE)
    if not by.is_kind(OrganizationKind.BUREAU):
        raise Forbidden(_("Only a bureau can record a recognition."))
    _check(by, region, recognized_on, at)
    try:
        with transaction.atomic():
            return Recognition.objects.create(
                bureau=by.own(),
                kind=kind,
                name=name,
                region=region,
                document=document,
                recognized_on=recognized_on,
                recorded_at=at,
                recorded_by=by.user,
            )
    except IntegrityError as error:
        words = _("This name is recorded already.")
        raise RecordedAlready(words, errors={"name": words}) from error


def _check(by: Actor, region: str, recognized_on: date, at: datetime) -> None:
    try:
        inside = regions.covers(by.own().region, region)
    except regions.InvalidRegion:
        inside = False
    if not inside:
        words = _("Enter a place of your region by its six digits.")
        raise InvalidRecognition(words, errors={"region": words})
    if recognized_on > local_day(at):
        words = _("This day lies in the future.")
        raise InvalidRecognition(words, errors={"recognized_on": words})
