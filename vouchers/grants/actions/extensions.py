"""Extensions: a voucher's validity moves on once, where its scheme allows it (延期)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common import states
from common.errors import Conflict
from common.periods import add_months, end_of_day
from vouchers.grants import notifying
from vouchers.grants.actions import letters, wallets
from vouchers.grants.models import Extension, LetterKind, Voucher
from vouchers.grants.rules.schemes import Sourced, from_json


class ExtensionNotAllowed(Conflict):
    """The scheme extends no voucher."""

    code = "extension_not_allowed"


class AlreadyExtended(Conflict):
    """A voucher is extended once."""

    code = "already_extended"


def allowed(*, voucher: Voucher) -> Sourced[int] | None:
    """How many months the scheme allows, with its source; None when it allows none."""
    return from_json(voucher.scheme.rules).extension_months


@transaction.atomic
def extend(*, by: Actor, voucher: Voucher, reason: str, at: datetime) -> Extension:
    """Move the end of a voucher by the scheme's months, to the end of that civil day.

    Locks the voucher. A second click answers the extension there is. Raises ExtensionNotAllowed,
    AlreadyExtended, wallets.WordsMissing, states.WrongState, Forbidden.
    """
    by.require(Permission.VOUCHER_ISSUE)
    locked = wallets.lock(by=by, voucher=voucher)
    existing = Extension.objects.filter(voucher=locked).first()
    if existing is not None:
        if existing.extended_by_id == by.user.pk and existing.reason == reason.strip():
            return existing
        raise AlreadyExtended(_("This voucher was extended before. It can be extended only once."))
    months = allowed(voucher=locked)
    if months is None:
        raise ExtensionNotAllowed(_("The rules of this scheme do not allow an extension."))
    wallets.require_reason(reason)
    if locked.status not in wallets.TRANSITIONS or locked.expires_at <= at:
        raise states.WrongState(_("This voucher has ended. Only a running one can be extended."))
    ends = end_of_day(add_months(locked.last_day, months.value))
    made = Extension.objects.create(
        voucher=locked, expired_before=locked.expires_at, expires_at=ends, reason=reason.strip(),
        extended_at=at, extended_by=by.user,
    )  # fmt: skip
    locked.expires_at = ends
    locked.save(update_fields=["expires_at"])
    data = {"reason": made.reason, "from": made.expired_before.isoformat(), "to": ends.isoformat()}
    trail.record(by=by, at=at, verb="extended", subject=locked, data=data)
    notifying.tell_holder(
        "voucher_extended", voucher=locked, once=str(locked.last_day), reason=made.reason, at=at
    )
    letters.send(
        kind=LetterKind.EXTENDED, application=locked.application, occasion=locked.code, at=at,
        voucher=locked.code, reason=made.reason, valid_until=locked.last_day,
    )  # fmt: skip
    return made
