"""Two people sign a plan; with the second signature every served firm gets its offer."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common import states
from common.codes import new_code
from common.errors import Conflict, Forbidden
from marketplace.clearing import notifying
from marketplace.clearing.actions import clearings, collecting, solving
from marketplace.clearing.models import (
    ClearingRound,
    RoundOffer,
    RoundSignature,
    RoundStatus,
)
from marketplace.clearing.rules import filing
from marketplace.matching.models import Need
from marketplace.matching.rules import rounds_protocol


class WrongPlan(Conflict):
    """What was shown is not what is there now: the signature would cover something else."""

    code = "wrong_plan"

    def __init__(self) -> None:
        super().__init__(_("The plan is not what you were shown. Reload the page and compare."))


class SamePerson(Forbidden):
    """The same human may not sign twice, whatever the account."""

    code = "same_person"


@transaction.atomic
def sign(*, by: Actor, clearing: ClearingRound, plan_sha256: str, at: datetime) -> ClearingRound:
    """Put the first or second signature over the plan's hash that was shown.

    Two different humans sign; whoever prepared the round may be one of them; keys cannot. The plan's rows are
    checked against hash, limits and floors, and its input is collected anew: where that differs from what was
    frozen the round is void, and is returned so. The second signature applies the plan. Locks the round. Raises
    WrongPlan, SamePerson, WrongState.
    """
    by.require(Permission.DECISION_COUNTERSIGN)
    locked = clearings.lock(by=by, clearing=clearing)
    signed = list(locked.signatures.select_related("signed_by").order_by("position"))
    _require_new_human(by, signed)
    to = RoundStatus.SIGNED_ONCE if locked.status == RoundStatus.SOLVED else RoundStatus.APPLIED
    states.require(locked, to=to, transitions=solving.TRANSITIONS)
    _require_sound(locked, plan_sha256)
    if is_outdated(clearing=locked, at=at):
        return _void(by, locked, at)
    try:
        with transaction.atomic():
            RoundSignature.objects.create(
                round=locked,
                position=len(signed) + 1,
                plan_sha256=plan_sha256,
                person_key=by.user.person_key,
                signed_at=at,
                signed_by=by.user,
            )
    except IntegrityError as error:
        raise SamePerson(_signed_already()) from error
    data = {"position": len(signed) + 1, "plan_sha256": plan_sha256}
    trail.record(by=by, at=at, verb="round.signed", subject=locked, data=data)
    if to == RoundStatus.APPLIED:
        _apply(by, locked, at)
    else:
        states.move(locked, to=to, transitions=solving.TRANSITIONS)
    return locked


def is_outdated(*, clearing: ClearingRound, at: datetime) -> bool:
    """Whether the same needs, collected now, make another input than the frozen one."""
    found = filing.read(solving.content_of(clearing=clearing))
    rows = Need.objects.filter(code__in=found.needs).select_related("scenario", "enterprise")
    needs = list(rows.order_by("pk"))
    content = collecting.collect(clearing=clearing, needs=needs, at=at)
    return filing.read(content).digest() != clearing.input_sha256


def void_outdated(*, at: datetime) -> int:
    """Void the rounds whose input changed after the first signature. Returns how many."""
    rows = ClearingRound.objects.filter(status=RoundStatus.SIGNED_ONCE).order_by("pk")
    changed = 0
    for clearing in rows:
        with transaction.atomic():
            locked = clearings.lock(by=None, clearing=clearing)
            if locked.status == RoundStatus.SIGNED_ONCE and is_outdated(clearing=locked, at=at):
                _void(None, locked, at)
                changed += 1
    return changed


def _void(by: Actor | None, clearing: ClearingRound, at: datetime) -> ClearingRound:
    reason = _("Needs, prices, capacity, vouchers or budgets changed after the input was frozen.")
    return clearings.void(by=by, clearing=clearing, reason=reason, at=at)


def _require_new_human(by: Actor, signed: list[RoundSignature]) -> None:
    if by.key is not None:
        raise Forbidden(_("A round is signed by a person, not with an API key. Sign in."))
    if any(by.user.is_same_person(signature.signed_by) for signature in signed):
        raise SamePerson(_signed_already())


def _signed_already() -> str:
    return _("You have signed already. The second signature must come from another person.")


def _require_sound(clearing: ClearingRound, plan_sha256: str) -> None:
    """The rows still are the plan that was hashed, and the plan keeps every limit and floor."""
    try:
        found, plan = solving.plan_of(clearing=clearing)
        rounds_protocol.check(found, plan)
    except (KeyError, ValueError) as error:
        raise WrongPlan from error
    if not plan_sha256 == clearing.plan_sha256 == plan.digest():
        raise WrongPlan


def _apply(by: Actor, clearing: ClearingRound, at: datetime) -> None:
    states.move(clearing, to=RoundStatus.APPLIED, transitions=solving.TRANSITIONS, applied_at=at)
    until = at + timedelta(days=clearing.offer_days)
    served = clearing.outcomes.filter(bundle__isnull=False).order_by("pk")
    made = RoundOffer.objects.bulk_create(
        RoundOffer(code=new_code("OF"), outcome=outcome, offered_at=at, expires_at=until)
        for outcome in served.select_related("need__enterprise", "bundle")
    )
    notifying.offered(offers=made, at=at)
    trail.record(by=by, at=at, verb="round.applied", subject=clearing, data={"offers": len(made)})
