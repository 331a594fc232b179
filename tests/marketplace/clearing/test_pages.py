"""Pages of rounds, protocols and offers, with what they say and how many queries they need."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.access import Actor
from marketplace.clearing.models import ClearingRound, RoundOffer, RoundStatus
from marketplace.models import Order
from tests.factories import accounts
from tests.factories.clearing import Town

pytestmark = pytest.mark.django_db


def seat(actor: Actor) -> Client:
    client = Client()
    client.force_login(actor.user)
    return client


def open_offer(town: Town) -> RoundOffer:
    """An offer that is open in the days in which the tests run."""
    town.applied()
    RoundOffer.objects.update(expires_at=timezone.now() + timedelta(days=1))
    return RoundOffer.objects.get()


def queries(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(path).status_code == 200
    return len(seen)


def test_round_is_prepared_on_the_page_and_started() -> None:
    town = Town(1)
    desk = seat(town.officer)
    form = {
        "name": "第一轮", "section_floor": "1", "micro_percent": "0", "manufacturing_percent": "10",
        "term_months": "12", "offer_days": "14", "seed": "7",
    }  # fmt: skip

    answer = desk.post("/rounds/new/", form)

    made = ClearingRound.objects.get()
    assert answer.headers["Location"] == made.get_absolute_url()
    assert desk.post(f"{made.get_absolute_url()}start/").status_code == 302
    made.refresh_from_db()
    assert made.job is not None
    assert "0 / 1" in desk.get(made.get_absolute_url()).content.decode()


def test_wrong_floor_is_told_at_its_field() -> None:
    town = Town(0)

    answer = seat(town.officer).post("/rounds/new/", {"name": "x", "section_floor": "16"})

    assert answer.status_code == 422
    assert not ClearingRound.objects.exists()


def test_plan_needs_as_many_queries_for_three_needs_as_for_one() -> None:
    one, three = Town(1), Town(3)

    few = queries(seat(one.officer), one.solved().get_absolute_url())

    assert queries(seat(three.officer), three.solved().get_absolute_url()) == few


def test_two_signatures_on_the_pages_publish_the_protocol_without_names() -> None:
    town = Town(4)
    found = town.solved()
    path = f"/protocols/{found.code}/"
    assert Client().get(path).status_code == 404

    for person in (town.officer, town.second):
        desk = seat(person)
        assert found.plan_sha256 in desk.get(f"/rounds/{found.code}/sign/").content.decode()
        desk.post(f"/rounds/{found.code}/sign/", {"plan_sha256": found.plan_sha256})

    found.refresh_from_db()
    assert found.status == RoundStatus.APPLIED
    told = Client().get(path).content.decode()
    assert found.plan_sha256[:8] in told
    assert not any(need.enterprise.name in told for need in town.needs)
    assert found.name in Client().get("/protocols/").content.decode()
    api = Client().get(f"/api/v1/protocols/{found.code}/").json()
    assert (api["needs"], api["served"], api["plan_sha256"]) == (4, 4, found.plan_sha256)


def test_firm_sees_the_offer_at_its_need_and_accepts_it() -> None:
    town = Town(1)
    offer = open_offer(town)
    firm = seat(accounts.signatory(town.needs[0].enterprise))
    path = f"/offers/{offer.code}/"

    assert path in firm.get(f"/needs/{town.needs[0].code}/").content.decode()
    assert town.bundle.name in firm.get(path).content.decode()
    answer = firm.post(path, {"accept": "yes"})

    assert answer.headers["Location"] == Order.objects.get().get_absolute_url()


def test_firm_that_declines_keeps_its_need() -> None:
    town = Town(1)
    offer = open_offer(town)
    firm = seat(accounts.signatory(town.needs[0].enterprise))

    firm.post(f"/offers/{offer.code}/", {"decline": "yes"})

    offer.refresh_from_db()
    assert offer.status == "declined"
    assert not Order.objects.exists()


def test_api_tells_outcomes_to_the_own_bureau_alone() -> None:
    town = Town(1)
    found = town.solved()
    path = f"/api/v1/rounds/{found.code}/outcomes/"

    rows = seat(town.second).get(path).json()["results"]

    assert [(row["need"], row["outcome"]) for row in rows] == [(town.needs[0].code, "first_choice")]
    assert seat(accounts.officer()).get(path).status_code == 404


def test_given_up_round_says_why() -> None:
    town = Town(1)
    found = town.solved()
    desk = seat(town.officer)

    desk.post(f"/rounds/{found.code}/give-up/", {"reason": "预算变更"})

    assert "预算变更" in desk.get(f"/rounds/{found.code}/").content.decode()
