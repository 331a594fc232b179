"""Bulk work: the preview is exact, a second person above the limit, each application at most once."""

import csv
import io
import uuid
from datetime import timedelta

import pytest

from accounts.models import Event, Membership
from common.errors import Forbidden
from common.models import Job
from common.states import WrongState
from tests.factories import accounts, grants, plans
from tests.factories.accounts import NOW
from vouchers.grants.actions import applications, bulk, bulk_runs, desk, recusals
from vouchers.grants.models import (
    Announcement,
    Application,
    Assignment,
    BulkRun,
    BulkVerb,
    Letter,
    Review,
    Voucher,
)

from . import people

pytestmark = pytest.mark.django_db


def token() -> uuid.UUID:
    return uuid.uuid4()


def carry_out(run: BulkRun) -> BulkRun:
    run.refresh_from_db()
    assert run.job is not None
    bulk_runs.carry_out(code=run.job.code, at=NOW)
    run.refresh_from_db()
    return run


def outcomes(run: BulkRun) -> list[tuple[str, str]]:
    return list(run.items.order_by("pk").values_list("status", "code"))


def test_preview_says_what_would_happen_and_changes_nothing() -> None:
    cast = people.cast()
    fine, small = people.submitted(cast), people.submitted(cast, spend_fen=100_000)
    other = people.claimed(cast.second, people.submitted(cast))
    events, letters = Event.objects.count(), Letter.objects.count()

    found = bulk.preview(
        by=cast.first, verb=BulkVerb.PASS, applications=[other, small, fine], at=NOW
    )

    assert [(line.application, line.code) for line in found.lines] == [
        (fine, ""), (small, "not_eligible"), (other, "claimed_by_another"),
    ]  # fmt: skip
    assert (found.total_fen, found.needs_second) == (3_000_000, False)
    assert (Event.objects.count(), Letter.objects.count()) == (events, letters)
    assert not Review.objects.exists()
    assert Assignment.objects.count() == 1
    assert [line.application.status for line in found.lines] == ["submitted"] * 3


def test_preview_of_issue_knows_that_the_budget_ends_within_the_run() -> None:
    scheme = grants.scheme(rules=plans.BEIJING, budget_fen=7_000_000)
    casts = [people.cast(scheme) for _ in range(3)]
    asked = [people.approved(each) for each in casts]

    found = bulk.preview(by=casts[0].officer, verb=BulkVerb.ISSUE, applications=asked, at=NOW)

    assert [line.code for line in found.lines] == ["", "", "budget_exhausted"]
    assert found.total_fen == 6_000_000
    assert not Voucher.objects.exists()


def test_run_passes_those_that_can_and_names_the_others() -> None:
    cast = people.cast()
    fine, small = people.submitted(cast), people.submitted(cast, spend_fen=100_000)

    run = bulk.start(
        by=cast.first, verb=BulkVerb.PASS, applications=[fine, small], token=token(),
        remark="材料齐全", at=NOW,
    )  # fmt: skip
    carry_out(run)

    assert run.status == "done"
    assert outcomes(run) == [("done", ""), ("refused", "not_eligible")]
    assert Application.objects.get(pk=fine.pk).status == "first_passed"
    assert Review.objects.get().remark == "材料齐全"
    assert Review.objects.get().decided_by == cast.first.user
    assert run.job is not None
    assert (run.job.status, run.job.done_count) == ("done", 2)


