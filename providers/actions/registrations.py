"""A provider's registration: submit, verify, refuse."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.models import Membership, OrganizationKind
from accounts.permissions import Permission
from common import states
from common.codes import new_code
from common.errors import DomainError, Forbidden
from common.periods import local_day
from providers.models import License, LicenseKind, LicenseStatus, Provider, ProviderStatus
from providers.rules import licensing

TRANSITIONS: states.Transitions = {
    ProviderStatus.DRAFT: frozenset({ProviderStatus.SUBMITTED}),
    ProviderStatus.REFUSED: frozenset({ProviderStatus.SUBMITTED}),
    ProviderStatus.SUBMITTED: frozenset({ProviderStatus.VERIFIED, ProviderStatus.REFUSED}),
}


class NotAProvider(Forbidden):
    """The organization is not registered as a provider."""

    code = "not_a_provider"


class NotRegistered(DomainError):
    """The provider has not submitted its registration yet."""

    code = "provider_not_registered"


class LicenseExpired(DomainError):
    """The license is not valid any more."""

    code = "license_expired"


class ReasonMissing(DomainError):
    """A refusal without a reason helps nobody."""

    code = "reason_missing"


class OwnRegistration(Forbidden):
    """The officer belongs to the provider that is to be verified."""

    code = "own_registration"


def own(*, by: Actor) -> Provider:
    """The actor's registered provider; NotRegistered when nothing was submitted yet."""
    found = Provider.objects.filter(organization=by.own()).first()
    if found is None or found.status == ProviderStatus.DRAFT:
        raise NotRegistered(
            _("Submit your registration as a provider first; then add facilities and offerings.")
        )
    return found


@transaction.atomic
def submit(
    *,
    by: Actor,
    contact: str,
    license_number: str,
    license_expires_on: date,
    license_kind: str = LicenseKind.IDC,
    at: datetime,
) -> Provider:
    """Submit (again, after a refusal) the registration of the actor's organization.

    Locks the registration. Raises NotAProvider, LicenseExpired, WrongState when it is already
    submitted or verified.
    """
    by.require(Permission.PROVIDER_MANAGE)
    if not by.is_kind(OrganizationKind.PROVIDER):
        raise NotAProvider(_("Only an organization registered as a provider can supply."))
    require_valid_license(license_expires_on, at)
    provider, _made = Provider.objects.select_for_update().get_or_create(
        organization=by.own(),
        defaults={
            "code": new_code("PV"),
            "contact": contact,
            "license_kind": license_kind,
            "license_number": license_number,
            "license_expires_on": license_expires_on,
        },
    )
    states.move(
        provider,
        to=ProviderStatus.SUBMITTED,
        transitions=TRANSITIONS,
        contact=contact,
        license_kind=license_kind,
        license_number=license_number,
        license_expires_on=license_expires_on,
        submitted_at=at,
        submitted_by=by.user,
        decided_at=None,
        decided_by=None,
        remark="",
    )
    trail.record(by=by, at=at, verb="provider.submitted", subject=provider)
    return provider


@transaction.atomic
def verify(*, by: Actor, provider: Provider, at: datetime) -> Provider:
    """Confirm the registration and its license: its offerings may be listed from now on.

    Raises OwnRegistration, LicenseExpired, WrongState.
    """
    require_valid_license(provider.license_expires_on, at)
    locked = _decide(by, provider, ProviderStatus.VERIFIED, "", at)
    assert locked.submitted_at is not None  # noqa: S101  # it waited for this decision
    assert locked.submitted_by is not None  # noqa: S101
    License.objects.create(
        code=new_code("LI"),
        provider=locked,
        kind=locked.license_kind,
        number=locked.license_number,
        expires_on=locked.license_expires_on,
        status=LicenseStatus.VERIFIED,
        submitted_at=locked.submitted_at,
        submitted_by=locked.submitted_by,
        decided_at=at,
        decided_by=by.user,
        check_due_on=licensing.check_due_on(local_day(at), locked.license_expires_on),
    )
    return locked


@transaction.atomic
def refuse(*, by: Actor, provider: Provider, remark: str, at: datetime) -> Provider:
    """Send the registration back with a reason; the provider may correct and submit it again.

    Raises ReasonMissing, OwnRegistration, WrongState.
    """
    if not remark.strip():
        message = _("Write what the provider has to correct.")
        raise ReasonMissing(message, errors={"remark": message})
    return _decide(by, provider, ProviderStatus.REFUSED, remark.strip(), at)


def _decide(
    by: Actor, provider: Provider, to: ProviderStatus, remark: str, at: datetime
) -> Provider:
    by.require(Permission.PROVIDER_VERIFY)
    locked = Provider.objects.select_for_update().get(pk=provider.pk)
    require_stranger(by, locked)
    states.move(
        locked,
        to=to,
        transitions=TRANSITIONS,
        decided_at=at,
        decided_by=by.user,
        remark=remark,
    )
    trail.record(by=by, at=at, verb=f"provider.{to.value}", subject=locked, data={"remark": remark})
    return locked


def require_valid_license(
    expires_on: date, at: datetime, field: str = "license_expires_on"
) -> None:
    """Refuse a last day that is over, at the field where it was entered; raises LicenseExpired."""
    if expires_on < local_day(at):
        message = _("The license has expired. Enter a license that is still valid.")
        raise LicenseExpired(message, errors={field: message})


def require_stranger(by: Actor, provider: Provider) -> None:
    """Nobody verifies a provider in which the same human holds a role, under whatever account."""
    rows = Membership.objects.filter(
        organization_id=provider.organization_id, ended_at__isnull=True
    ).select_related("user")
    if any(by.user.is_same_person(row.user) for row in rows):
        raise OwnRegistration(
            _("You belong to this provider. Another officer has to decide on it.")
        )
