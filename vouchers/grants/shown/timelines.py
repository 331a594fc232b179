"""Where an application stands: each step with its date and person, the present one with who has it until when."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from django.utils.translation import gettext as _

from common.components import Moment
from common.periods import local_day
from vouchers.grants.actions import desk
from vouchers.grants.models import (
    Application,
    ApplicationStatus,
    DeskRules,
    PublicNotice,
    Review,
    Supplement,
    SupplementStatus,
)
from vouchers.grants.rules.schemes import from_json

Status = ApplicationStatus
WAITS_AS = {"first": Status.SUBMITTED, "second": Status.FIRST_PASSED}
"""The state in which an application waits for a review."""
OVER = frozenset({Status.REJECTED, Status.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Step:
    """One step: when it was done and by whom, or who has it and until when."""

    what: str
    at: datetime | None
    done_by: str
    has_it: str
    until: date | None = None
    note: str = ""


def timeline(application: Application) -> list[Moment]:
    """All steps in order. Four queries beside the application with its scheme, notice and voucher."""
    reviews = list(application.reviews.order_by("pk"))
    supplements = list(application.supplements.order_by("pk"))
    return list(_moments(application, list(_steps(application, reviews, supplements))))


def next_day(application: Application) -> date | None:
    """The day by which whoever has the application is to have done the present step; None when nobody has it."""
    now = next((each for each in timeline(application) if each.state == "now"), None)
    return now.until if now and isinstance(now.until, date) else None


def _steps(
    application: Application, reviews: list[Review], supplements: list[Supplement]
) -> Iterator[Step]:
    bureau, firm = application.scheme.bureau.name, application.enterprise.name
    rules = desk.rules_of(bureau=application.scheme.bureau)
    prepared, signed = application.prepared_at, application.submitted_at
    yield Step(_("Prepared"), prepared, _person(application.prepared_by), firm)
    last_day = application.scheme.closes_on
    yield Step(_("Signed and handed in"), signed, _person(application.submitted_by), firm, last_day)
    by_stage = {review.stage: review for review in reviews}
    before = signed
    for stage, what in (("first", _("First review")), ("second", _("Second review"))):
        for each in supplements:
            if each.stage == stage:
                yield _supplement(each, firm)
                before = each.answered_at or before
        decided = by_stage[stage].decided_at if stage in by_stage else None
        yield Step(what, decided, bureau, bureau, _due(before, WAITS_AS[stage], rules))
        before = decided
    notice: PublicNotice | None = getattr(application, "notice", None)
    if from_json(application.scheme.rules).notice_days.value:
        yield _notice(notice, bureau, before, rules)
        before = notice.ends_at if notice else None
    if application.is_paid_elsewhere:
        yield Step(_("Paid out by the bureau, outside this platform"), None, bureau, bureau)
        return
    voucher = getattr(application, "voucher", None)
    issued = voucher.issued_at if voucher else None
    yield Step(_("Voucher issued"), issued, bureau, bureau, _due(before, Status.NOTICED, rules))


def _supplement(supplement: Supplement, firm: str) -> Step:
    what = _("Additions asked for on %(day)s") % {"day": local_day(supplement.asked_at)}
    ended = supplement.answered_at or supplement.lapsed_at
    note = ""
    if supplement.status != SupplementStatus.OPEN:
        note = str(supplement.get_status_display())
    return Step(what, ended, firm, firm, supplement.last_day, note)


def _notice(
    notice: PublicNotice | None, bureau: str, before: datetime | None, rules: DeskRules
) -> Step:
    if notice is None:
        return Step(_("Public notice"), None, bureau, bureau, _due(before, Status.APPROVED, rules))
    note = _("Objections until %(day)s") % {"day": notice.last_day}
    return Step(_("Public notice"), notice.published_at, bureau, bureau, note=note)


def _moments(application: Application, steps: list[Step]) -> Iterator[Moment]:
    over = application.status in OVER
    yield Moment(_("Begun"), "done", application.created_at, str(application.created_by))
    waiting = False
    for step in steps:
        if step.at is not None:
            yield Moment(step.what, "done", step.at, step.done_by, note=step.note)
            continue
        if over:
            break
        state: Literal["now", "later"] = "later" if waiting else "now"
        is_now = state == "now"
        yield Moment(
            step.what,
            state,
            who=step.has_it if is_now else "",
            until=step.until if is_now else None,
        )
        waiting = True
    if over:
        yield Moment(str(application.get_status_display()), "stopped")


def _due(before: datetime | None, status: Status, rules: DeskRules) -> date | None:
    """The last working day of a step by the bureau's desk, counted from when the step before it was done."""
    if before is None:
        return None
    return desk.due_day(rules=rules, status=status, arrived_at=before)


def _person(person: Any) -> str:
    return str(person) if person else ""
