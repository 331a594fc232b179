"""Cases: opened from a flag, an item of a sample or by hand, and worked on by one officer at a time."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.models import Organization, User
from accounts.permissions import PERMISSIONS_BY_ROLE, Permission
from common import states
from common.errors import Conflict, DomainError, Forbidden
from common.periods import local_day, start_of_day
from vouchers.audit.actions import relations
from vouchers.audit.models import (
    Case,
    CaseSource,
    CaseStatus,
    Claim,
    ItemFinding,
    Refund,
    RiskFlag,
    SampleItem,
)
from vouchers.billing.models import Bill, Charge, Payer
from vouchers.grants.models import Application, Voucher
from vouchers.grants.rules import workdays

TRANSITIONS: states.Transitions = {
    CaseStatus.OPEN: frozenset({CaseStatus.ASKED, CaseStatus.SIGNED_ONCE}),
    CaseStatus.ASKED: frozenset({CaseStatus.OPEN, CaseStatus.ASKED, CaseStatus.SIGNED_ONCE}),
    CaseStatus.SIGNED_ONCE: frozenset({CaseStatus.OPEN, CaseStatus.ASKED, CaseStatus.CLOSED}),
}
WORKING_DAYS = 20
"""Within which a case is to be done unless somebody plans otherwise."""


class CaseInvalid(DomainError):
    """A question that is missing, or a day that is past; `errors` names the field."""

    code = "case_invalid"


class NoSuchSubject(DomainError):
    """Nothing of the own schemes has that number."""

    code = "no_such_subject"


class CaseOpenAlready(Conflict):
    """A case about the same redemption is open; `existing` is its code."""

    code = "case_open_already"

    def __init__(self, existing: str) -> None:
        super().__init__(
            _("Case %(code)s about the same redemption is open. Add what you know to it.")
            % {"code": existing}
        )
        self.existing = existing


class TakenByAnother(Conflict):
    """Somebody else took, gave or returned the case since the page was shown."""

    code = "case_taken"


@transaction.atomic
def open_from_flag(*, by: Actor, flag: RiskFlag, question: str, at: datetime) -> Case:
    """Open a case about the redemption of a flag. Raises CaseInvalid, CaseOpenAlready, Forbidden, Related."""
    by.require(Permission.CLAIM_AUDIT)
    own = RiskFlag.objects.visible_to(by).select_related("bill", "voucher").get(pk=flag.pk)
    made = Case(source=CaseSource.FLAG, flag=own, bill=own.bill, voucher=own.voucher)
    return _open(by, made, question, at)


@transaction.atomic
def open_from_item(*, by: Actor, item: SampleItem, question: str, at: datetime) -> Case:
    """Open a case about an item of a sample in which something wrong was found.

    Raises CaseInvalid, CaseOpenAlready, Forbidden, Related.
    """
    by.require(Permission.CLAIM_AUDIT)
    rows = SampleItem.objects.filter(sample__scheme__bureau=by.own())
    own = rows.select_related("bill", "voucher").get(pk=item.pk)
    if own.finding != ItemFinding.WRONG:
        raise CaseInvalid(_("Say first what is wrong with the item; then open a case about it."))
    made = Case(source=CaseSource.SAMPLE, sample_item=own, bill=own.bill, voucher=own.voucher)
    return _open(by, made, question, at)


@transaction.atomic
def open_by_hand(*, by: Actor, subject: str, question: str, at: datetime) -> Case:
    """Open a case about what a number names: bill and voucher with a stroke between, or an organization.

    Raises CaseInvalid, CaseOpenAlready, Forbidden, NoSuchSubject, Related.
    """
    by.require(Permission.CLAIM_AUDIT)
    made = Case(source=CaseSource.HAND)
    number = "".join(subject.split()).upper()
    if "/" in number:
        made.bill, made.voucher = _redemption(by, number)
    else:
        made.organization = _organization(by, number)
    return _open(by, made, question, at)


def _redemption(by: Actor, number: str) -> tuple[Bill, Voucher]:
    bill, _stroke, voucher = number.partition("/")
    paid = Charge.objects.standing().filter(
        payer=Payer.VOUCHER, bill__code=bill, voucher__code=voucher,
        voucher__scheme__bureau=by.own(),
    )  # fmt: skip
    charge = paid.select_related("bill", "voucher").first()
    if charge is not None and charge.voucher is not None:
        return charge.bill, charge.voucher
    back = Refund.objects.filter(
        bill__code=bill, voucher__code=voucher, voucher__scheme__bureau=by.own(),
        transfer__isnull=False,
    )  # fmt: skip
    refund = back.select_related("bill", "voucher").first()
    if refund is None:
        raise _unknown()
    return refund.bill, refund.voucher


def _organization(by: Actor, number: str) -> Organization:
    """One that applied to, or claimed from, a scheme of the bureau."""
    own = by.own()
    found = Organization.objects.filter(code=number).first()
    if found is None or found.pk == own.pk:
        raise _unknown()
    applied = Application.objects.filter(
        enterprise=found, scheme__bureau=own, submitted_at__isnull=False
    )
    claimed = Claim.objects.filter(
        provider__organization=found, scheme__bureau=own, submitted_at__isnull=False
    )
    if not applied.exists() and not claimed.exists():
        raise _unknown()
    return found


def _unknown() -> NoSuchSubject:
    words = _(
        "Nothing of your schemes has this number. Enter bill and voucher with a stroke between, or the "
        "number of an organization."
    )
    return NoSuchSubject(words, errors={"subject": words})


def _open(by: Actor, made: Case, question: str, at: datetime) -> Case:
    said = " ".join(question.split())
    if not 0 < len(said) <= 300:
        words = _("Say in at most 300 characters what is looked into.")
        raise CaseInvalid(words, errors={"question": words})
    made.bureau, made.question = by.own(), said
    made.due_on = workdays.after(local_day(at), WORKING_DAYS)
    made.opened_at, made.opened_by = at, by.user
    require_apart(by, made)
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        running = Case.objects.exclude(status=CaseStatus.CLOSED)
        there = running.filter(bill=made.bill, voucher=made.voucher).first()
        if there is None:
            raise
        raise CaseOpenAlready(there.code) from error
    trail.record(by=by, at=at, verb="case_opened", subject=made, data={"source": made.source})
    return made


@transaction.atomic
def take(*, by: Actor, case: Case, version: int, at: datetime) -> Case:
    """Work on a case oneself; `version` is the one that was seen. A second click answers the same.

    Of two officers the UPDATE lets exactly one through. Raises TakenByAnother, Related, WrongState, Forbidden.
    """
    by.require(Permission.CLAIM_AUDIT)
    seen = lock(by, case)
    if seen.assignee_id == by.user.pk:
        return seen
    require_apart(by, seen)
    return _hand(by, seen, by.user, version, at, "case_taken")


@transaction.atomic
def hand_over(*, by: Actor, case: Case, to: User | None, version: int, at: datetime) -> Case:
    """Give a case to a colleague who audits, or back to the team. Raises as `take`, and CaseInvalid."""
    by.require(Permission.CLAIM_AUDIT)
    seen = lock(by, case)
    if to is not None and not colleagues(by).filter(pk=to.pk).exists():
        words = _("Choose a colleague who audits claims.")
        raise CaseInvalid(words, errors={"to": words})
    return _hand(by, seen, to, version, at, "case_given" if to else "case_returned")


def colleagues(by: Actor) -> QuerySet[User]:
    """Who audits for the own bureau now, by name."""
    roles = [role for role, held in PERMISSIONS_BY_ROLE.items() if Permission.CLAIM_AUDIT in held]
    rows = User.objects.filter(
        is_active=True, memberships__organization=by.own(), memberships__role__in=roles,
        memberships__ended_at__isnull=True,
    )  # fmt: skip
    return rows.distinct().order_by("name", "pk")


@transaction.atomic
def plan(*, by: Actor, case: Case, due_on: date, version: int, at: datetime) -> Case:
    """Say by when a case is to be done. Raises CaseInvalid, TakenByAnother, WrongState, Forbidden."""
    by.require(Permission.CLAIM_AUDIT)
    seen = lock(by, case)
    if due_on < local_day(at):
        words = _("This day is past. Choose today or a later day.")
        raise CaseInvalid(words, errors={"due_on": words})
    data = {"due_on": [seen.due_on.isoformat(), due_on.isoformat()]}
    _change(seen, version, due_on=due_on)
    trail.record(by=by, at=at, verb="case_planned", subject=seen, data=data)
    return seen


def _hand(by: Actor, seen: Case, to: User | None, version: int, at: datetime, verb: str) -> Case:
    _change(seen, version, assignee=to)
    trail.record(by=by, at=at, verb=verb, subject=seen, data={"to": to.code if to else ""})
    return seen


def _change(seen: Case, version: int, **values: object) -> None:
    if seen.status == CaseStatus.CLOSED:
        raise _closed()
    mine = Case.objects.filter(pk=seen.pk, version=version).exclude(status=CaseStatus.CLOSED)
    if mine.update(version=F("version") + 1, **values) != 1:
        raise TakenByAnother(
            _("The case changed a moment ago. Reload the page and see who has it.")
        )
    seen.refresh_from_db(fields=["version", *values])


def lock(by: Actor, case: Case) -> Case:
    """The case of the own bureau, locked, with its subject. Raises Forbidden for another bureau's."""
    locked = Case.objects.with_subject().select_for_update(of=("self",)).get(pk=case.pk)
    if locked.bureau_id != by.own().pk:
        raise Forbidden(_("This case belongs to another bureau."))
    return locked


def require_open(case: Case) -> None:
    """Raise WrongState for a closed case."""
    if case.status == CaseStatus.CLOSED:
        raise _closed()


def require_mine(by: Actor, case: Case) -> None:
    """Raise TakenByAnother unless the person works on the case, and WrongState when it is closed."""
    require_open(case)
    if case.assignee_id != by.user.pk:
        raise TakenByAnother(_("Take the case first; then you can work on it."))


def require_apart(by: Actor, case: Case) -> None:
    """Raise Related for whoever belongs, or belonged in the month in question, to one of the parties."""
    since = start_of_day(case.bill.month) if case.bill else start_of_day(local_day(case.opened_at))
    relations.require_unrelated(
        user=by.user,
        organization_ids={each.pk for each in case.parties()},
        people=[],
        since=since,
    )


def reopen(case: Case) -> None:
    """Anything new in a case makes a first signature void. Inside the transaction that holds its lock."""
    if case.status == CaseStatus.SIGNED_ONCE:
        states.move(case, to=CaseStatus.OPEN, transitions=TRANSITIONS)


def _closed() -> states.WrongState:
    return states.WrongState(_("This case is closed. Open a new one when something new turned up."))
