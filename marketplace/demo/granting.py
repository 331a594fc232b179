"""Carries an application as far as the story wants, through the actions of grants."""

from datetime import date, datetime, timedelta

from accounts.access import Actor
from accounts.models import Role
from common.periods import local_day
from marketplace.demo.cast import Team
from marketplace.demo.days import moment
from vouchers.grants.actions import applications, issuing, notices, queue, reviews, supplements
from vouchers.grants.models import (
    Application,
    ApplicationStatus,
    Assignment,
    ReviewOutcome,
    ReviewStage,
    Scheme,
    Voucher,
)
from vouchers.grants.rules.schemes import from_json

SECOND_REVIEWER = f"{Role.REVIEWER}2"


def apply(
    *,
    firm: Team,
    bureau: Team,
    scheme: Scheme,
    kind: str,
    planned_spend_fen: int,
    purpose: str,
    day: date,
    until: ApplicationStatus,
) -> Application:
    """Start an application on a day and take it up to a state, one civil day a step."""
    preparer, signatory = firm[Role.PREPARER], firm[Role.SIGNATORY]
    application = applications.start(
        by=preparer,
        scheme=scheme,
        kind=kind,
        planned_spend_fen=planned_spend_fen,
        purpose=purpose,
        answers={"contract_state": "planned"},
        at=moment(day, 9),
    )
    if until == ApplicationStatus.DRAFT:
        return application
    applications.prepare(by=preparer, application=application, at=moment(day, 10))
    if until == ApplicationStatus.PREPARED:
        return application
    applications.submit(by=signatory, application=application, at=moment(day, 15))
    if until == ApplicationStatus.WITHDRAWN:
        return applications.withdraw(by=signatory, application=application, at=moment(day, 16))
    if until == ApplicationStatus.SUPPLEMENT:
        _ask(application, bureau[Role.REVIEWER], day)
    elif until != ApplicationStatus.SUBMITTED:
        _review(application, bureau, day, until)
    return application


def _ask(application: Application, reviewer: Actor, day: date) -> None:
    """Ask for additions on the day after submission, with three weeks to answer."""
    at = moment(day + timedelta(days=1), 11)
    _claim(application, reviewer, at)
    supplements.ask(
        by=reviewer,
        application=application,
        remarks=[
            ("purpose", "请写明使用场景、处理的数据和预期效果。"),
            ("evidence_plan", "请补充一页使用计划，注明起止时间和负责人。"),
        ],
        due_on=day + timedelta(days=22),
        at=at,
    )


def _review(application: Application, bureau: Team, day: date, until: ApplicationStatus) -> None:
    first, second = moment(day + timedelta(days=1), 11), moment(day + timedelta(days=2), 14)
    refused = until == ApplicationStatus.REJECTED
    _claim(application, bureau[Role.REVIEWER], first)
    reviews.decide(
        by=bureau[Role.REVIEWER],
        application=application,
        stage=ReviewStage.FIRST,
        outcome=ReviewOutcome.REFUSE if refused else ReviewOutcome.PASS,
        reason="evidence_missing" if refused else "",
        remark="用途说明未写明使用场景和合同情况。" if refused else "",
        at=first,
    )
    if until in {ApplicationStatus.REJECTED, ApplicationStatus.FIRST_PASSED}:
        return
    _claim(application, bureau[SECOND_REVIEWER], second)
    reviews.decide(
        by=bureau[SECOND_REVIEWER],
        application=application,
        stage=ReviewStage.SECOND,
        outcome=ReviewOutcome.PASS,
        at=second,
    )
    if until in {ApplicationStatus.NOTICED, ApplicationStatus.ISSUED}:
        announce(application, bureau, day + timedelta(days=3))


def _claim(application: Application, reviewer: Actor, at: datetime) -> None:
    """Take the application, whatever version its last claim left."""
    seen = Assignment.objects.filter(application=application).first()
    version = seen.version if seen else 0
    queue.claim(by=reviewer, application=application, version=version, at=at)


def announce(application: Application, bureau: Team, day: date) -> None:
    """Put an approved application on public notice where the scheme has one."""
    if from_json(application.scheme.rules).notice_days.value:
        notices.publish(
            by=bureau[Role.SCHEME_OFFICER], application=application, at=moment(day, 9, 30)
        )


def issue(application: Application, bureau: Team) -> Voucher:
    """Issue the voucher on the first day on which it may be issued."""
    application.refresh_from_db()
    days = from_json(application.scheme.rules).notice_days.value
    submitted = application.submitted_at or application.created_at
    day = local_day(submitted) + timedelta(days=days + 5)
    return issuing.issue(
        by=bureau[Role.SCHEME_OFFICER], application=application, at=moment(day, 10)
    )