def test_result_is_a_file_that_opens_safely() -> None:
    cast = people.cast()
    cast.enterprise.name = "=HYPERLINK(1)"
    cast.enterprise.save()
    asked = [people.submitted(cast), people.submitted(cast, spend_fen=100_000)]
    run = bulk.start(by=cast.first, verb=BulkVerb.PASS, applications=asked, token=token(), at=NOW)

    carry_out(run)

    assert run.result_file is not None
    assert run.result_file.organization_id == cast.scheme.bureau_id
    rows = list(csv.reader(io.StringIO(bytes(run.result_file.content).decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == [each.code for each in asked]
    assert rows[1][1] == "'=HYPERLINK(1)"
    assert rows[2][5] == "not_eligible"


def test_run_goes_on_after_a_crash_and_takes_nothing_twice() -> None:
    cast = people.cast()
    asked = [people.submitted(cast) for _ in range(3)]
    run = bulk.start(by=cast.first, verb=BulkVerb.PASS, applications=asked, token=token(), at=NOW)
    run.refresh_from_db()
    assert run.job is not None
    Job.objects.filter(pk=run.job.pk).update(status="running")  # taken up by a worker that died
    assert bulk_runs._take_next(run, NOW)

    assert bulk_runs.left_behind(at=NOW) == []
    late = NOW + timedelta(minutes=1)
    assert bulk_runs.left_behind(at=late) == [run.job.code]
    for _ in range(2):
        bulk_runs.carry_out(code=run.job.code, at=late)

    run.refresh_from_db()
    assert run.status == "done"
    assert Review.objects.count() == 3
    assert bulk_runs.left_behind(at=late) == []


def test_item_that_was_decided_meanwhile_is_refused() -> None:
    cast = people.cast()
    asked = people.submitted(cast)
    run = bulk.start(by=cast.first, verb=BulkVerb.PASS, applications=[asked], token=token(), at=NOW)
    people.claimed(cast.second, asked)

    carry_out(run)

    assert outcomes(run) == [("refused", "claimed_by_another")]
    assert not Review.objects.exists()


@pytest.mark.parametrize("limit", [{"bulk_limit_count": 1}, {"bulk_limit_fen": 5_999_999}])
def test_above_a_limit_nothing_happens_before_a_second_person(limit: dict[str, int]) -> None:
    cast = people.cast()
    desk.change(by=cast.officer, at=NOW, **limit)
    asked = [people.submitted(cast) for _ in range(2)]

    run = bulk.start(by=cast.first, verb=BulkVerb.PASS, applications=asked, token=token(), at=NOW)

    assert (run.status, run.needs_second, run.job) == ("proposed", True, None)
    assert bulk_runs.left_behind(at=NOW + timedelta(days=1)) == []
    bulk.approve(by=cast.second, run=run, at=NOW)
    bulk.approve(by=cast.second, run=run, at=NOW)
    carry_out(run)
    assert (run.status, run.decided_by) == ("done", cast.second.user)
    assert set(Review.objects.values_list("decided_by", flat=True)) == {cast.first.user.pk}


def test_at_the_limit_one_person_is_enough() -> None:
    cast = people.cast()
    desk.change(by=cast.officer, at=NOW, bulk_limit_count=2, bulk_limit_fen=6_000_000)
    asked = [people.submitted(cast) for _ in range(2)]

    run = bulk.start(by=cast.first, verb=BulkVerb.PASS, applications=asked, token=token(), at=NOW)

    assert run.status == "running"


def proposed(cast: people.Cast) -> BulkRun:
    desk.change(by=cast.officer, at=NOW, bulk_limit_count=0)
    asked = people.submitted(cast)
    return bulk.start(
        by=cast.first, verb=BulkVerb.PASS, applications=[asked], token=token(), at=NOW
    )


def test_the_second_person_is_another_human_and_a_stranger() -> None:
    cast = people.cast()
    run = proposed(cast)
    cast.first.user.person_key = "k" * 64
    cast.first.user.save()
    twin = accounts.member(cast.scheme.bureau, "reviewer", person_key="k" * 64)
    Membership.objects.create(
        user=cast.second.user, organization=cast.enterprise, role="viewer", created_at=NOW
    )

    for same in (cast.first, twin):
        with pytest.raises(recusals.SameOfficer):
            bulk.approve(by=same, run=run, at=NOW)
    with pytest.raises(recusals.ApprovalByApplicant):
        bulk.approve(by=cast.second, run=run, at=NOW)
    with pytest.raises(Forbidden):
        bulk.approve(by=accounts.officer(None, "reviewer"), run=run, at=NOW)

    run.refresh_from_db()
    assert run.status == "proposed"


def test_declined_run_never_begins() -> None:
    cast = people.cast()
    run = proposed(cast)

    with pytest.raises(bulk.BulkInvalid):
        bulk.decline(by=cast.second, run=run, note=" ", at=NOW)
    bulk.decline(by=cast.second, run=run, note="分批处理", at=NOW)

    with pytest.raises(WrongState):
        bulk.approve(by=cast.officer, run=run, at=NOW)
    run.refresh_from_db()
    assert (run.status, run.note, run.job) == ("declined", "分批处理", None)


def test_proposer_takes_the_own_run_back() -> None:
    cast = people.cast()
    run = proposed(cast)

    assert bulk.decline(by=cast.first, run=run, note="选错了", at=NOW).status == "declined"


def test_double_confirm_answers_one_run() -> None:
    cast = people.cast()
    asked, one = people.submitted(cast), token()

    answers = {
        bulk.start(by=cast.first, verb=BulkVerb.PASS, applications=[asked], token=one, at=NOW).pk
        for _ in range(2)
    }

    assert len(answers) == 1


def test_nothing_possible_starts_nothing() -> None:
    cast = people.cast()
    asked = people.submitted(cast, spend_fen=100_000)

    with pytest.raises(bulk.NothingToDo):
        bulk.start(by=cast.first, verb=BulkVerb.PASS, applications=[asked], token=token(), at=NOW)

    assert not BulkRun.objects.exists()


def test_refusal_needs_its_reason_and_nothing_chosen_is_refused() -> None:
    cast = people.cast()
    asked = people.submitted(cast)

    with pytest.raises(bulk.BulkInvalid) as refused:
        bulk.preview(by=cast.first, verb=BulkVerb.REFUSE, applications=[asked], at=NOW)
    with pytest.raises(bulk.BulkInvalid):
        bulk.preview(by=cast.first, verb=BulkVerb.PASS, applications=[], at=NOW)

    assert set(refused.value.errors) == {"reason"}


def test_refusing_many_writes_to_each() -> None:
    cast = people.cast()
    asked = [people.submitted(cast) for _ in range(2)]
    run = bulk.start(
        by=cast.first, verb=BulkVerb.REFUSE, applications=asked, token=token(),
        reason="evidence_missing", at=NOW,
    )  # fmt: skip

    carry_out(run)

    assert set(Application.objects.values_list("status", flat=True)) == {"rejected"}
    assert Letter.objects.filter(kind="refused").count() == 2


def test_notice_and_issue_need_their_permission() -> None:
    cast = people.cast()
    asked = people.approved(cast)

    with pytest.raises(Forbidden):
        bulk.preview(by=cast.first, verb=BulkVerb.NOTICE, applications=[asked], at=NOW)
    run = bulk.start(
        by=cast.officer, verb=BulkVerb.NOTICE, applications=[asked], token=token(), at=NOW
    )
    carry_out(run)

    assert Application.objects.get(pk=asked.pk).status == "noticed"


def test_officer_who_lost_the_role_stops_the_rest_of_the_run() -> None:
    cast = people.cast()
    asked = people.submitted(cast)
    run = bulk.start(by=cast.first, verb=BulkVerb.PASS, applications=[asked], token=token(), at=NOW)
    Membership.objects.filter(user=cast.first.user).update(ended_at=NOW, ended_by=cast.officer.user)

    carry_out(run)

    assert outcomes(run) == [("refused", "forbidden")]
    assert not Review.objects.exists()


def test_run_of_notices_is_one_announcement_for_each_scheme() -> None:
    office = accounts.bureau()
    casts = [people.cast(grants.scheme(office)) for _ in range(2)]
    asked = [people.approved(casts[0]) for _ in range(3)] + [people.approved(casts[1])]
    officer = accounts.officer(office)
    run = bulk.start(by=officer, verb=BulkVerb.NOTICE, applications=asked, token=token(), at=NOW)

    carry_out(run)
    bulk_runs.carry_out(code=run.job.code if run.job else "", at=NOW)

    published = Announcement.objects.order_by("pk")
    assert [len(each.lines) for each in published] == [3, 1]
    assert outcomes(run) == [("done", "")] * 4
    assert {each.status for each in Application.objects.all()} == {"noticed"}
    assert [line["amount_fen"] for line in published[0].lines] == [3_000_000] * 3


def test_one_that_changed_meanwhile_does_not_stop_the_announcement_of_the_others() -> None:
    cast = people.cast()
    asked = [people.approved(cast) for _ in range(3)]
    run = bulk.start(
        by=cast.officer, verb=BulkVerb.NOTICE, applications=asked, token=token(), at=NOW
    )
    applications.withdraw(by=cast.signatory, application=asked[1], at=NOW)

    carry_out(run)

    assert outcomes(run) == [("done", ""), ("refused", "wrong_state"), ("done", "")]
    [announcement] = Announcement.objects.all()
    assert [line["application"] for line in announcement.lines] == [asked[0].code, asked[2].code]
