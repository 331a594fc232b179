"""Trials: once, free, up to a cap and a day; no order binds longer than its bundle says."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.access import Actor
from accounts.models import Notification, Role
from common.errors import Forbidden
from marketplace.models import Bundle, Order, Trial, TrialTerms
from marketplace.orders.actions import changes, orders, pauses
from marketplace.trials.actions import terms, trials
from marketplace.trials.rules import caps
from providers.actions import subscriptions
from providers.models import Meter, Offering, Subscription
from tests.factories import accounts, experience, marketplace, providers, usage
from tests.factories.accounts import NOW
from vouchers.audit.actions import invariants
from vouchers.billing.actions.charging import rating
from vouchers.billing.actions.metering import usage as metered
from vouchers.billing.models import Bill, UsageRollup
from vouchers.ledger.models import Transfer

pytestmark = pytest.mark.django_db
DAYS, CAP = 14, 1_000


def offered(bundle: Bundle | None = None) -> Offering:
    """An application that can be tried for fourteen days and a thousand calls."""
    offering = (bundle or experience.bundle()).offerings.get()
    by = accounts.member(offering.provider.organization, Role.OPERATOR)
    terms.state(by=by, offering=offering, days=DAYS, units={Meter.CALLS: CAP}, at=NOW)
    return offering


def report(trial: Trial, calls: int, moment: datetime) -> str:
    by = usage.operator(trial.offering.provider)
    event = usage.report(trial.subscription, moment, quantities={"calls": calls})
    (answer,) = metered.ingest(by=by, events=[event], at=moment + timedelta(minutes=1))
    return str(answer.code or answer.outcome)


def told(trial: Trial, topic: str) -> int:
    rows = Notification.objects.filter(topic=topic, key=trial.code)
    return rows.filter(organization=trial.enterprise).count()


def test_trial_within_its_cap_is_billed_at_nothing() -> None:
    trial = trials.take(by=accounts.signatory(), offering=offered(), at=NOW)

    assert report(trial, CAP - 1, NOW + timedelta(hours=1)) == "accepted"
    rating.tick(at=NOW + timedelta(hours=2))

    bill = Bill.objects.get(subscription=trial.subscription)
    assert (bill.total_fen, bill.voucher_fen, bill.own_fen, bill.receivable_fen) == (0, 0, 0, 0)
    assert not Transfer.objects.exists()
    assert [result.name for result in invariants.check(at=NOW) if result.rows] == []
    assert trials.end_due(at=NOW + timedelta(hours=2)) == 0


def test_trial_stops_when_its_cap_is_used_and_takes_no_more_usage() -> None:
    by = accounts.signatory()
    trial = trials.take(by=by, offering=offered(), at=NOW)
    assert report(trial, CAP, NOW + timedelta(hours=1)) == "accepted"

    ended = trials.end_due(at=NOW + timedelta(hours=2))

    trial.refresh_from_db()
    assert (ended, trial.status, trial.reason) == (1, "ended", "cap")
    assert report(trial, 1, NOW + timedelta(hours=3)) == "subscription_ended"
    rating.tick(at=NOW + timedelta(hours=4))
    assert Bill.objects.get(subscription=trial.subscription).total_fen == 0
    assert told(trial, "trial_ended") == 1
    assert trials.end_due(at=NOW + timedelta(hours=5)) == 0


def test_report_above_the_cap_is_refused_and_ends_the_trial() -> None:
    trial = trials.take(by=accounts.signatory(), offering=offered(), at=NOW)
    hour = timedelta(hours=1)

    answers = [report(trial, calls, NOW + hour) for calls in (CAP - 1, 2)]
    ended = trials.end_due(at=NOW + 2 * hour)

    trial.refresh_from_db()
    assert answers == ["accepted", "above_cap"]
    assert (ended, trial.status, trial.reason) == (1, "ended", "cap")
    assert trials.used_of(trials=[trial])[trial.pk] == {"calls": CAP - 1}
    assert UsageRollup.objects.get().quantity == CAP - 1
    assert [result.name for result in invariants.check(at=NOW) if result.rows] == []


def test_caps_of_all_running_trials_are_looked_at_however_many_end_sooner() -> None:
    offering = offered()
    _first, _second, third = (
        trials.take(by=accounts.signatory(), offering=offering, at=NOW + timedelta(hours=number))
        for number in range(3)
    )
    report(third, CAP, NOW + timedelta(hours=4))

    ended = trials.end_due(at=NOW + timedelta(hours=5), chunk=1)

    states = [row.status for row in Trial.objects.order_by("pk")]
    assert (ended, states) == (1, ["running", "running", "ended"])


def test_trial_ends_at_its_last_moment_even_before_the_tick_looks() -> None:
    trial = trials.take(by=accounts.signatory(), offering=offered(), at=NOW)
    last = NOW + timedelta(days=DAYS)

    assert report(trial, 1, last - timedelta(minutes=1)) == "accepted"
    assert report(trial, 1, last) == "subscription_ended"
    assert trials.end_due(at=last + timedelta(days=3)) == 1

    trial.refresh_from_db()
    trial.subscription.refresh_from_db()
    assert (trial.reason, trial.ended_at) == ("time", last)
    assert (trial.subscription.status, trial.subscription.ends_at) == ("ended", last)


def test_firm_is_told_once_that_its_trial_is_nearly_over() -> None:
    by = accounts.signatory()
    trial = trials.take(by=by, offering=offered(), at=NOW)
    near = NOW + timedelta(days=DAYS) - caps.NOTICE
    trials.end_due(at=near - timedelta(minutes=1))
    assert told(trial, "trial_near") == 0

    trials.end_due(at=near)
    trials.end_due(at=near + timedelta(hours=1))

    assert told(trial, "trial_near") == 1


def test_trial_is_taken_once_by_a_firm() -> None:
    by, offering = accounts.signatory(), offered()
    first = trials.take(by=by, offering=offering, at=NOW)

    assert trials.take(by=by, offering=offering, at=NOW) == first
    trials.stop(by=by, trial=first, at=NOW + timedelta(days=1))
    with pytest.raises(trials.TriedBefore):
        trials.take(by=by, offering=offering, at=NOW + timedelta(days=2))
    with pytest.raises(IntegrityError, match="marketplace_trial_once"), transaction.atomic():
        Trial.objects.create(
            code="TR-X", enterprise=first.enterprise, offering=offering,
            subscription=providers.subscription(), units={"calls": 1}, taken_at=NOW,
            taken_by=by.user, ends_at=NOW + timedelta(days=1),
        )  # fmt: skip


def test_take_what_cannot_be_tried_is_refused() -> None:
    by = accounts.signatory()
    with pytest.raises(trials.NoTrial):
        trials.take(by=by, offering=experience.bundle().offerings.get(), at=NOW)
    offering = offered()
    owner = accounts.member(offering.provider.organization, Role.OPERATOR)
    terms.close(by=owner, offering=offering, at=NOW)

    with pytest.raises(trials.NoTrial):
        trials.take(by=by, offering=offering, at=NOW)
    with pytest.raises(Forbidden):
        trials.take(by=owner, offering=offering, at=NOW)


@pytest.mark.parametrize(
    ("days", "units"),
    [(0, {"calls": 1}), (91, {"calls": 1}), (5, {}), (5, {"calls": 0}), (5, {"images": 1})],
)
def test_terms_that_cannot_be_meant_are_refused(days: int, units: dict[str, int]) -> None:
    offering = experience.bundle().offerings.get()
    by = accounts.member(offering.provider.organization, Role.OPERATOR)

    with pytest.raises(terms.InvalidTerms):
        terms.state(by=by, offering=offering, days=days, units=units, at=NOW)

    assert not TrialTerms.objects.exists()


def test_new_terms_leave_running_trials_as_they_are() -> None:
    offering = offered()
    trial = trials.take(by=accounts.signatory(), offering=offering, at=NOW)
    owner = accounts.member(offering.provider.organization, Role.OPERATOR)

    terms.state(by=owner, offering=offering, days=3, units={Meter.CALLS: 5}, at=NOW)

    trial.refresh_from_db()
    assert (trial.units, trial.ends_at) == ({"calls": CAP}, NOW + timedelta(days=DAYS))
    assert Offering.objects.filter(trial_of=offering).count() == 1


def test_free_side_of_an_offering_is_on_no_shelf_and_cannot_be_repriced() -> None:
    offering = offered()
    goods = offering.trial
    owner = accounts.member(offering.provider.organization, Role.OPERATOR)

    assert not Offering.objects.listed().filter(pk=goods.pk).exists()
    assert not Offering.objects.visible_to(owner).filter(pk=goods.pk).exists()
    assert not Offering.objects.owned_by(owner).filter(pk=goods.pk).exists()
    offering.status = "retired"
    offering.save(update_fields=["status"])
    with pytest.raises(subscriptions.NotListed):
        trials.take(by=accounts.signatory(), offering=offering, at=NOW)


def test_trial_turned_into_an_order_ends_and_stays_free() -> None:
    bundle = experience.bundle()
    offering, by = offered(bundle), accounts.signatory()
    trial = trials.take(by=by, offering=offering, at=NOW)
    report(trial, 10, NOW + timedelta(hours=1))
    need = marketplace.need(by.own(), bundle.scenarios.get())

    order = trials.turn(by=by, trial=trial, need=need, bundle=bundle, at=NOW + timedelta(hours=2))

    trial.refresh_from_db()
    assert (trial.reason, order.status) == ("ordered", "active")
    assert report(trial, 1, NOW + timedelta(hours=3)) == "subscription_ended"


def test_trial_ends_when_its_firm_orders_the_offering_in_the_usual_way() -> None:
    bundle = experience.bundle()
    offering, by = offered(bundle), accounts.signatory()
    trial = trials.take(by=by, offering=offering, at=NOW)
    experience.order(bundle, by.own(), at=NOW + timedelta(hours=1))

    assert trials.end_due(at=NOW + timedelta(hours=2)) == 1

    trial.refresh_from_db()
    assert trial.reason == "ordered"


def test_trial_pages_show_cap_and_use_and_take_a_whole_bundle() -> None:
    bundle = experience.bundle()
    offered(bundle)
    by = accounts.signatory()
    client = Client()
    client.force_login(by.user)
    with time_machine.travel(NOW, tick=True):
        shelf = client.get(reverse("marketplace:bundle_detail", args=[bundle.code]))
        begun = client.post(reverse("marketplace:bundle_try", args=[bundle.code]), follow=True)
        listed = client.get(reverse("marketplace:trial_list"))

    assert "14 天" in shelf.content.decode()
    assert "1,000" in begun.content.decode()
    assert listed.status_code == 200
    assert Trial.objects.get().enterprise == by.own()


def _step(name: str, order: Order, by: Actor, at: datetime) -> None:
    if name == "pause" and order.status == "active":
        pauses.pause(by=by, order=order, at=at)
    if name == "resume" and order.status == "paused":
        pauses.resume(by=by, order=order, at=at)
    if name == "change" and order.status == "active":
        changes.plan(by=by, order=order, monthly_volume=20_000, bundle=order.bundle, at=at)
    changes.apply_due(at=at)
    order.refresh_from_db()


@pytest.mark.parametrize(
    "steps",
    [
        (),
        ("change",),
        ("pause",),
        ("pause", "resume"),
        ("change", "pause", "resume", "change"),
        ("change", "month", "change", "pause", "resume", "month"),
    ],
    ids="-".join,
)
def test_order_binds_no_longer_than_its_bundles_notice(steps: tuple[str, ...]) -> None:
    order = experience.order(at=NOW)
    by = accounts.signatory(order.enterprise)
    at = NOW
    for name in steps:
        at += timedelta(days=31 if name == "month" else 2)
        _step(name, order, by, at)
    longest = timedelta(0 if order.status == "paused" else order.bundle.notice_days)

    at += timedelta(days=1)
    ended = orders.end(by=by, order=order, at=at)
    again = orders.end(by=by, order=order, at=at + timedelta(days=5))

    assert ended.ends_at is not None
    assert ended.ends_at - at <= longest
    assert again.ends_at == ended.ends_at
    orders.finish_due(at=ended.ends_at + timedelta(days=40))
    changes.apply_due(at=ended.ends_at + timedelta(days=40))
    order.refresh_from_db()
    assert order.status == "ended"
    running = Subscription.objects.filter(reference=order.code)
    assert all(row.ends_at and row.ends_at <= ended.ends_at for row in running)
