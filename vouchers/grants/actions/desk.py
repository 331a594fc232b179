"""How a bureau works: its deadlines and limits, and its canned remarks."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.models import Organization, OrganizationKind
from accounts.permissions import Permission
from common.errors import Conflict, DomainError, Forbidden
from common.money import MAX_FEN
from common.periods import end_of_day, local_day
from vouchers.grants import wording
from vouchers.grants.models import ApplicationStatus, CannedRemark, DeskRules, RemarkUse
from vouchers.grants.rules import workdays

DAYS = {
    ApplicationStatus.SUBMITTED: "first_review_days",
    ApplicationStatus.FIRST_PASSED: "second_review_days",
    ApplicationStatus.APPROVED: "notice_days",
    ApplicationStatus.NOTICED: "issue_days",
}
"""Which figure holds for an application that waits in a state."""
LIMITS = {
    **dict.fromkeys(DAYS.values(), (1, 90)),
    "claim_days": (1, 30),
    "supplement_days": (1, 60),
}
LIMITS |= {"bulk_limit_count": (0, 100_000), "bulk_limit_fen": (0, MAX_FEN)}
MOST_LETTERS_OF_A_REMARK = 300


class DeskInvalid(DomainError):
    """A figure outside what is possible; `errors` names each field."""

    code = "desk_rules_invalid"


class RemarkInvalid(DomainError):
    """An empty or overlong remark."""

    code = "remark_invalid"


class RemarkKnown(Conflict):
    """The bureau has this remark already."""

    code = "remark_known"


def rules_of(*, bureau: Organization) -> DeskRules:
    """The bureau's figures; the standing ones, not saved, when it never changed them."""
    return DeskRules.objects.filter(bureau=bureau).first() or DeskRules(bureau=bureau)


def due_day(*, rules: DeskRules, status: str, arrived_at: datetime) -> date | None:
    """The last day for the step that an application in that state waits for; None when it waits for none."""
    name = DAYS.get(ApplicationStatus(status))
    return workdays.after(local_day(arrived_at), getattr(rules, name)) if name else None


def supplement_day(*, rules: DeskRules, at: datetime) -> date:
    """The last day that is proposed for answering a supplement asked now."""
    return workdays.after(local_day(at), rules.supplement_days)


def claim_ends(*, rules: DeskRules, at: datetime) -> datetime:
    """The moment at which a claim made now runs out: the end of its last working day."""
    return end_of_day(workdays.after(local_day(at), rules.claim_days))


@transaction.atomic
def change(*, by: Actor, at: datetime, **figures: int) -> DeskRules:
    """Set the bureau's figures; the trail keeps those before. Raises DeskInvalid, Forbidden."""
    by.require(Permission.SCHEME_MANAGE)
    faults = {
        name: _("Enter a whole number from %(low)s to %(high)s.") % {"low": low, "high": high}
        for name, (low, high) in LIMITS.items()
        if name in figures and not low <= figures[name] <= high
    }
    if faults:
        raise DeskInvalid(_("Some figures are not possible. Correct them."), errors=faults)
    DeskRules.objects.get_or_create(bureau=_bureau_of(by))
    rules = DeskRules.objects.select_for_update().get(bureau=by.own())
    before = {name: getattr(rules, name) for name in LIMITS}
    for name in LIMITS.keys() & figures.keys():
        setattr(rules, name, figures[name])
    after = {name: getattr(rules, name) for name in LIMITS}
    if after != before:
        rules.changed_at, rules.changed_by = at, by.user
        rules.save()
        data = {name: [before[name], after[name]] for name in LIMITS if before[name] != after[name]}
        trail.record(by=by, at=at, verb="desk_changed", subject=by.own(), data=data)
    return rules


@transaction.atomic
def add_remark(*, by: Actor, use: str, text: str, at: datetime) -> CannedRemark:
    """Write a canned remark. Raises RemarkInvalid, RemarkKnown."""
    by.require(Permission.APPLICATION_REVIEW)
    said = " ".join(text.split())
    if not 0 < len(said) <= MOST_LETTERS_OF_A_REMARK or use not in RemarkUse.values:
        words = _("Write the remark in at most 300 characters.")
        raise RemarkInvalid(words, errors={"text": words})
    try:
        with transaction.atomic():
            made = CannedRemark.objects.create(
                bureau=_bureau_of(by), use=use, text=said, created_at=at, created_by=by.user
            )
    except IntegrityError as error:
        words = _("This remark is in the list already.")
        raise RemarkKnown(words, errors={"text": words}) from error
    trail.record(by=by, at=at, verb="remark_added", subject=made)
    return made


@transaction.atomic
def add_usual_remarks(*, by: Actor, at: datetime) -> list[CannedRemark]:
    """Take over the usual remarks; those that the bureau has already are left alone."""
    by.require(Permission.APPLICATION_REVIEW)
    held = set(CannedRemark.objects.visible_to(by).in_use().values_list("use", "text"))
    usual = [(use, str(text)) for use, texts in wording.REMARKS.items() for text in texts]
    return [
        add_remark(by=by, use=use, text=text, at=at)
        for use, text in usual
        if (use, text) not in held
    ]


@transaction.atomic
def retire_remark(*, by: Actor, remark: CannedRemark, at: datetime) -> CannedRemark:
    """Offer a remark no longer; a second click changes nothing. Locks the remark."""
    by.require(Permission.APPLICATION_REVIEW)
    locked = CannedRemark.objects.select_for_update().get(pk=remark.pk)
    if locked.bureau_id != by.own().pk:
        raise Forbidden(_("This remark belongs to another bureau."))
    if locked.retired_at is None:
        locked.retired_at, locked.retired_by = at, by.user
        locked.save(update_fields=["retired_at", "retired_by"])
        trail.record(by=by, at=at, verb="remark_retired", subject=locked)
    return locked


def _bureau_of(by: Actor) -> Organization:
    if not by.is_kind(OrganizationKind.BUREAU):
        raise Forbidden(_("Only a bureau has a desk."))
    return by.own()
