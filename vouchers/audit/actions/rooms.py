"""The auditor's room: a bureau lets a person in for a time; each look is logged before anything is shown."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.models import OrganizationKind, User
from accounts.permissions import Permission
from common.codes import normalize_code
from common.errors import DomainError, Forbidden
from common.periods import end_of_day, local_day
from vouchers.audit.actions import chains, packages
from vouchers.audit.models import RoomPass, RoomView, RoomViewKind

LONGEST = timedelta(days=92)
"""A pass lasts a quarter at most; a longer audit asks for the next one."""
MOST_CHARACTERS = 60


class PassInvalid(DomainError):
    """A pass that cannot be; `errors` names the field."""

    code = "pass_invalid"


class RoomClosed(DomainError):
    """No pass of this person is open: it ran out, was revoked, or never was."""

    code, status = "room_closed", 404


class NothingThere(DomainError):
    """No chain of the bureau has that number."""

    code, status = "nothing_there", 404


@transaction.atomic
def grant(*, by: Actor, email: str, purpose: str, last_day: date, at: datetime) -> RoomPass:
    """Let the person with that address read until the end of a day. Raises PassInvalid, Forbidden."""
    by.require(Permission.ROOM_GRANT)
    if not by.is_kind(OrganizationKind.BUREAU):
        raise Forbidden(_("Only a bureau has an auditor's room."))
    wrong = {}
    auditor = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if auditor is None:
        wrong["email"] = _("Nobody has signed up with this address. Ask the auditor to sign up.")
    elif auditor.is_same_person(by.user):
        wrong["email"] = _("You cannot let yourself in. Ask a colleague.")
    if not purpose.strip():
        wrong["purpose"] = _("Say what the audit is about.")
    today = local_day(at)
    if not today <= last_day <= today + LONGEST:
        wrong["last_day"] = _("Choose a day from today on, within 92 days.")
    if wrong or auditor is None:
        raise PassInvalid(_("The pass cannot be like this. Correct it."), errors=wrong)
    made = RoomPass.objects.create(
        bureau=by.own(), auditor=auditor, purpose=purpose.strip()[:300],
        expires_at=end_of_day(last_day), granted_at=at, granted_by=by.user,
    )  # fmt: skip
    data = {"auditor": auditor.code, "expires_at": made.expires_at.isoformat()}
    trail.record(by=by, at=at, verb="room_granted", subject=made, data=data)
    return made


@transaction.atomic
def revoke(*, by: Actor, room: RoomPass, at: datetime) -> RoomPass:
    """Let nobody in through a pass any more, from this moment on; a second click changes nothing. Locks it."""
    by.require(Permission.ROOM_GRANT)
    locked = RoomPass.objects.visible_to(by).select_for_update().get(pk=room.pk)
    if locked.revoked_at is None:
        locked.revoked_at, locked.revoked_by = at, by.user
        locked.save(update_fields=["revoked_at", "revoked_by"])
        trail.record(by=by, at=at, verb="room_revoked", subject=locked)
    return locked


@transaction.atomic
def look(
    *, by: Actor, code: str, number: str, at: datetime
) -> tuple[RoomPass, chains.Chain | None]:
    """The chain behind any number of the bureau's schemes; None when there is nothing. The look is logged.

    Raises RoomClosed.
    """
    room = _enter(by, code, at)
    asked = _number(number)
    if not asked:
        _log(by, room, RoomViewKind.ROOM, at)
        return room, None
    chain = chains.of(bureau=room.bureau, number=asked)
    _log(by, room, RoomViewKind.CHAIN, at, number=asked, is_found=chain is not None)
    return room, chain


def take_away(*, by: Actor, code: str, number: str, at: datetime) -> packages.Package:
    """The chain behind a number as a sealed package; logged with the file's SHA-256.

    A number that leads nowhere is logged too. Raises RoomClosed, NothingThere.
    """
    with transaction.atomic():
        room = _enter(by, code, at)
        asked = _number(number)
        chain = chains.of(bureau=room.bureau, number=asked) if asked else None
        made = packages.of_chain(chain=chain, at=at) if chain else None
        _log(
            by, room, RoomViewKind.PACKAGE, at, number=asked, is_found=made is not None,
            sha256=made.sha256 if made else "",
        )  # fmt: skip
    if made is None:
        raise NothingThere(_("Nothing of this bureau's schemes has this number."))
    return made


def _number(text: str) -> str:
    return normalize_code(text)[:MOST_CHARACTERS]


def _enter(by: Actor, code: str, at: datetime) -> RoomPass:
    """The pass, if it is this person's and open; locked, so that a revocation waits for the look or stops it."""
    rows = RoomPass.objects.select_for_update(of=("self",)).select_related("bureau")
    room = rows.filter(code=code, auditor=by.user).first()
    if room is None or by.key is not None or not room.is_open_at(at):
        raise RoomClosed(_("This room is not open to you. Ask the bureau for a pass."))
    return room


def _log(
    by: Actor,
    room: RoomPass,
    kind: RoomViewKind,
    at: datetime,
    *,
    number: str = "",
    is_found: bool = True,
    sha256: str = "",
) -> None:
    RoomView.objects.create(
        room=room, kind=kind, number=number, is_found=is_found, sha256=sha256, viewed_at=at,
        viewed_by=by.user,
    )  # fmt: skip
