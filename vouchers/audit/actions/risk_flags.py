"""What an officer makes of flags: dismissed or confirmed, with the reason in words."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.models import User
from accounts.permissions import Permission
from common import states
from common.errors import DomainError, Forbidden
from common.periods import start_of_day
from vouchers.audit.actions import relations
from vouchers.audit.models import FlagStatus, RiskFlag
from vouchers.audit.rules.risks.feedback import Judged, Record, records

OFFICER = "officer"
TRANSITIONS: states.Transitions = {
    FlagStatus.OPEN: frozenset({FlagStatus.DISMISSED, FlagStatus.CONFIRMED, FlagStatus.GONE}),
    FlagStatus.GONE: frozenset({FlagStatus.OPEN}),
}


class ReasonMissing(DomainError):
    """A flag is dismissed or confirmed only with a reason in words."""

    code = "reason_missing"


class AboutYourself(Forbidden):
    """The flag is about what the person did; somebody else has to look at it."""

    code = "about_yourself"


@transaction.atomic
def dismiss(
    *, by: Actor, flag: RiskFlag, reason: str, at: datetime, together: bool = False
) -> list[RiskFlag]:
    """Put a flag aside; with `together` all open ones of the same redemption.

    It comes back only when its rule sees something else. Locks the flags. Raises AboutYourself,
    Forbidden, ReasonMissing, Related, WrongState.
    """
    return _decide(by, flag, FlagStatus.DISMISSED, reason, at, together=together)


@transaction.atomic
def confirm(
    *, by: Actor, flag: RiskFlag, reason: str, at: datetime, together: bool = False
) -> list[RiskFlag]:
    """Say that a flag was right; it refuses nothing, and the claim is decided apart.

    Locks the flags. Raises AboutYourself, Forbidden, ReasonMissing, Related, WrongState.
    """
    return _decide(by, flag, FlagStatus.CONFIRMED, reason, at, together=together)


def feedback(*, by: Actor) -> list[Record]:
    """How often each version of each rule was right, among the own bureau's decided flags. One query."""
    by.require(Permission.CLAIM_AUDIT)
    decided = [FlagStatus.CONFIRMED, FlagStatus.DISMISSED]
    rows = RiskFlag.objects.visible_to(by).filter(status__in=decided)
    return records(
        Judged(rule, version, status == FlagStatus.CONFIRMED)
        for rule, version, status in rows.values_list("rule", "version", "status")
    )


def _decide(
    by: Actor, flag: RiskFlag, to: FlagStatus, reason: str, at: datetime, *, together: bool
) -> list[RiskFlag]:
    by.require(Permission.CLAIM_AUDIT)
    said = reason.strip()
    if not said:
        words = _("Say why, so that a colleague can follow it later.")
        raise ReasonMissing(words, errors={"reason": words})
    rows = RiskFlag.objects.visible_to(by).select_for_update(of=("self",))
    rows = rows.select_related("bill__provider", "voucher").order_by("pk")
    if together:
        found = list(
            rows.filter(bill=flag.bill_id, voucher=flag.voucher_id, status=FlagStatus.OPEN)
        )
    else:
        found = list(rows.filter(pk=flag.pk))
    if not found:
        raise states.WrongState(
            _("This step is not possible any more. Reload the page to see the present state.")
        )
    _require_apart(by, found)
    for each in found:
        states.move(
            each, to=to, transitions=TRANSITIONS, reason=said, decided_at=at, decided_by=by.user
        )
    trail.record_each(by=by, at=at, verb=to.value, subjects=found, data={"reason": said})
    return found


def _require_apart(by: Actor, found: list[RiskFlag]) -> None:
    """Neither of the parties, nor the officer whom a flag names, whatever the account."""
    bill = found[0].bill
    relations.require_unrelated(
        user=by.user,
        organization_ids={bill.provider.organization_id, bill.enterprise_id},
        people=[],
        since=start_of_day(bill.month),
    )
    codes = {code for each in found for kind, code in each.evidence if kind == OFFICER}
    if any(by.user.is_same_person(person) for person in User.objects.filter(code__in=codes)):
        raise AboutYourself(_("This flag is about what you did. Ask a colleague to look at it."))
