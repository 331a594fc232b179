"""Builds actors: from a signed-in user's memberships or from a key."""

from accounts.access import Actor
from accounts.models import ApiKey, Membership, Organization, User
from accounts.permissions import PERMISSIONS_BY_ROLE, Permission


def from_session(*, user: User, organization_id: int | None) -> Actor:
    """The user acting for the chosen organization, else the first one joined. One query."""
    memberships = list(
        Membership.objects.filter(user=user, ended_at__isnull=True)
        .select_related("organization")
        .order_by("pk")
    )
    if not memberships:
        return Actor(user=user, organization=None, permissions=frozenset())
    chosen = next(
        (row.organization for row in memberships if row.organization_id == organization_id),
        memberships[0].organization,
    )
    roles = [row.role for row in memberships if row.organization_id == chosen.pk]
    return Actor(
        user=user, organization=chosen, permissions=_union(roles), roles=tuple(sorted(roles))
    )


def for_member(*, user: User, organization: Organization) -> Actor:
    """The user acting for that organization, with the permissions of all roles held in it."""
    return from_session(user=user, organization_id=organization.pk)


def from_key(*, key: ApiKey) -> Actor:
    """A key acts with its scopes, never beyond what its maker may still do today."""
    maker = from_session(user=key.created_by, organization_id=key.organization_id)
    held = maker.permissions if maker.organization == key.organization else frozenset[str]()
    return Actor(
        user=key.created_by,
        organization=key.organization,
        permissions=held & frozenset(key.scopes),
        key=key,
    )


def _union(roles: list[str]) -> frozenset[str]:
    held: set[Permission] = set()
    for role in roles:
        held |= PERMISSIONS_BY_ROLE[role]
    return frozenset(permission.value for permission in held)
