"""Rounds from saved needs to accepted offers."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from common.codes import new_code
from common.models import JobStatus
from marketplace.clearing.actions import clearings, offers, signing, solving
from marketplace.clearing.actions.clearings import AlreadyStarted, InvalidRound
from marketplace.clearing.actions.offers import OfferLapsed
from marketplace.clearing.actions.signing import SamePerson, WrongPlan
from marketplace.clearing.models import (
    OfferStatus,
    RoundOffer,
    RoundOutcome,
    RoundStatus,
)
from marketplace.models import Order
from marketplace.orders.actions import orders
from providers.models import Capacity, Meter
from tests.factories import accounts, grants, marketplace, plans
from tests.factories.accounts import NOW
from tests.factories.clearing import LATER, Town, calls_bundle
from vouchers.grants.models import Scheme

pytestmark = pytest.mark.django_db


def capacity(town: Town, units: int) -> Capacity:
    offering = town.bundle.items.get().offering
    return Capacity.objects.create(
        offering=offering, meter=Meter.CALLS, month=NOW.date().replace(day=1), total_units=units
    )


def test_plan_gives_the_one_place_to_the_need_with_more_points_and_says_why() -> None:
    town = Town(2)
    capacity(town, 10_000)
    town.needs[1].monthly_budget_fen = 500_000
    town.needs[1].save()

    found = town.solved()

    # 10,000 calls at 0.01 yuan: 100 yuan, of 1,000 or of 5,000 yuan; there is one place.
    rows = dict(found.outcomes.values_list("need__code", "outcome"))
    assert rows == {town.needs[0].code: "places", town.needs[1].code: "first_choice"}
    assert (found.status, found.figures["served"]) == (RoundStatus.SOLVED, 1)
    (missed,) = found.outcomes.get(need=town.needs[0]).missed
    assert (missed["bundle"], missed["block"], missed["short"]) == (town.bundle.code, "places", 1)
    assert found.job is not None
    assert (found.job.status, found.job.done_count) == (JobStatus.DONE, 2)


def test_subsidy_is_what_the_rules_grant_and_stays_in_the_budget() -> None:
    town = Town(2)
    for need in town.needs:
        need.monthly_volume = 140_000
        need.save()
    scheme = grants.scheme(town.bureau, rules=plans.QINGYANG)

    found = town.solved(budgets_fen={scheme.code: 700_000})

    # 1,400 yuan a month for twelve months, 30 %: 5,040 yuan; the round's 7,000 yuan pay it once.
    # With it the own share is 980 yuan and fits the 1,000 of the need; without it 1,400 does not.
    assert sorted(found.outcomes.values_list("subsidy_fen", flat=True)) == [0, 504_000]
    assert found.figures["spent_fen"] == {scheme.code: 504_000}


def test_rerun_of_the_input_file_gives_the_same_hashes(tmp_path: Path) -> None:
    found = Town(3).solved()
    path = tmp_path / "round.json"
    path.write_bytes(solving.content_of(clearing=found))
    told = StringIO()

    call_command("match_round", str(path), "--json", stdout=told)

    figures = json.loads(told.getvalue())
    assert figures["input_sha256"] == found.input_sha256
    assert figures["plan_sha256"] == found.plan_sha256
    assert set(figures["plan"].values()) == set(
        found.outcomes.exclude(bundle=None).values_list("bundle__code", flat=True)
    )


def test_job_done_twice_has_one_effect() -> None:
    found = Town(2).solved()
    assert found.job is not None

    solving.carry_out(code=found.job.code, at=LATER)

    assert RoundOutcome.objects.count() == 2


def test_floor_out_of_reach_fails_the_job_in_words() -> None:
    town = Town(2)
    capacity(town, 10_000)
    firm = town.needs[0].enterprise
    firm.section = "F"
    firm.save()

    found = town.solved(section_floor=2)

    assert found.status == RoundStatus.COLLECTED
    assert "2" in found.refusal
    assert found.job is not None
    assert found.job.status == JobStatus.FAILED


def test_round_left_by_a_worker_is_found_again() -> None:
    town = Town(1)
    made = clearings.start(by=town.officer, clearing=town.prepared(), at=NOW)
    assert made.job is not None

    assert solving.left_behind(at=NOW) == []
    assert solving.left_behind(at=LATER) == [made.job.code]
    assert clearings.start(by=town.officer, clearing=made, at=LATER).job == made.job


def test_two_people_sign_and_each_served_firm_gets_an_offer() -> None:
    town = Town(2)

    found = town.applied()

    assert found.status == RoundStatus.APPLIED
    assert list(found.signatures.values_list("position", "signed_by")) == [
        (1, town.officer.user.pk), (2, town.second.user.pk),
    ]  # fmt: skip
    offer = RoundOffer.objects.get(outcome__need=town.needs[0])
    assert (offer.status, offer.expires_at) == (OfferStatus.OPEN, LATER + timedelta(days=14))


def test_same_person_signs_once() -> None:
    town = Town(1)
    found = town.signed_once()

    with pytest.raises(SamePerson):
        signing.sign(by=town.officer, clearing=found, plan_sha256=found.plan_sha256, at=LATER)


def test_hash_that_was_not_shown_is_refused() -> None:
    town = Town(1)
    found = town.solved()

    with pytest.raises(WrongPlan):
        signing.sign(by=town.officer, clearing=found, plan_sha256="0" * 64, at=LATER)


@pytest.mark.parametrize("change", ["capacity", "price", "need", "ordered"])
def test_changed_input_after_the_first_signature_voids_the_round(change: str) -> None:
    town = Town(2)
    room = capacity(town, 25_000)
    found = town.signed_once()
    if change == "capacity":
        Capacity.objects.filter(pk=room.pk).update(reserved_units=10_000)
    elif change == "price":
        offering = town.bundle.items.get().offering
        offering.rates.update(price_yuan="0.02")
    elif change == "need":
        town.needs[0].monthly_budget_fen = 99
        town.needs[0].save()
    else:
        buyer = accounts.signatory(town.needs[0].enterprise)
        orders.place(by=buyer, need=town.needs[0], bundle=town.bundle, at=LATER)

    late = signing.sign(by=town.second, clearing=found, plan_sha256=found.plan_sha256, at=LATER)

    assert (late.status, bool(late.void_reason)) == (RoundStatus.VOID, True)
    assert not RoundOffer.objects.exists()


def test_tick_voids_what_changed_and_leaves_the_rest() -> None:
    town = Town(1)
    found = town.signed_once()

    assert signing.void_outdated(at=LATER) == 0
    town.bundle.items.get().offering.rates.update(price_yuan="0.02")
    assert signing.void_outdated(at=LATER) == 1
    found.refresh_from_db()
    assert found.status == RoundStatus.VOID


def test_need_stated_later_does_not_void() -> None:
    town = Town(1)
    found = town.signed_once()
    marketplace.need(scene=town.scene, created_at=LATER)

    done = signing.sign(by=town.second, clearing=found, plan_sha256=found.plan_sha256, at=LATER)

    assert done.status == RoundStatus.APPLIED


def test_accepted_offer_is_an_order_and_twice_is_once() -> None:
    town = Town(1)
    town.applied()
    offer = RoundOffer.objects.get()
    buyer = accounts.signatory(town.needs[0].enterprise)

    first = offers.accept(by=buyer, offer=offer, at=LATER)
    again = offers.accept(by=buyer, offer=offer, at=LATER)

    assert first.order == again.order == Order.objects.get()
    assert first.order is not None
    assert (first.order.bundle, first.order.need) == (town.bundle, town.needs[0])


def test_offer_lapses_at_its_deadline() -> None:
    town = Town(1)
    town.applied()
    offer = RoundOffer.objects.get()
    buyer = accounts.signatory(town.needs[0].enterprise)

    with pytest.raises(OfferLapsed):
        offers.accept(by=buyer, offer=offer, at=offer.expires_at)
    assert offers.lapse_due(at=offer.expires_at) == 1
    with pytest.raises(OfferLapsed):
        offers.decline(by=buyer, offer=offer, at=LATER)


def test_only_firms_of_the_region_with_their_newest_need_take_part() -> None:
    town = Town(1)
    marketplace.need(accounts.organization(region="110108"), town.scene, created_at=NOW)
    newest = marketplace.need(town.needs[0].enterprise, town.scene, created_at=NOW)

    found = town.solved()

    assert list(found.outcomes.values_list("need", flat=True)) == [newest.pk]


def test_more_money_than_is_left_is_refused() -> None:
    town = Town(1)
    scheme: Scheme = grants.scheme(bureau=town.bureau)

    with pytest.raises(InvalidRound) as refused:
        town.prepared(budgets_fen={scheme.code: 10**14, new_code("SC"): 1})
    assert len(refused.value.errors) == 2


def test_finished_round_is_not_started_again() -> None:
    town = Town(1)
    found = town.solved()

    with pytest.raises(AlreadyStarted):
        clearings.start(by=town.officer, clearing=found, at=LATER)


def test_shared_bundle_capacity_is_never_oversold() -> None:
    town = Town(4)
    capacity(town, 25_000)
    offering = town.bundle.items.get().offering
    twin = marketplace.bundle(town.bundle.publisher, [offering], [town.scene])
    other = calls_bundle(town.scene, "0.09")

    found = town.solved()

    # 25,000 calls take two needs of 10,000; the two bundles on that offering get one place each.
    taken = list(found.outcomes.values_list("bundle__code", flat=True))
    assert taken.count(town.bundle.code) == taken.count(twin.code) == 1
    assert taken.count(other.code) == 2
