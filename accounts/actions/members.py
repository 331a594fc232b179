"""Members: who works for an organization, in which role."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import people, trail
from accounts.models import Membership, Organization, Role, User
from accounts.permissions import PERMISSIONS_BY_ROLE, ROLES_BY_KIND, Permission
from common.errors import Conflict, DomainError

EXCLUSIVE = frozenset({Role.PREPARER.value, Role.SIGNATORY.value})
"""Whoever prepares an application never signs it: nobody holds both roles in one organization."""


class RoleNotAllowed(DomainError):
    """The role does not exist in this kind of organization."""

    code = "role_not_allowed"


class RoleHeld(Conflict):
    """The person holds the role already."""

    code = "role_held"


class SamePerson(Conflict):
    """The person, perhaps under another account, holds the role that must be somebody else's."""

    code = "same_person"


class LastManager(Conflict):
    """Nobody would be left to manage the organization."""

    code = "last_manager"


@transaction.atomic
def add(
    *,
    by: Actor,
    email: str,
    name: str,
    role: str,
    at: datetime,
    password: str | None = None,
    person_key: str = "",
) -> Membership:
    """Give a person a role in the actor's organization; make the account when there is none.

    An existing account keeps its own name, password and person key. Locks the organization.
    Raises Forbidden, RoleNotAllowed, RoleHeld, SamePerson.
    """
    by.require(Permission.ORGANIZATION_MANAGE)
    organization = Organization.objects.select_for_update().get(pk=by.own().pk)
    address = email.strip().lower()
    user = User.objects.filter(email=address).first() or people.sign_up(
        email=address, password=password, name=name, person_key=person_key, at=at
    )
    membership = enroll(organization=organization, user=user, role=role, at=at)
    trail.record(
        by=by, at=at, verb="added", subject=membership, data={"person": user.code, "role": role}
    )
    return membership


def enroll(*, organization: Organization, user: User, role: str, at: datetime) -> Membership:
    """Write a membership after the checks; the caller has locked or just made the organization.

    Raises RoleNotAllowed, RoleHeld, SamePerson.
    """
    if role not in ROLES_BY_KIND[organization.kind]:
        raise RoleNotAllowed(
            _("This role does not exist in this kind of organization. Choose another role."),
            errors={"role": _("Choose a role from the list.")},
        )
    present = list(
        Membership.objects.current().filter(organization=organization).select_related("user")
    )
    if any(row.user_id == user.pk and row.role == role for row in present):
        raise RoleHeld(_("This person holds this role already. Nothing was changed."))
    if role in EXCLUSIVE:
        other = next(iter(EXCLUSIVE - {role}))
        if any(row.role == other and row.user.is_same_person(user) for row in present):
            raise SamePerson(
                _(
                    "The preparer and the authorized signatory must be two different people. "
                    "Name another person."
                )
            )
    try:
        with transaction.atomic():
            return Membership.objects.create(
                organization=organization, user=user, role=role, created_at=at
            )
    except IntegrityError as error:
        raise RoleHeld(_("This person holds this role already. Nothing was changed.")) from error


@transaction.atomic
def end(*, by: Actor, membership: Membership, at: datetime) -> Membership:
    """End a role; it stops working with the person's next request. A second call changes nothing.

    Locks the organization, then the membership. Raises Forbidden, LastManager.
    """
    by.require(Permission.ORGANIZATION_MANAGE)
    organization = Organization.objects.select_for_update().get(pk=by.own().pk)
    locked = Membership.objects.visible_to(by).select_for_update().get(pk=membership.pk)
    if locked.ended_at is not None:
        return locked
    if _manages(locked.role):
        others = Membership.objects.current().filter(
            organization=organization, user__is_active=True
        )
        if not any(_manages(row.role) for row in others.exclude(pk=locked.pk)):
            raise LastManager(
                _("Nobody else could manage the organization then. Add another manager first.")
            )
    locked.ended_at = at
    locked.ended_by = by.user
    locked.save(update_fields=["ended_at", "ended_by"])
    trail.record(by=by, at=at, verb="ended", subject=locked, data={"role": locked.role})
    return locked


def _manages(role: str) -> bool:
    return Permission.ORGANIZATION_MANAGE in PERMISSIONS_BY_ROLE[role]
