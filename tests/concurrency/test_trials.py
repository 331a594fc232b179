"""Trials, their caps and ratings at the same moment: one trial, no report above a cap, versions in order."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Max, Sum

from marketplace.experience.actions import ratings
from marketplace.models import Order, Rating, Trial
from marketplace.trials.actions import terms, trials
from providers.models import Meter, Offering, Subscription
from tests.factories import accounts, experience, providers, usage
from tests.factories.accounts import NOW
from tests.threads import together
from vouchers.billing.actions.metering import usage as metered
from vouchers.billing.models import UsageCap, UsageRollup

pytestmark = pytest.mark.django_db(transaction=True)
CAP, THREADS = 1_000, 12


def offered() -> Offering:
    offering = experience.bundle().offerings.get()
    by = accounts.member(offering.provider.organization, "operator")
    terms.state(by=by, offering=offering, days=60, units={Meter.CALLS: CAP}, at=NOW)
    return offering


def naively(works: list[Callable[[Callable[[], object]], object]]) -> list[object]:
    """Run each with a gate between its look and its writing; a broken constraint is answered by name."""
    gate = Barrier(len(works), timeout=60)

    def run(work: Callable[[Callable[[], object]], object]) -> object:
        try:
            with transaction.atomic():
                return work(gate.wait)
        except IntegrityError as error:
            return str(error).split('"')[-2]
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def test_two_trials_without_the_lock_both_find_none_and_one_breaks() -> None:
    by, offering = accounts.signatory(), offered()
    bought = [providers.subscription(by.own(), offering) for _ in range(2)]

    def take(subscription: Subscription) -> Callable[[Callable[[], object]], object]:
        def run(gate: Callable[[], object]) -> object:
            assert not Trial.objects.filter(enterprise=by.own(), offering=offering).exists()
            gate()
            return Trial.objects.create(
                code=f"TR-{subscription.pk}", enterprise=by.own(), offering=offering,
                subscription=subscription, units={"calls": 1}, taken_at=NOW, taken_by=by.user,
                ends_at=NOW + timedelta(days=1),
            ).status  # fmt: skip

        return run

    found = naively([take(each) for each in bought])

    assert sorted(map(str, found)) == ["marketplace_trial_once", "running"]


def test_many_clicks_take_one_trial_and_all_are_answered_with_it() -> None:
    by, offering = accounts.signatory(), offered()

    found = together([lambda: trials.take(by=by, offering=offering, at=NOW)] * THREADS)

    assert set(found) == {Trial.objects.get()}
    assert (Subscription.objects.count(), UsageCap.objects.count()) == (1, 1)


def test_two_reports_that_look_at_the_cap_before_either_is_counted_pass_it() -> None:
    trial = trials.take(by=accounts.signatory(), offering=offered(), at=NOW)

    def naive(gate: Callable[[], object]) -> object:
        cap = UsageCap.objects.get(subscription=trial.subscription)
        fits = cap.used_units + CAP - 1 <= cap.most_units
        gate()
        UsageCap.objects.filter(pk=cap.pk).update(used_units=F("used_units") + CAP - 1)
        return fits

    found = naively([naive, naive])

    assert sorted(map(str, found)) == ["True", "vouchers_usagecap_kept"]


def test_reports_at_once_fill_a_cap_to_the_unit_across_months() -> None:
    trial = trials.take(by=accounts.signatory(), offering=offered(), at=NOW)
    by = usage.operator(trial.offering.provider)
    at = NOW + timedelta(days=40)
    size = CAP // 5

    def reporting(number: int) -> Callable[[], object]:
        moment = NOW + timedelta(days=1 if number % 2 else 39, seconds=number)
        event = usage.report(trial.subscription, moment, quantities={"calls": size})
        return lambda: metered.ingest(by=by, events=[event], at=at)[0]

    found = together([reporting(number) for number in range(THREADS)])

    codes = [str(each.code or each.outcome) for each in found if isinstance(each, metered.Answer)]
    assert (codes.count("accepted"), codes.count("above_cap")) == (5, THREADS - 5), found
    cap = UsageCap.objects.get()
    assert (cap.used_units, cap.passed_at) == (CAP, at)
    assert UsageRollup.objects.aggregate(sum=Sum("quantity"))["sum"] == CAP


def rating(order: Order, stars: int) -> Callable[[], Rating]:
    by = accounts.signatory(order.enterprise)
    return lambda: ratings.rate(
        by=by, order=order, stars=stars, is_outcome_reached=True, words="", at=NOW
    )


def test_two_ratings_without_the_lock_both_mean_to_be_the_first_and_one_breaks() -> None:
    order = experience.order()
    experience.used_long(order)
    by = accounts.signatory(order.enterprise)

    def naive(gate: Callable[[], object]) -> object:
        last = Rating.objects.filter(order=order).aggregate(last=Max("number"))["last"] or 0
        gate()
        return Rating.objects.create(
            order=order, number=last + 1, stars=4, is_outcome_reached=True, words="",
            first_used_on=NOW.date() - timedelta(days=31), last_used_on=NOW.date(),
            stated_at=NOW, stated_by=by.user,
        ).number  # fmt: skip

    found = naively([naive, naive])

    assert sorted(map(str, found)) == ["1", "marketplace_rating_version"]


def test_ratings_of_one_order_at_once_are_versions_in_order() -> None:
    order = experience.order()
    experience.used_long(order)

    found = together([rating(order, 1 + number % 5) for number in range(5)])
    again = together([rating(order, order.ratings.latest("number").stars)] * 4)

    assert all(isinstance(each, Rating) for each in found)
    numbers = sorted(order.ratings.values_list("number", flat=True))
    assert numbers == [1, 2, 3, 4, 5]
    assert [each.number for each in again if isinstance(each, Rating)] == [5] * 4
