"""Licenses: hand in, verify, refuse, look again, remind."""

from datetime import date, datetime, timedelta

from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common import states, stored_files
from common.codes import new_code
from common.errors import Conflict, DomainError
from common.periods import local_day
from providers import notifying
from providers.actions import registrations
from providers.models import (
    License,
    LicenseKind,
    LicenseReminder,
    LicenseStatus,
    Provider,
)
from providers.rules import licensing

TRANSITIONS: states.Transitions = {
    LicenseStatus.SUBMITTED: frozenset({LicenseStatus.VERIFIED, LicenseStatus.REFUSED}),
    LicenseStatus.VERIFIED: frozenset({LicenseStatus.VERIFIED, LicenseStatus.REFUSED}),
}


class InvalidLicense(DomainError):
    """A kind that does not exist, or no number."""

    code = "invalid_license"


class LicenseKnown(Conflict):
    """The same license was handed in before."""

    code = "license_known"


@transaction.atomic
def submit(
    *,
    by: Actor,
    kind: str,
    number: str,
    expires_on: date,
    file: "File[bytes] | None" = None,
    at: datetime,
) -> License:
    """Hand in a license of the actor's registered provider, with its scan; the bureau looks at it.

    Locks the provider. Raises InvalidLicense, LicenseKnown, attachments.FileRefused,
    registrations.LicenseExpired, registrations.NotRegistered.
    """
    by.require(Permission.PROVIDER_MANAGE)
    provider = Provider.objects.select_for_update(no_key=True).get(pk=registrations.own(by=by).pk)
    number = number.strip()
    if kind not in LicenseKind.values or not number:
        message = _("Choose the kind of license and enter its number.")
        raise InvalidLicense(message, errors={"number": message})
    registrations.require_valid_license(expires_on, at, "expires_on")
    if (
        provider.licenses.filter(kind=kind, number=number, expires_on=expires_on)
        .exclude(status=LicenseStatus.REFUSED)
        .exists()
    ):
        raise LicenseKnown(_("This license was handed in already. A renewed one ends later."))
    made = License.objects.create(
        code=new_code("LI"),
        provider=provider,
        kind=kind,
        number=number,
        expires_on=expires_on,
        file=(
            stored_files.attach(file=file, organization_id=provider.organization_id, at=at)
            if file
            else None
        ),
        submitted_at=at,
        submitted_by=by.user,
    )
    trail.record(by=by, at=at, verb="license.submitted", subject=made, data={"kind": kind})
    return made


@transaction.atomic
def verify(*, by: Actor, license: License, at: datetime) -> License:  # noqa: A002
    """Confirm a license, again at each later look; from now on its last day counts.

    Raises registrations.OwnRegistration, registrations.LicenseExpired, WrongState.
    """
    registrations.require_valid_license(license.expires_on, at, "expires_on")
    due_on = licensing.check_due_on(local_day(at), license.expires_on)
    return _decide(by, license, LicenseStatus.VERIFIED, "", due_on, at)


@transaction.atomic
def refuse(*, by: Actor, license: License, remark: str, at: datetime) -> License:  # noqa: A002
    """Refuse a license with a reason, also one that does not stand a later look.

    Raises registrations.ReasonMissing, registrations.OwnRegistration, WrongState.
    """
    if not remark.strip():
        message = _("Write what the provider has to correct.")
        raise registrations.ReasonMissing(message, errors={"remark": message})
    return _decide(by, license, LicenseStatus.REFUSED, remark.strip(), None, at)


def remind_due(*, at: datetime) -> int:
    """Remind providers of last days and bureaus of looks that are due; how many reminders.

    An idempotent tick: run twice, or by two workers, it sends nothing twice. Only the latest
    license of each kind is reminded of. Each license in its own transaction.
    """
    horizon = local_day(at) + timedelta(days=max(licensing.THRESHOLDS))
    rows = License.objects.verified().filter(check_due_on__lte=horizon)
    found = list(rows.order_by("check_due_on", "pk").values_list("pk", flat=True))
    return sum(_remind(pk, at) for pk in found)


@transaction.atomic
def _remind(pk: int, at: datetime) -> int:
    held = License.objects.select_for_update(of=("self",)).select_related("provider__organization")
    locked = held.get(pk=pk)
    later = License.objects.verified().filter(
        provider=locked.provider_id, kind=locked.kind, expires_on__gt=locked.expires_on
    )
    if locked.status != LicenseStatus.VERIFIED or later.exists():
        return 0
    assert locked.check_due_on is not None  # noqa: S101  # the constraint providers_license_check_due
    days = {"expiry": locked.expires_on, "check": locked.check_due_on}
    return sum(_remind_of(locked, subject, last_day, at) for subject, last_day in days.items())


def _remind_of(found: License, subject: str, last_day: date, at: datetime) -> int:
    sent = found.reminders.filter(subject=subject, last_day=last_day)
    reached = frozenset(sent.values_list("threshold_days", flat=True))
    threshold = licensing.reminder_due(last_day, local_day(at), reached)
    if threshold is None:
        return 0
    LicenseReminder.objects.create(
        license=found, subject=subject, last_day=last_day, threshold_days=threshold, sent_at=at
    )
    tell = notifying.tell_of_expiry if subject == "expiry" else notifying.tell_of_check
    tell(license=found, last_day=last_day, threshold_days=threshold, at=at)
    return 1


def _decide(
    by: Actor,
    license: License,  # noqa: A002
    to: LicenseStatus,
    remark: str,
    check_due_on: date | None,
    at: datetime,
) -> License:
    by.require(Permission.PROVIDER_VERIFY)
    provider = Provider.objects.select_for_update(no_key=True).get(pk=license.provider_id)
    locked = License.objects.select_for_update().get(pk=license.pk)
    registrations.require_stranger(by, provider)
    states.move(
        locked,
        to=to,
        transitions=TRANSITIONS,
        decided_at=at,
        decided_by=by.user,
        remark=remark,
        check_due_on=check_due_on,
    )
    refresh(provider=provider)
    data = {"kind": locked.kind, "remark": remark}
    trail.record(by=by, at=at, verb=f"license.{to.value}", subject=locked, data=data)
    return locked


def refresh(*, provider: Provider) -> None:
    """Bring the day up to which the provider takes new orders up to its verified licenses."""
    verified = License.objects.verified().filter(provider=provider)
    last_day = licensing.valid_until(verified.values_list("kind", "expires_on"))
    if last_day is not None and last_day != provider.license_expires_on:
        provider.license_expires_on = last_day
        provider.save(update_fields=["license_expires_on"])
