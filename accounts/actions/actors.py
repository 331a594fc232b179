"""Builds actors: from a signed-in user's memberships or from a key."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model

from accounts.access import Actor
from accounts.models import ApiKey, Membership, Organization, User
from accounts.permissions import PERMISSIONS_BY_ROLE, Permission
from common.statements import plain_cursor

M = TypeVar("M", bound=Model)


def _fields(model: type[Model]) -> list[Any]:
    """The fields that stand for a column each, in the order of the table's."""
    return list(model._meta.concrete_fields)  # noqa: SLF001 - documented as public by Django


def _columns(model: type[Model], alias: str) -> str:
    return ", ".join(f'{alias}."{field.column}"' for field in _fields(model))


# Every call of the API asks this: compiled by the ORM each time, it cost more than the call itself.
BY_KEY = f"""
SELECT {_columns(ApiKey, "k")}, {_columns(User, "u")}, {_columns(Organization, "o")},
       ARRAY(SELECT m.role FROM accounts_membership m
             WHERE m.user_id = u.id AND m.organization_id = o.id AND m.ended_at IS NULL)
FROM accounts_apikey k
JOIN accounts_user u ON u.id = k.created_by_id
JOIN accounts_organization o ON o.id = k.organization_id
WHERE k.prefix = %s AND k.revoked_at IS NULL AND k.expires_at > %s AND u.is_active
"""  # noqa: S608 - names of our own columns


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
    with plain_cursor() as cursor:
        row = cursor.execute(BY_KEY, [prefix, at]).fetchone()
    if row is None:
        return None
    key, rest = _read(ApiKey, row)
    key.created_by, rest = _read(User, rest)
    key.organization, [roles] = _read(Organization, rest)
    return _with_key(key, roles)


def _read(model: type[M], row: Sequence[Any]) -> tuple[M, Sequence[Any]]:
    """The model whose columns the row begins with, and the rest of the row."""
    names = [field.attname for field in _fields(model)]
    return model.from_db(DEFAULT_DB_ALIAS, names, row[: len(names)]), row[len(names) :]


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
