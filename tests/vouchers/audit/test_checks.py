"""Checks that a person starts: a job with progress, carried out once, kept for the page."""

import importlib
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.conf import settings
from django.test import Client
from django.urls import reverse
from kombu.exceptions import OperationalError
from pytest_django import DjangoCaptureOnCommitCallbacks

from common import jobs, outbox, ticks
from common.errors import Forbidden
from common.models import Job, JobStatus, OutboxMessage, Tick
from tests.factories.accounts import NOW
from tests.factories.audit import City
from tests.vouchers.audit.test_pages import signed_in
from tests.vouchers.audit.test_settlements import tamper
from vouchers.audit import tasks
from vouchers.audit.actions import checks, invariants
from vouchers.audit.models import CheckRun

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    return City()


def test_a_started_check_is_carried_out_with_progress(city: City) -> None:
    job = checks.start(by=city.auditor, at=NOW)
    assert (job.status, job.total_count) == (JobStatus.WAITING, len(invariants.queries()))

    tasks.run_check(job.code)

    job.refresh_from_db()
    assert (job.status, job.done_count, job.result) == (
        JobStatus.DONE,
        job.total_count,
        {"broken": []},
    )
    assert CheckRun.objects.count() == job.total_count


def test_a_check_delivered_twice_runs_once(city: City) -> None:
    job = checks.start(by=city.auditor, at=NOW)
    tasks.run_check(job.code)
    before = CheckRun.objects.count()

    assert checks.carry_out(code=job.code, at=NOW) is None

    assert CheckRun.objects.count() == before


def test_a_second_click_gets_the_same_job(city: City) -> None:
    assert checks.start(by=city.auditor, at=NOW) == checks.start(by=city.auditor, at=NOW)


def test_only_those_who_see_operations_start_one(city: City) -> None:
    with pytest.raises(Forbidden):
        checks.start(by=city.finance, at=NOW)


def test_a_broken_invariant_is_kept_with_examples(city: City) -> None:
    claim = city.draft()
    tamper("UPDATE vouchers_claim SET amount_fen = amount_fen + 7 WHERE id = %s", claim.pk)

    checks.run(at=NOW)

    run = CheckRun.objects.newest().get(name="I8")
    assert (run.broken_rows, run.examples[0]["id"]) == (1, claim.code)


def test_a_lost_bell_is_made_good_by_the_tick(
    city: City,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    def gone(*_args: object, **_more: object) -> None:
        raise OperationalError

    monkeypatch.setattr("celery.current_app.send_task", gone)
    with django_capture_on_commit_callbacks(execute=True):
        job = checks.start(by=city.auditor, at=NOW - timedelta(days=9000))

    tasks.take_up_checks()

    job.refresh_from_db()
    assert job.status == JobStatus.DONE


def test_progress_goes_only_forward() -> None:
    job = jobs.start(kind="test", owner_id=1, total_count=10, at=NOW)
    assert jobs.take(kind="test", code=job.code) is not None

    for done in (3, 2, 99):
        jobs.advance(job=job, done_count=done)

    job.refresh_from_db()
    assert job.done_count == 10


def test_the_job_page_is_for_its_owner(city: City) -> None:
    job = checks.start(by=city.auditor, at=NOW)
    address = reverse("job_detail", args=[job.code])

    mine = signed_in(city.auditor).get(address)

    assert "Refresh" in mine.content.decode()
    assert "hx-get" in mine.content.decode()
    assert signed_in(city.officer).get(address).status_code == 404
    assert Client().get(address).status_code == 302


def test_the_operations_page_starts_a_check_and_shows_its_result(city: City) -> None:
    auditor = signed_in(city.auditor)

    answer = auditor.post(reverse("vouchers:operations_check"))
    job = Job.objects.get()
    tasks.run_check(job.code)
    progress = auditor.get(answer["Location"]).content.decode()
    page = auditor.get(reverse("vouchers:operations")).content.decode()

    assert "Finished" in progress
    assert "Holds" in page
    assert "vouchers.audit.check_ledger" in page


def test_the_operations_page_says_what_waits_in_the_outbox(city: City) -> None:
    """Three wait, the oldest since 10:00 in Shanghai, one of them failed before; one was given up; one is sent."""
    OutboxMessage.objects.all().delete()
    each: list[dict[str, Any]] = [
        {},
        {"error": "refused"},
        {},
        {"gave_up_at": NOW, "error": "no such box"},
        {"delivered_at": NOW},
    ]
    for number, values in enumerate(each):
        at = NOW + timedelta(minutes=number)
        OutboxMessage.objects.create(
            key=str(number), channel="mail", recipient="a@example.com", subject="s", body="b",
            created_at=at, due_at=at, **values,
        )  # fmt: skip

    found = outbox.state()
    page = signed_in(city.auditor).get(reverse("vouchers:operations")).content.decode()

    assert found == outbox.State(
        waiting=3, oldest_at=NOW, failed=1, given_up=1, error="no such box"
    )
    assert "Mails were given up" in page
    assert "2026-10-12 10:00:00" in page
    assert "no such box" in page


def test_operations_take_as_many_queries_after_three_runs_as_after_one(
    city: City, django_assert_num_queries: object
) -> None:
    from tests.vouchers.audit.test_pages import count

    auditor = signed_in(city.auditor)
    checks.run(at=NOW)
    one = count(auditor, reverse("vouchers:operations"))
    checks.run(at=NOW)
    checks.run(at=NOW)

    assert count(auditor, reverse("vouchers:operations")) == one


def test_ticks_remember_success_and_failure() -> None:
    ticks.record_success(name="vouchers.audit.check_ledger", at=NOW)
    ticks.record_failure(
        name="vouchers.audit.check_ledger", at=NOW + timedelta(hours=1), error="x" * 999
    )

    [state] = [one for one in ticks.scheduled() if one.name == "vouchers.audit.check_ledger"]

    assert state.is_failing
    assert (state.succeeded_at, len(state.error)) == (NOW, 300)
    ticks.record_success(name="vouchers.audit.check_ledger", at=NOW + timedelta(hours=2))
    assert not any(one.is_failing for one in ticks.scheduled())


def test_every_scheduled_task_has_words_for_people() -> None:
    unnamed = [one.name for one in ticks.scheduled() if one.title == one.name]

    assert unnamed == []


def test_a_worker_that_finishes_a_scheduled_task_is_noticed() -> None:
    tasks.check_ledger.apply()

    assert Tick.objects.get(name="vouchers.audit.check_ledger").succeeded_at is not None


def test_the_web_process_rings_the_bell_of_our_workers() -> None:
    importlib.import_module("config.wsgi")

    assert current_app.main == "puhui"
    assert current_app.conf.broker_url == settings.CELERY_BROKER_URL
