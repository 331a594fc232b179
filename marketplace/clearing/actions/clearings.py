"""Rounds: prepare one, start the work, give one up."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.models import OrganizationKind
from accounts.permissions import Permission
from accounts.rules import industries
from common import jobs, states
from common.codes import new_code
from common.errors import Conflict, DomainError, Forbidden
from common.models import JobStatus
from marketplace.clearing.actions import collecting, solving
from marketplace.clearing.models import ClearingRound, RoundStatus
from vouchers.grants.actions import schemes
from vouchers.grants.models import Scheme, SchemeStatus


class InvalidRound(DomainError):
    """A round with a value that cannot be meant; `errors` names the field."""

    code = "invalid_round"


class AlreadyStarted(Conflict):
    """The work is under way, or done."""

    code = "already_started"


@transaction.atomic
def create(
    *,
    by: Actor,
    name: str,
    section_floor: int,
    micro_percent: int,
    manufacturing_percent: int,
    term_months: int,
    offer_days: int,
    seed: int,
    budgets_fen: Mapping[str, int],
    at: datetime,
) -> ClearingRound:
    """Prepare a round. `budgets_fen`: code of an own open scheme -> fen the round may promise of it.

    Raises InvalidRound, also for more money than a scheme has left.
    """
    by.require(Permission.SCHEME_MANAGE)
    if not by.is_kind(OrganizationKind.BUREAU):
        raise Forbidden(_("Only a bureau can prepare a round."))
    numbers = {
        "section_floor": (section_floor, 0, len(industries.COVERED)),
        "micro_percent": (micro_percent, 0, 100),
        "manufacturing_percent": (manufacturing_percent, 0, 100),
        "term_months": (term_months, 1, 36),
        "offer_days": (offer_days, 1, 60),
        "seed": (seed, 0, 2**31 - 1),
    }
    errors: dict[str, str | Promise] = {
        field: _("Enter a whole number from %(least)s to %(most)s.")
        % {"least": least, "most": most}
        for field, (value, least, most) in numbers.items()
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most
    }
    if not name.strip() or len(name) > 100:
        errors["name"] = _("Give the round a name of at most 100 characters.")
    errors |= _wrong_budgets(by, budgets_fen)
    if errors:
        raise InvalidRound(
            _("Please check the fields named below. Nothing was saved."), errors=errors
        )
    made = ClearingRound.objects.create(
        code=new_code("RD"),
        bureau=by.own(),
        name=name.strip(),
        budgets={code: fen for code, fen in sorted(budgets_fen.items()) if fen},
        created_at=at,
        created_by=by.user,
        **{field: value for field, (value, _least, _most) in numbers.items()},
    )
    trail.record(by=by, at=at, verb="round.prepared", subject=made)
    return made


def funds_of(*, by: Actor) -> list[tuple[Scheme, int]]:
    """The bureau's open schemes, and what is left of each budget in fen. Two queries."""
    rows = list(
        Scheme.objects.filter(bureau=by.own(), status=SchemeStatus.PUBLISHED).order_by("code")
    )
    left = schemes.budgets_left_fen(schemes=rows)
    return [(row, left[row.code]) for row in rows]


def _wrong_budgets(by: Actor, budgets_fen: Mapping[str, int]) -> dict[str, str | Promise]:
    left = {scheme.code: fen for scheme, fen in funds_of(by=by)}
    errors: dict[str, str | Promise] = {}
    for code, fen in budgets_fen.items():
        if code not in left:
            errors[f"budget_{code}"] = _("This is no open scheme of your bureau.")
        elif not isinstance(fen, int) or isinstance(fen, bool) or not 0 <= fen <= left[code]:
            errors[f"budget_{code}"] = _("Enter an amount up to what is left of the budget.")
    return errors


@transaction.atomic
def start(*, by: Actor, clearing: ClearingRound, at: datetime) -> ClearingRound:
    """Collect the input and clear it in the background; progress is on the round's page.

    Locks the round. Once begun a second start changes nothing; after a failure it begins again, from the needs
    when none could be collected. Raises AlreadyStarted when there is a plan.
    """
    by.require(Permission.SCHEME_MANAGE)
    locked = lock(by=by, clearing=clearing)
    if locked.status not in {RoundStatus.DRAFT, RoundStatus.COLLECTED}:
        raise AlreadyStarted(_("This round was calculated already. Prepare a new one."))
    if locked.job is not None and locked.job.status != JobStatus.FAILED:
        return locked
    count = len(collecting.open_needs(clearing=locked))
    locked.job = jobs.start(kind=solving.KIND, owner_id=by.user.pk, total_count=count, at=at)
    locked.refusal = ""
    locked.save(update_fields=["job", "refusal"])
    jobs.ring(task=solving.TASK, job=locked.job)
    trail.record(by=by, at=at, verb="round.started", subject=locked)
    return locked


@transaction.atomic
def give_up(*, by: Actor, clearing: ClearingRound, reason: str, at: datetime) -> ClearingRound:
    """Void a round that was not applied, with the reason. Locks it. Raises WrongState, InvalidRound."""
    by.require(Permission.SCHEME_MANAGE)
    if not reason.strip() or len(reason) > 300:
        words = _("Say why, in at most 300 characters.")
        raise InvalidRound(words, errors={"reason": words})
    locked = lock(by=by, clearing=clearing)
    return void(by=by, clearing=locked, reason=reason.strip(), at=at)


def void(*, by: Actor | None, clearing: ClearingRound, reason: str, at: datetime) -> ClearingRound:
    """Void a locked round, asked for by an action; `by` is None for the system itself."""
    states.move(
        clearing,
        to=RoundStatus.VOID,
        transitions=solving.TRANSITIONS,
        voided_at=at,
        void_reason=reason,
    )
    trail.record(by=by, at=at, verb="round.voided", subject=clearing, data={"reason": reason})
    return clearing


def lock(*, by: Actor | None, clearing: ClearingRound) -> ClearingRound:
    """The round as it is now, locked. Inside a transaction. Raises Forbidden for another bureau's."""
    rows = ClearingRound.objects.select_for_update(of=("self",)).select_related("bureau", "job")
    locked = rows.get(pk=clearing.pk)
    if by is not None and locked.bureau_id != by.own().pk:
        raise Forbidden(_("This round belongs to another bureau."))
    return locked
