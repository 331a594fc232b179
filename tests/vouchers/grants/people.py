"""One scheme's people, and an application walked to a state through the actions."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.access import Actor
from accounts.models import Organization, Role
from tests.factories import accounts, grants
from tests.factories.accounts import NOW
from vouchers.grants.actions import applications, issuing, notices, queue, reviews, revocations
from vouchers.grants.models import Application, Assignment, Scheme, Voucher

ANSWERS = {"contract_state": "planned"}
AFTER_NOTICE = NOW + timedelta(days=8)


@dataclass(frozen=True, slots=True)
class Cast:
    """A bureau's officer and two reviewers, an enterprise's preparer and signatory, a scheme."""

    scheme: Scheme
    officer: Actor
    first: Actor
    second: Actor
    enterprise: Organization
    preparer: Actor
    signatory: Actor


def cast(scheme: Scheme | None = None) -> Cast:
    plan = scheme or grants.scheme()
    firm = accounts.organization()
    return Cast(
        scheme=plan,
        officer=accounts.officer(plan.bureau),
        first=accounts.officer(plan.bureau, Role.REVIEWER),
        second=accounts.officer(plan.bureau, Role.REVIEWER),
        enterprise=firm,
        preparer=accounts.preparer(firm),
        signatory=accounts.signatory(firm),
    )


def submitted(people: Cast, spend_fen: int = 10_000_000, at: datetime = NOW) -> Application:
    started = applications.start(
        by=people.preparer,
        scheme=people.scheme,
        kind=people.scheme.voucher_kinds[0],
        planned_spend_fen=spend_fen,
        purpose="质检图片识别",
        answers=ANSWERS,
        at=at,
    )
    applications.prepare(by=people.preparer, application=started, at=at)
    return applications.submit(by=people.signatory, application=started, at=at)


def claimed(by: Actor, application: Application, at: datetime = NOW) -> Application:
    """The application, claimed by an officer whatever happened to it before."""
    seen = Assignment.objects.filter(application=application).first()
    version = seen.version if seen else 0
    queue.claim(by=by, application=application, version=version, at=at)
    return application


def first_passed(people: Cast, spend_fen: int = 10_000_000, at: datetime = NOW) -> Application:
    asked = claimed(people.first, submitted(people, spend_fen, at), at)
    reviews.decide(by=people.first, application=asked, stage="first", outcome="pass", at=at)
    return Application.objects.get(pk=asked.pk)


def approved(people: Cast, spend_fen: int = 10_000_000, at: datetime = NOW) -> Application:
    asked = submitted(people, spend_fen, at)
    for by, stage in ((people.first, "first"), (people.second, "second")):
        claimed(by, asked, at)
        reviews.decide(by=by, application=asked, stage=stage, outcome="pass", at=at)
    return Application.objects.get(pk=asked.pk)


def noticed(people: Cast, spend_fen: int = 10_000_000, at: datetime = NOW) -> Application:
    asked = approved(people, spend_fen, at)
    notices.publish(by=people.officer, application=asked, at=at)
    return Application.objects.get(pk=asked.pk)


def issued(people: Cast, spend_fen: int = 10_000_000) -> Voucher:
    asked = noticed(people, spend_fen)
    return issuing.issue(by=people.officer, application=asked, at=AFTER_NOTICE)


def officer_of(people: Cast) -> Actor:
    """One more reviewer of the bureau."""
    return accounts.officer(people.scheme.bureau, Role.REVIEWER)


def revoked(people: Cast, voucher: Voucher, at: datetime = NOW) -> Voucher:
    """The voucher, revoked by two people."""
    asked = revocations.propose(by=people.officer, voucher=voucher, reason="骗取", at=at)
    revocations.approve(by=people.second, revocation=asked, at=at)
    return Voucher.objects.get(pk=voucher.pk)
