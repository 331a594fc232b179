"""What an offering says: previewed, published version by version, kept for good."""

import pytest
from django.db import Error, transaction
from django.test import Client
from django.urls import reverse

from accounts.access import Actor
from accounts.models import Role
from common.errors import Forbidden
from providers.actions import listings, offerings
from providers.models import ListingVersion, Offering, Provider
from tests.factories import accounts, providers
from tests.factories.accounts import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def supplier() -> Provider:
    return providers.provider()


@pytest.fixture
def operator(supplier: Provider) -> Actor:
    return accounts.member(supplier.organization, Role.OPERATOR)


@pytest.fixture
def listed(supplier: Provider, operator: Actor) -> Offering:
    draft = providers.offering(
        supplier, name="推理", status="draft", listed_at=None, listed_by=None
    )
    providers.rate(draft, created_by=operator.user)
    return offerings.publish(by=operator, offering=draft, at=NOW)


def revise(by: Actor, offering: Offering, name: str) -> Offering:
    return listings.revise(
        by=by,
        offering=offering,
        name=name,
        summary="",
        model_name="",
        has_domestic_chip=False,
        at=NOW,
    )


def test_each_publication_is_a_version_and_the_same_words_are_none(
    operator: Actor, listed: Offering
) -> None:
    for name in ("推理", "推理服务", "推理服务"):
        revise(operator, listed, name)

    found = [(version.number, version.name) for version in listings.history_of(listed)]
    assert found == [(2, "推理服务"), (1, "推理")]


def test_draft_changes_without_a_version(supplier: Provider, operator: Actor) -> None:
    draft = providers.offering(supplier, status="draft", listed_at=None, listed_by=None)

    assert revise(operator, draft, "推理").name == "推理"
    assert not ListingVersion.objects.exists()


def test_version_is_never_changed(listed: Offering) -> None:
    rows = ListingVersion.objects.filter(offering=listed)

    with pytest.raises(Error), transaction.atomic():
        rows.update(name="x")
    with pytest.raises(Error), transaction.atomic():
        rows.delete()
    assert rows.get().name == "推理"


def test_retired_or_nameless_refused(operator: Actor, listed: Offering) -> None:
    with pytest.raises(listings.ListingWithoutName):
        revise(operator, listed, "  ")
    offerings.retire(by=operator, offering=listed, at=NOW)

    with pytest.raises(listings.ListingClosed):
        revise(operator, listed, "推理")


def test_revise_three_people(supplier: Provider, listed: Offering) -> None:
    viewer = accounts.member(supplier.organization, Role.VIEWER)
    stranger = accounts.member(providers.provider().organization, Role.OPERATOR)

    for by in (viewer, stranger):
        with pytest.raises(Forbidden):
            revise(by, listed, "别的")


def test_page_previews_before_it_publishes(operator: Actor, listed: Offering) -> None:
    client = Client(headers={"accept-language": "en"})
    client.force_login(operator.user)
    url = reverse("providers:listing_revise", args=[listed.code])

    seen = client.post(url, {"name": "New words", "preview": "1"}).content.decode()
    listed.refresh_from_db()
    assert "A preview" in seen
    assert listed.name == "推理"
    assert client.post(url, {"name": "New words"}).status_code == 302
    listed.refresh_from_db()
    assert listed.name == "New words"
