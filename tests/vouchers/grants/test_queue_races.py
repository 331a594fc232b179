"""Two officers claim at the same moment: exactly one gets it. Shown to go wrong without the filter first."""

import threading
from datetime import timedelta
from functools import partial

import pytest
from django.db.models import F

from tests.factories.accounts import NOW
from tests.threads import together
from vouchers.grants.actions import bulk, bulk_runs, queue, revocations
from vouchers.grants.models import (
    Application,
    Assignment,
    BulkVerb,
    Review,
    Revocation,
    Voucher,
)

from . import people
from .test_bulk import token

pytestmark = pytest.mark.django_db(transaction=True)

OFFICERS = 8


def test_without_the_filter_several_officers_would_win() -> None:
    """The same two steps, read then write, with the UPDATE not filtered on what was read."""
    asked = people.submitted(people.cast())
    held = Assignment.objects.create(application=asked)
    barrier = threading.Barrier(OFFICERS)

    def claim_naively() -> bool:
        seen = Assignment.objects.get(pk=held.pk)
        free = seen.claimed_by_id is None
        barrier.wait(timeout=30)
        unfiltered = Assignment.objects.filter(pk=held.pk)
        return free and unfiltered.update(version=F("version") + 1) == 1

    winners = together([claim_naively] * OFFICERS)

    assert winners.count(True) == OFFICERS


@pytest.mark.parametrize("ran_out", [False, True])
def test_of_many_officers_exactly_one_gets_it(ran_out: bool) -> None:
    cast = people.cast()
    asked, at, version = people.submitted(cast), NOW, 0
    if ran_out:
        people.claimed(cast.first, asked)
        at, version = NOW + timedelta(days=3), 1
    officers = [people.officer_of(cast) for _ in range(OFFICERS)]

    answers = together(
        [
            partial(queue.claim, by=officer, application=asked, version=version, at=at)
            for officer in officers
        ]
    )

    won = [answer for answer in answers if isinstance(answer, Assignment)]
    lost = [
        answer
        for answer in answers
        if isinstance(answer, queue.ClaimChanged | queue.ClaimedByAnother)
    ]
    assert (len(won), len(lost)) == (1, OFFICERS - 1)
    assert Assignment.objects.get(application=asked).version == version + 1


def test_workers_of_one_run_take_each_application_once() -> None:
    cast = people.cast()
    asked = [people.submitted(cast) for _ in range(6)]
    run = bulk.start(by=cast.first, verb=BulkVerb.PASS, applications=asked, token=token(), at=NOW)
    assert run.job is not None

    answers = together([partial(bulk_runs.carry_out, code=run.job.code, at=NOW)] * 4)

    assert not [answer for answer in answers if isinstance(answer, Exception)]
    run.refresh_from_db()
    assert run.status == "done"
    assert Review.objects.count() == 6
    assert set(run.items.values_list("status", flat=True)) == {"done"}
    assert set(Application.objects.values_list("status", flat=True)) == {"first_passed"}


def test_approve_against_decline_has_one_winner() -> None:
    cast = people.cast()
    voucher = people.issued(cast)
    asked = revocations.propose(by=cast.officer, voucher=voucher, reason="骗取", at=NOW)

    answers = together(
        [
            partial(revocations.approve, by=cast.first, revocation=asked, at=NOW),
            partial(revocations.decline, by=cast.second, revocation=asked, note="不属实", at=NOW),
        ]
    )

    won = [answer for answer in answers if isinstance(answer, Revocation)]
    status = Revocation.objects.get().status
    assert len(won) == 1
    assert (status == "approved") == (Voucher.objects.get().status == "revoked")


def test_double_click_on_confirm_is_one_run() -> None:
    cast = people.cast()
    asked = [people.submitted(cast) for _ in range(2)]
    one = token()

    answers = together(
        [
            lambda: bulk.start(
                by=cast.first, verb=BulkVerb.PASS, applications=list(asked), token=one, at=NOW
            )
        ]
        * 4
    )

    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert len({answer.pk for answer in answers if not isinstance(answer, Exception)}) == 1
