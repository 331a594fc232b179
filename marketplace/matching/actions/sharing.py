"""Sharing: a need and what fits it under an address nobody can guess, as long as its firm wants."""

import secrets
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common.errors import Forbidden
from marketplace.matching.models import Need

BYTES = 24
"""192 random bits: no one finds an address by trying."""


@transaction.atomic
def share(*, by: Actor, need: Need, at: datetime) -> Need:
    """Give a need its address; one that is shared keeps the one it has. Locks the need."""
    locked = _lock_own(by, need)
    if not locked.share_token:
        locked.share_token = secrets.token_urlsafe(BYTES)
        locked.save(update_fields=["share_token"])
        trail.record(by=by, at=at, verb="need.shared", subject=locked)
    return locked


@transaction.atomic
def withdraw(*, by: Actor, need: Need, at: datetime) -> Need:
    """Take the address back for good: shared again, it gets another. Locks the need."""
    locked = _lock_own(by, need)
    if locked.share_token:
        locked.share_token = ""
        locked.save(update_fields=["share_token"])
        trail.record(by=by, at=at, verb="need.withdrawn", subject=locked)
    return locked


def _lock_own(by: Actor, need: Need) -> Need:
    by.require(Permission.NEED_MANAGE)
    if by.own().pk != need.enterprise_id:
        raise Forbidden(_("You can share the needs of your own organization only."))
    return Need.objects.select_for_update().get(pk=need.pk)
