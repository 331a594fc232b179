"""Reviews: two humans, neither of them from the applicant."""

import pytest

from accounts.models import Membership
from common.errors import Forbidden
from common.states import WrongState
from tests.factories import accounts, grants
from tests.factories.accounts import NOW
from vouchers.grants.actions import recusals, reviews
from vouchers.grants.models import Application, Review

from . import people

pytestmark = pytest.mark.django_db


def test_two_passes_approve_and_store_the_assessment() -> None:
    cast = people.cast()

    asked = people.approved(cast)

    assert (asked.status, asked.granted_fen) == ("approved", 3_000_000)
    assert asked.assessment["amount_fen"] == 3_000_000
    assert asked.assessment["rate"] == "3/10"
    assert [check["rule"] for check in asked.assessment["checks"]] == [
        "window", "kind", "minimum", "firm_year", "budget",
    ]  # fmt: skip


def test_same_person_cannot_do_both_reviews() -> None:
    cast = people.cast()
    asked = people.claimed(cast.first, people.submitted(cast))
    reviews.decide(by=cast.first, application=asked, stage="first", outcome="pass", at=NOW)

    with pytest.raises(recusals.SameReviewer):
        reviews.decide(by=cast.first, application=asked, stage="second", outcome="pass", at=NOW)

    assert Application.objects.get(pk=asked.pk).status == "first_passed"


def test_second_account_of_the_reviewer_cannot_do_the_second_review() -> None:
    cast = people.cast()
    one = accounts.member(cast.scheme.bureau, "reviewer", person_key="k" * 64)
    other = accounts.member(cast.scheme.bureau, "reviewer", person_key="k" * 64)
    asked = people.claimed(one, people.submitted(cast))
    reviews.decide(by=one, application=asked, stage="first", outcome="pass", at=NOW)

    with pytest.raises(recusals.SameReviewer):
        reviews.decide(by=other, application=asked, stage="second", outcome="pass", at=NOW)


@pytest.mark.parametrize("ended", [False, True])
def test_member_of_the_applicant_cannot_approve(ended: bool) -> None:
    cast = people.cast()
    asked = people.submitted(cast)
    Membership.objects.create(
        user=cast.first.user,
        organization=cast.enterprise,
        role="viewer",
        created_at=NOW,
        ended_at=NOW if ended else None,
        ended_by=cast.signatory.user if ended else None,
    )

    with pytest.raises(recusals.ApprovalByApplicant) as refused:
        reviews.decide(by=cast.first, application=asked, stage="first", outcome="pass", at=NOW)

    assert refused.value.code == "approval_by_applicant"
    assert not Review.objects.exists()


def test_other_account_of_a_member_cannot_approve() -> None:
    cast = people.cast()
    asked = people.submitted(cast)
    accounts.member(cast.enterprise, "viewer", person_key="k" * 64)
    officer = accounts.member(cast.scheme.bureau, "reviewer", person_key="k" * 64)

    with pytest.raises(recusals.ApprovalByApplicant):
        reviews.decide(by=officer, application=asked, stage="first", outcome="pass", at=NOW)
    assert recusals.bar(by=officer, application=asked) == "approval_by_applicant"
    assert recusals.bar(by=cast.first, application=asked) == ""


def test_double_click_on_approve_answers_the_first_decision() -> None:
    cast = people.cast()
    asked = people.claimed(cast.first, people.submitted(cast))

    answers = [
        reviews.decide(by=cast.first, application=asked, stage="first", outcome="pass", at=NOW)
        for _ in range(2)
    ]

    assert answers[0] == answers[1]
    assert Review.objects.count() == 1
    assert Application.objects.get(pk=asked.pk).status == "first_passed"


def test_other_decision_at_a_decided_stage_is_refused() -> None:
    cast = people.cast()
    asked = people.claimed(cast.first, people.submitted(cast))
    reviews.decide(by=cast.first, application=asked, stage="first", outcome="pass", at=NOW)

    with pytest.raises(WrongState):
        reviews.decide(
            by=cast.second,
            application=asked,
            stage="first",
            outcome="refuse",
            reason="bad_record",
            at=NOW,
        )


def test_second_stage_waits_for_the_first() -> None:
    cast = people.cast()
    asked = people.submitted(cast)

    with pytest.raises(WrongState):
        reviews.decide(by=cast.second, application=asked, stage="second", outcome="pass", at=NOW)


@pytest.mark.parametrize("reason", ["", "because"])
def test_refusal_needs_a_code_of_the_list(reason: str) -> None:
    cast = people.cast()
    asked = people.claimed(cast.first, people.submitted(cast))

    with pytest.raises(reviews.ReasonMissing):
        reviews.decide(
            by=cast.first, application=asked, stage="first", outcome="refuse", reason=reason, at=NOW
        )


def test_refusal_ends_the_application() -> None:
    cast = people.cast()
    asked = people.claimed(cast.first, people.submitted(cast))

    review = reviews.decide(
        by=cast.first,
        application=asked,
        stage="first",
        outcome="refuse",
        reason="evidence_missing",
        remark="请补充",
        at=NOW,
    )

    assert (review.reason, review.remark) == ("evidence_missing", "请补充")
    assert Application.objects.get(pk=asked.pk).status == "rejected"


def test_what_the_rules_forbid_cannot_be_approved() -> None:
    cast = people.cast()
    asked = people.claimed(cast.first, people.submitted(cast, spend_fen=100_000))

    with pytest.raises(reviews.NotEligible) as refused:
        reviews.decide(by=cast.first, application=asked, stage="first", outcome="pass", at=NOW)

    assert refused.value.refusals == ("below_minimum",)
    assert not Review.objects.exists()


def test_only_reviewers_of_the_schemes_bureau_decide() -> None:
    cast = people.cast()
    asked = people.submitted(cast)
    other = accounts.officer(grants.scheme().bureau, "reviewer")

    for stranger in (cast.officer, cast.preparer, cast.signatory, other):
        with pytest.raises(Forbidden):
            reviews.decide(by=stranger, application=asked, stage="first", outcome="pass", at=NOW)
