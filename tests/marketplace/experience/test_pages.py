"""Pages and API of what comes after use."""

from collections.abc import Iterator

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.access import Actor
from accounts.models import Role
from marketplace.models import Rating, RatingAnswer
from tests.factories import accounts, experience
from tests.factories.accounts import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


def signed_in(actor: Actor) -> Client:
    client = Client()
    client.force_login(actor.user)
    return client


def test_firm_rates_on_the_page_and_the_publisher_answers_once() -> None:
    order = experience.order()
    experience.used_long(order)
    experience.billed(order, 5_000, 2_500)
    firm = signed_in(accounts.signatory(order.enterprise))
    publisher = accounts.member(order.bundle.publisher.organization, Role.OPERATOR)

    said = {"stars": "4", "is_outcome_reached": "yes", "words": "好用"}
    page = firm.post(reverse("marketplace:order_rate", args=[order.code]), said, follow=True)
    address = reverse("marketplace:rating_answer", args=[order.code])
    answered = signed_in(publisher).post(address, {"words": "谢谢"}, follow=True)
    again = signed_in(publisher).post(address, {"words": "再谢"})

    assert Rating.objects.get().stars == 4
    for words in ("好用", "¥25.00", "¥20.00", "125%"):  # 5,000 calls: billed 25, promised 20 yuan
        assert words in page.content.decode()
    assert "谢谢" in answered.content.decode()
    assert "¥25.00" not in answered.content.decode()  # what the firm pays is its own affair
    assert (again.status_code, RatingAnswer.objects.count()) == (422, 1)


def test_rating_too_early_is_refused_in_words() -> None:
    order = experience.order()
    firm = signed_in(accounts.signatory(order.enterprise))

    said = {"stars": "4", "is_outcome_reached": "yes"}
    page = firm.post(reverse("marketplace:order_rate", args=[order.code]), said)

    assert page.status_code == 422
    assert "30 天" in page.content.decode()


def test_api_rates_and_reads_back_with_costs_for_the_firm_alone() -> None:
    order = experience.order()
    address = f"/api/v1/orders/{order.code}/rating/"
    firm = signed_in(accounts.signatory(order.enterprise))
    seller = accounts.member(order.bundle.publisher.organization, Role.OPERATOR)
    body = {"stars": 5, "is_outcome_reached": True}
    key = {"Idempotency-Key": "one"}
    early = firm.post(address, body, "application/json", headers=key)
    experience.used_long(order)
    experience.billed(order, 5_000, 2_500)

    made = firm.post(address, body, "application/json", headers={"Idempotency-Key": "two"})

    assert (early.status_code, early.json()["code"]) == (409, "use_too_short")
    assert (made.status_code, made.json()["number"]) == (201, 1)
    read, told = firm.get(address).json(), signed_in(seller).get(address).json()
    assert (read["can_be_rated"], len(read["costs"]), told["costs"]) == (True, 1, [])
    assert told["ratings"][0]["stars"] == 5


def test_bundle_shows_figures_and_masked_words_from_three_firms_on() -> None:
    bundle = experience.bundle()
    address = f"/api/v1/bundles/{bundle.code}/experience/"
    for _ in range(2):
        experience.rated(experience.order(bundle), 5)
    few = Client().get(address).json()
    order = experience.order(bundle)
    experience.used_long(order)
    said = {"stars": "2", "is_outcome_reached": "no", "words": f"{order.enterprise.name}不满意"}
    firm = signed_in(accounts.signatory(order.enterprise))
    firm.post(reverse("marketplace:order_rate", args=[order.code]), said)

    enough = Client().get(address).json()
    page = Client().get(reverse("marketplace:bundle_detail", args=[bundle.code])).content.decode()

    assert (few["is_shown"], few["firms"], few["mean"], few["voices"]) == (False, None, None, [])
    assert (enough["firms"], enough["mean"], enough["reached"]) == (3, "4.0", 2)
    assert "***不满意" in page
    assert order.enterprise.name not in page


def test_bundle_page_asks_no_more_of_the_database_with_more_ratings() -> None:
    bundle = experience.bundle()
    address = reverse("marketplace:bundle_detail", args=[bundle.code])
    client = Client()
    for _ in range(3):
        experience.rated(experience.order(bundle))
    client.get(address)
    with CaptureQueriesContext(connection) as one:
        client.get(address)
    for _ in range(3):
        experience.rated(experience.order(bundle))

    with CaptureQueriesContext(connection) as more:
        client.get(address)

    assert len(more) == len(one)
