"""The bureau's work queue: what waits since when, until when, and who has it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Case, Count, DateTimeField, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Greatest

from accounts.access import Actor
from common.periods import end_of_day, local_day
from vouchers.grants.actions import desk
from vouchers.grants.models import (
    Application,
    ApplicationStatus,
    Assignment,
    DeskRules,
    Review,
    ReviewStage,
    Supplement,
)
from vouchers.grants.rules import workdays

Status = ApplicationStatus
AT_REVIEW = (Status.SUBMITTED, Status.FIRST_PASSED)
AT_ISSUE = (Status.APPROVED, Status.NOTICED)


@dataclass(frozen=True, slots=True)
class Row:
    """One application of the queue; `holder` is who has it now, `may_claim` whether a claim could succeed."""

    application: Application
    version: int
    due_on: date | None
    is_overdue: bool
    holder: Any
    is_mine: bool
    may_claim: bool


def handed_in(actor: Actor) -> QuerySet[Application]:
    """Everything submitted to the own bureau, with the moment since when it waits as `arrived_at`."""
    decided = Review.objects.filter(application=OuterRef("pk"))
    return (
        Application.objects.visible_to(actor)
        .filter(submitted_at__isnull=False, scheme__bureau=actor.organization)
        .annotate(
            arrived_at=Case(
                When(
                    status=Status.FIRST_PASSED,
                    then=Greatest(
                        _decided(decided, ReviewStage.FIRST), _answered(ReviewStage.SECOND)
                    ),
                ),
                When(status=Status.APPROVED, then=_decided(decided, ReviewStage.SECOND)),
                When(status=Status.NOTICED, then=F("notice__ends_at")),
                default=Greatest(F("submitted_at"), _answered(ReviewStage.FIRST)),
                output_field=DateTimeField(),
            )
        )
    )


def views(actor: Actor, at: datetime, *, steps: tuple[Status, ...]) -> dict[str, Q]:
    """The conditions of the tabs over `handed_in`: mine, team, overdue, all."""
    rules = desk.rules_of(bureau=actor.own())
    due = Q(status__in=steps) & ~Q(status=Status.NOTICED, notice__ends_at__gt=at)
    if steps == AT_ISSUE:
        due &= ~Q(pk__in=Application.objects.done_without_voucher().values("pk"))
    found = {"team": due, "overdue": due & overdue(rules, at), "all": Q()}
    if steps == AT_REVIEW:
        mine = Q(assignment__claimed_by=actor.user, assignment__expires_at__gt=at)
        return {"mine": due & mine, **found}
    return found


def overdue(rules: DeskRules, at: datetime) -> Q:
    """Past the last working day of the step they wait for."""
    today, late = local_day(at), Q(pk__in=[])
    for status, name in desk.DAYS.items():
        began = end_of_day(workdays.latest_start(today, getattr(rules, name)))
        late |= Q(status=status, arrived_at__lt=began)
    return late


def longest_first(rows: Any) -> Any:
    """What waits longest first; the moment is an annotation that the type checker does not know."""
    return rows.order_by("arrived_at", "pk")


def counts(rows: QuerySet[Application], tabs: dict[str, Q]) -> dict[str, int]:
    """How many each tab holds. One query."""
    return rows.aggregate(**{name: Count("pk", filter=chosen) for name, chosen in tabs.items()})


def dressed(actor: Actor, rows: list[Application], at: datetime) -> list[Row]:
    """The rows of one page with deadline and holder. Three queries, however many rows."""
    rules = desk.rules_of(bureau=actor.own())
    keys = [row.pk for row in rows]
    claims = {
        claim.application_id: claim
        for claim in Assignment.objects.filter(application__in=keys).select_related("claimed_by")
    }
    mine = set(
        Review.objects.filter(application__in=keys, decided_by=actor.user).values_list(
            "application_id", flat=True
        )
    )
    return [_row(actor, row, claims.get(row.pk), row.pk in mine, rules, at) for row in rows]


def _row(
    actor: Actor,
    row: Any,
    claim: Assignment | None,
    decided: bool,
    rules: DeskRules,
    at: datetime,
) -> Row:
    held = claim is not None and claim.is_held_at(at)
    due = desk.due_day(rules=rules, status=row.status, arrived_at=row.arrived_at)
    return Row(
        application=row,
        version=claim.version if claim else 0,
        due_on=due,
        is_overdue=due is not None and due < local_day(at),
        holder=claim.claimed_by if claim and held else None,
        is_mine=bool(claim and held and claim.claimed_by_id == actor.user.pk),
        may_claim=row.status in AT_REVIEW and not held and not decided,
    )


def _decided(reviews: QuerySet[Review], stage: ReviewStage) -> Subquery:
    return Subquery(reviews.filter(stage=stage).values("decided_at")[:1])


def _answered(stage: ReviewStage) -> Subquery:
    """When the last supplement of that review was answered: the time of the enterprise does not count."""
    rows = Supplement.objects.filter(
        application=OuterRef("pk"), stage=stage, answered_at__isnull=False
    )
    return Subquery(rows.order_by("-answered_at").values("answered_at")[:1])
