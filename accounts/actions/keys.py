"""API keys: made by a person, shown once, revoked by any manager of the organization."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.models import ApiKey, Organization
from accounts.permissions import Permission
from accounts.rules import signing
from common.codes import ALPHABET
from common.errors import Conflict, DomainError, Forbidden

LONGEST_LIFE = timedelta(days=366)
PREFIX_LENGTH = 8
NOT_FOR_KEYS = frozenset({Permission.ORGANIZATION_MANAGE.value})
"""A key can make neither keys nor members, so a leaked key cannot outlive its revocation."""


class ScopeNotHeld(DomainError):
    """A scope that the maker does not hold, or that no key may have."""

    code = "scope_not_held"


class NameTaken(Conflict):
    """A living key of the organization has this name."""

    code = "name_taken"


class BadExpiry(DomainError):
    """The expiry lies in the past or too far ahead."""

    code = "bad_expiry"


@transaction.atomic
def create(
    *,
    by: Actor,
    name: str,
    scopes: Iterable[str],
    expires_at: datetime,
    is_signed: bool = False,
    at: datetime,
) -> tuple[ApiKey, str]:
    """Make a key and return it with its only readable copy, `pk_<prefix>_<secret>`.

    The database keeps the SHA-256 of the whole text. The copy of a key that `is_signed` is the
    secret it signs with, `sk_<prefix>_<secret>`, of which nothing is kept (decision 0015). Locks
    the organization. Raises Forbidden, ScopeNotHeld, BadExpiry, NameTaken: a form sent twice makes
    one key.
    """
    by.require(Permission.ORGANIZATION_MANAGE)
    if by.key is not None:
        raise Forbidden(_("A key cannot make keys. Sign in and use the page of API keys."))
    wanted = _allowed(by, scopes, expires_at, at)
    wanted_name = name.strip()
    organization = Organization.objects.select_for_update().get(pk=by.own().pk)
    if ApiKey.objects.filter(
        organization=organization, name=wanted_name, revoked_at__isnull=True
    ).exists():
        raise NameTaken(
            _("There is a key with this name. Revoke it first, or choose another name."),
            errors={"name": _("There is a key with this name already.")},
        )
    prefix, digest, token = _made(is_signed=is_signed)
    key = ApiKey.objects.create(
        organization=organization,
        name=wanted_name,
        prefix=prefix,
        secret_sha256=digest,
        is_signed=is_signed,
        scopes=wanted,
        created_at=at,
        created_by=by.user,
        expires_at=expires_at,
    )
    trail.record(
        by=by, at=at, verb="created", subject=key, data={"scopes": wanted, "signed": is_signed}
    )
    return key, token


def _allowed(by: Actor, scopes: Iterable[str], expires_at: datetime, at: datetime) -> list[str]:
    """The scopes in order. Raises ScopeNotHeld and BadExpiry."""
    wanted = sorted(set(scopes))
    if not wanted or not set(wanted) <= by.permissions - NOT_FOR_KEYS:
        raise ScopeNotHeld(
            _("Choose at least one permission, and only such as you hold yourself."),
            errors={"scopes": _("Choose from the permissions in the list.")},
        )
    if not at < expires_at <= at + LONGEST_LIFE:
        raise BadExpiry(
            _("A key lives at least a moment and at most a year. Choose another day."),
            errors={"expires_on": _("Choose a day between tomorrow and a year from now.")},
        )
    return wanted


def _made(*, is_signed: bool) -> tuple[str, bytes, str]:
    """Prefix, the hash to keep, and the only readable copy of a new key."""
    prefix = "".join(secrets.choice(ALPHABET) for _n in range(PREFIX_LENGTH))
    token = f"pk_{prefix}_{secrets.token_urlsafe(32)}"
    digest = hashlib.sha256(token.encode()).digest()
    if is_signed:
        server_key = settings.REQUEST_SIGNING_KEYS[0]
        token = signing.secret(server_key=server_key, prefix=prefix, digest=digest)
    return prefix, digest, token


@transaction.atomic
def revoke(*, by: Actor, key: ApiKey, at: datetime) -> ApiKey:
    """End a key for good; a second call changes nothing. Locks the key. Raises Forbidden."""
    by.require(Permission.ORGANIZATION_MANAGE)
    locked = ApiKey.objects.visible_to(by).select_for_update().get(pk=key.pk)
    if locked.revoked_at is None:
        locked.revoked_at = at
        locked.revoked_by = by.user
        locked.save(update_fields=["revoked_at", "revoked_by"])
        trail.record(by=by, at=at, verb="revoked", subject=locked)
    return locked
