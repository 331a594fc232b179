"""The work queue: one officer at a time, deadlines in working days, mine, team and overdue."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Event, Membership
from common.errors import Forbidden
from common.states import WrongState
from tests.factories import accounts, grants
from tests.factories.accounts import NOW
from vouchers.grants.actions import applications, desk, queue, recusals, reviews
from vouchers.grants.models import Application, Assignment, Review
from vouchers.grants.shown import trails, worklist

from . import people

pytestmark = pytest.mark.django_db

AFTER_CLAIM = NOW + timedelta(days=3)


def version(application: Application) -> int:
    return Assignment.objects.get(application=application).version


def test_claim_names_the_officer_until_the_end_of_the_second_working_day() -> None:
    cast = people.cast()
    asked = people.submitted(cast)

    held = queue.claim(by=cast.first, application=asked, version=0, at=NOW)

    assert (held.claimed_by, held.version) == (cast.first.user, 1)
    assert held.expires_at == datetime(2026, 10, 14, 16, 0, tzinfo=UTC)


def test_second_officer_is_told_who_has_it() -> None:
    cast = people.cast()
    asked = people.claimed(cast.first, people.submitted(cast))

    with pytest.raises(queue.ClaimedByAnother) as refused:
        queue.claim(by=cast.second, application=asked, version=1, at=NOW)

    assert cast.first.user.name in str(refused.value)


def test_second_click_on_claim_answers_the_same_claim() -> None:
    cast = people.cast()
    asked = people.submitted(cast)

    answers = [
        queue.claim(by=cast.first, application=asked, version=0, at=NOW).version for _ in range(2)
    ]

    assert answers == [1, 1]
    assert Event.objects.filter(verb="claimed").count() == 1


def test_stale_version_claims_nothing() -> None:
    cast = people.cast()
    asked = people.claimed(cast.first, people.submitted(cast))
    queue.release(by=cast.first, application=asked, at=NOW)

    with pytest.raises(queue.ClaimChanged):
        queue.claim(by=cast.second, application=asked, version=0, at=NOW)


def test_another_officer_takes_over_after_release() -> None:
    cast = people.cast()
    asked = people.claimed(cast.first, people.submitted(cast))
    queue.release(by=cast.first, application=asked, at=NOW)
    queue.release(by=cast.first, application=asked, at=NOW)

    held = queue.claim(by=cast.second, application=asked, version=version(asked), at=NOW)

    assert held.claimed_by == cast.second.user
    verbs = Event.objects.filter(subject_code=asked.code).order_by("pk").values_list("verb")
    assert [verb for (verb,) in verbs][-3:] == ["claimed", "released", "claimed"]


def test_take_over_after_the_claim_ran_out_is_said_in_the_trail() -> None:
    cast = people.cast()
    asked = people.claimed(cast.first, people.submitted(cast))

    with pytest.raises(queue.ClaimedByAnother):
        queue.claim(by=cast.second, application=asked, version=1, at=NOW + timedelta(days=2))
    held = queue.claim(by=cast.second, application=asked, version=1, at=AFTER_CLAIM)

    assert held.claimed_by == cast.second.user
    [newest, *_rest] = trails.of_application(asked)
    assert newest.who == cast.second.user.name
    assert cast.first.user.name in newest.more


def test_nobody_releases_the_claim_of_another() -> None:
    cast = people.cast()
    asked = people.claimed(cast.first, people.submitted(cast))

    with pytest.raises(queue.ClaimedByAnother):
        queue.release(by=cast.second, application=asked, at=NOW)


def test_only_the_claimer_decides() -> None:
    cast = people.cast()
    asked = people.submitted(cast)
    step = {"application": asked, "stage": "first", "outcome": "pass"}

    with pytest.raises(queue.NotClaimed):
        reviews.decide(by=cast.first, at=NOW, **step)  # type: ignore[arg-type]
    people.claimed(cast.second, asked)
    with pytest.raises(queue.ClaimedByAnother):
        reviews.decide(by=cast.first, at=NOW, **step)  # type: ignore[arg-type]
    with pytest.raises(queue.NotClaimed):
        reviews.decide(by=cast.second, at=AFTER_CLAIM, **step)  # type: ignore[arg-type]

    assert not Review.objects.exists()


def test_decision_ends_the_claim() -> None:
    cast = people.cast()

    asked = people.first_passed(cast)

    held = Assignment.objects.get(application=asked)
    assert (held.claimed_by, held.claimed_at, held.expires_at) == (None, None, None)
    assert queue.claim(by=cast.second, application=asked, version=held.version, at=NOW).claimed_by


def test_first_reviewer_cannot_claim_the_second_review_under_any_account() -> None:
    cast = people.cast()
    one = accounts.member(cast.scheme.bureau, "reviewer", person_key="k" * 64)
    other = accounts.member(cast.scheme.bureau, "reviewer", person_key="k" * 64)
    asked = people.claimed(one, people.submitted(cast))
    reviews.decide(by=one, application=asked, stage="first", outcome="pass", at=NOW)

    for same in (one, other):
        with pytest.raises(recusals.SameReviewer):
            queue.claim(by=same, application=asked, version=2, at=NOW)


def test_member_of_the_applicant_cannot_claim() -> None:
    cast = people.cast()
    asked = people.submitted(cast)
    Membership.objects.create(
        user=cast.first.user, organization=cast.enterprise, role="viewer", created_at=NOW
    )

    with pytest.raises(recusals.ApprovalByApplicant):
        queue.claim(by=cast.first, application=asked, version=0, at=NOW)


def test_only_reviewers_of_the_schemes_bureau_claim() -> None:
    cast = people.cast()
    asked = people.submitted(cast)
    other = accounts.officer(grants.scheme().bureau, "reviewer")

    for stranger in (cast.officer, cast.preparer, other):
        with pytest.raises(Forbidden):
            queue.claim(by=stranger, application=asked, version=0, at=NOW)
        with pytest.raises(Forbidden):
            queue.release(by=stranger, application=asked, at=NOW)


def test_what_waits_for_no_review_cannot_be_claimed() -> None:
    cast = people.cast()
    asked = people.submitted(cast)
    applications.withdraw(by=cast.signatory, application=asked, at=NOW)

    with pytest.raises(WrongState):
        queue.claim(by=cast.first, application=asked, version=0, at=NOW)


def test_tabs_hold_mine_team_and_overdue() -> None:
    cast = people.cast()
    late = people.submitted(cast, at=NOW - timedelta(days=20))
    mine = people.claimed(cast.first, people.submitted(cast))
    people.claimed(cast.second, people.submitted(cast))
    people.approved(cast)
    rows = worklist.handed_in(cast.first)
    tabs = worklist.views(cast.first, NOW, steps=worklist.AT_REVIEW)

    counts = worklist.counts(rows, tabs)

    assert counts == {"mine": 1, "team": 3, "overdue": 1, "all": 4}
    assert list(rows.filter(tabs["mine"])) == [mine]
    assert list(rows.filter(tabs["overdue"])) == [late]
    later = worklist.views(cast.first, AFTER_CLAIM, steps=worklist.AT_REVIEW)
    assert not rows.filter(later["mine"]).exists()


@pytest.mark.parametrize(("days_later", "is_overdue"), [(7, False), (8, True)])
def test_overdue_begins_after_the_last_working_day(days_later: int, is_overdue: bool) -> None:
    """Handed in on Monday the 12th: five working days end with Monday the 19th."""
    cast = people.cast()
    people.submitted(cast)
    at = NOW + timedelta(days=days_later)
    rows = worklist.handed_in(cast.first)

    tabs = worklist.views(cast.first, at, steps=worklist.AT_REVIEW)
    [row] = worklist.dressed(cast.first, list(rows), at)

    assert rows.filter(tabs["overdue"]).exists() is is_overdue
    assert (str(row.due_on), row.is_overdue) == ("2026-10-19", is_overdue)


def test_deadline_of_the_second_review_counts_from_the_first() -> None:
    cast = people.cast()
    asked = people.claimed(cast.first, people.submitted(cast))
    decided_at = NOW + timedelta(days=1)
    reviews.decide(by=cast.first, application=asked, stage="first", outcome="pass", at=decided_at)

    [row] = worklist.dressed(cast.first, list(worklist.handed_in(cast.first)), decided_at)

    assert str(row.due_on) == "2026-10-20"
    assert not row.may_claim


def test_running_notice_is_not_due() -> None:
    cast = people.cast()
    people.noticed(cast)
    rows = worklist.handed_in(cast.officer)

    during = worklist.views(cast.officer, NOW, steps=worklist.AT_ISSUE)
    after = worklist.views(cast.officer, people.AFTER_NOTICE, steps=worklist.AT_ISSUE)

    assert not rows.filter(during["team"]).exists()
    assert rows.filter(after["team"]).count() == 1


def test_other_bureaus_see_nothing_of_it() -> None:
    cast = people.cast()
    people.submitted(cast)
    stranger = accounts.officer(None, "reviewer")

    assert not worklist.handed_in(stranger).exists()


def test_queue_asks_a_constant_number_of_queries() -> None:
    cast = people.cast()
    counted = []
    for amount in (1, 3):
        for _ in range(amount):
            people.claimed(cast.first, people.submitted(cast))
        with CaptureQueriesContext(connection) as queries:
            rows = worklist.handed_in(cast.first).select_related("scheme", "enterprise")
            worklist.dressed(cast.first, list(rows), NOW)
        counted.append(len(queries))

    assert counted[0] == counted[1]


def test_changed_desk_moves_the_deadline_and_keeps_the_old_figures_in_the_trail() -> None:
    cast = people.cast()
    people.submitted(cast)

    desk.change(by=cast.officer, first_review_days=1, at=NOW)

    [row] = worklist.dressed(cast.first, list(worklist.handed_in(cast.first)), NOW)
    assert str(row.due_on) == "2026-10-13"
    event = Event.objects.get(verb="desk_changed")
    assert event.data == {"first_review_days": [5, 1]}
    assert event.subject_code == cast.scheme.bureau.code


def test_impossible_figures_are_refused_by_field() -> None:
    cast = people.cast()

    with pytest.raises(desk.DeskInvalid) as refused:
        desk.change(by=cast.officer, first_review_days=0, claim_days=31, at=NOW)

    assert set(refused.value.errors) == {"first_review_days", "claim_days"}


def test_remarks_of_one_bureau() -> None:
    cast = people.cast()
    usual = desk.add_usual_remarks(by=cast.first, at=NOW)

    again = desk.add_usual_remarks(by=cast.first, at=NOW)
    with pytest.raises(desk.RemarkKnown):
        desk.add_remark(by=cast.second, use=usual[0].use, text=f" {usual[0].text} ", at=NOW)
    desk.retire_remark(by=cast.second, remark=usual[0], at=NOW)
    back = desk.add_remark(by=cast.first, use=usual[0].use, text=usual[0].text, at=NOW)

    assert (len(usual), again) == (8, [])
    assert back.pk != usual[0].pk
    with pytest.raises(Forbidden):
        desk.retire_remark(by=accounts.officer(None, "reviewer"), remark=back, at=NOW)


@pytest.mark.parametrize("text", ["", "  ", "x" * 301])
def test_empty_or_long_remarks_are_refused(text: str) -> None:
    with pytest.raises(desk.RemarkInvalid):
        desk.add_remark(by=people.cast().first, use="review", text=text, at=NOW)
