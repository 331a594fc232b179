"""Builds actors: from a signed-in user's memberships or from a key."""

from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

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


def by_key(*, prefix: str, at: datetime) -> Actor | None:
    """The actor of the usable key with that prefix, whose holder is still to be proven. One query.

    `prefix` is what everybody may see of a key, so the edge then compares its secret. None for a
    key that is unknown, revoked or expired, and for one whose maker is no longer active.
    """
    roles = ArraySubquery(
        Membership.objects.filter(
            user=OuterRef("created_by"),
            organization=OuterRef("organization"),
            ended_at__isnull=True,
        ).values("role")
    )
    found = (
        ApiKey.objects.usable_at(at)
        .filter(prefix=prefix, created_by__is_active=True)
        .select_related("organization", "created_by")
        .annotate(maker_roles=roles)
    )
    key: Any = next(iter(found), None)
    return None if key is None else _with_key(key, key.maker_roles)


def from_key(*, key: ApiKey) -> Actor:
    """A key acts with its scopes, never beyond what its maker may still do today."""
    memberships = Membership.objects.filter(
        user=key.created_by, organization=key.organization, ended_at__isnull=True
    )
    return _with_key(key, list(memberships.values_list("role", flat=True)))


def _with_key(key: ApiKey, roles: list[str]) -> Actor:
    return Actor(
        user=key.created_by,
        organization=key.organization,
        permissions=_union(roles) & frozenset(key.scopes),
        key=key,
    )


def _union(roles: list[str]) -> frozenset[str]:
    held: set[Permission] = set()
    for role in roles:
        held |= PERMISSIONS_BY_ROLE[role]
    return frozenset(permission.value for permission in held)
