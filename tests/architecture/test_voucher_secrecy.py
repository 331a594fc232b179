"""A provider can never search, list or guess vouchers: over every route, with a session and with a key.

Learning accounts of a British program were searched by providers and claimed without their holders. So the
provider that a voucher paid, which is nearer to it than any other, asks every address for it, once by its number
and once by one that does not exist: neither answer holds the number, and the two do not differ.
"""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.http import HttpResponseBase
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.access import PUBLIC, SIGNED_IN, Actor, can
from accounts.actions import keys
from accounts.authentication import policy_of
from accounts.models import OrganizationKind
from tests.architecture.examples import FURTHER_VALUES, everything
from tests.architecture.routes import Route, of_the_product
from tests.factories import billing
from tests.factories.accounts import NOW
from tests.factories.audit import City
from vouchers.audit.rules.masking import masked

ROUTES = of_the_product()
ASKED = (
    "q", "query", "search", "code", "number", "voucher", "vouchers", "subject", "reference",
    "application", "enterprise", "subscription", "status", "account", "bill", "text", "filter",
)  # fmt: skip
"""Names under which an address might take a number to look for."""
CHANGING = re.compile(
    rb'name="csrfmiddlewaretoken" value="[^"]*"|nonce-[A-Za-z0-9_-]+|[0-9a-f]{32}'
    rb"|/CreationDate \([^)]*\)|/ID[^\]]*\]",
    re.DOTALL,
)
UNKNOWN = "VC-2345-6789"
MONTH: Any = billing.MONTH


def provider_of(city: City) -> Actor:
    """A person of the provider with every role there is."""
    return everything(city.provider.organization, OrganizationKind.PROVIDER)


def browser(actor: Actor) -> Client:
    client = Client(raise_request_exception=False, headers={"accept-language": "en"})
    client.force_login(actor.user)
    return client


def holder_of_key(actor: Actor) -> Client:
    scopes = actor.permissions - keys.NOT_FOR_KEYS
    _key, token = keys.create(
        by=actor, name="k", scopes=sorted(scopes), expires_at=NOW + timedelta(days=30), at=NOW
    )
    headers = {"Authorization": f"Bearer {token}"}
    return Client(raise_request_exception=False, headers=headers)


def address(route: Route, number: str) -> str:
    """The address with the number in the place of every name of an object."""
    values = {name: FURTHER_VALUES.get(name, number) for name in route.parameters}
    for fits in (number, MONTH, "1"):  # where no number fits, a month or a position does
        fitting = {name: fits for name in route.parameters if name not in FURTHER_VALUES}
        try:
            return reverse(route.name, kwargs=values | fitting)
        except (AttributeError, TypeError, ValueError, NoReverseMatch):
            continue
    raise AssertionError(route.pattern)


def body(answer: HttpResponseBase) -> bytes:
    streamed = getattr(answer, "streaming_content", None)
    return b"".join(streamed) if streamed is not None else answer.content  # type: ignore[attr-defined]


def ask(client: Client, route: Route, number: str) -> tuple[int, bytes]:
    """Status and content, with what differs from answer to answer and the number that was sent taken out."""
    answer: Any = client.get(address(route, number), dict.fromkeys(ASKED, number))
    content = CHANGING.sub(b"", body(answer)) + str(answer.get("Location", "")).encode()
    return answer.status_code, content.replace(number.encode(), b"NUMBER")


def open_to(actor: Actor) -> list[Route]:
    """Routes whose policy lets the actor in; every other one is refused before it looks at anything."""
    return [
        route
        for route in ROUTES
        if route.name != "api-schema"
        and (policy_of(route.view, "GET") in {PUBLIC, SIGNED_IN} or can(actor, _policy(route)))
    ]


def _policy(route: Route) -> Any:
    return policy_of(route.view, "GET")


def told(client: Client, routes: list[Route], number: str) -> list[str]:
    """Routes that tell of the voucher: by holding its number unasked, or by answering otherwise than for no voucher."""
    wrong = []
    for route in routes:
        if not route.parameters:
            unasked: Any = client.get(reverse(route.name))
            if number.encode() in body(unasked):
                wrong.append(f"{route.name} holds the number")
        if ask(client, route, number) != ask(client, route, UNKNOWN):
            wrong.append(f"{route.name} answers otherwise")
    return wrong


@pytest.mark.django_db
def test_provider_learns_of_no_voucher_over_any_route() -> None:
    with time_machine.travel(NOW, tick=False):
        city = City()
        city.paid(3_000)
        provider = provider_of(city)
        number = city.voucher.code
        routes = open_to(provider)

        by_session = told(browser(provider), routes, number)
        by_key = told(holder_of_key(provider), [each for each in routes if each.is_api], number)

        page = browser(city.finance).get("/claims/").content.decode()

    assert (by_session, by_key) == ([], [])
    assert city.provider.organization.name in page, "else the provider saw nothing at all"
    assert len(routes) > 100


@pytest.mark.django_db
def test_the_same_questions_find_a_voucher_for_its_holder() -> None:
    """Else the test above would pass over a product without vouchers."""
    with time_machine.travel(NOW, tick=False):
        city = City()
        claim = city.submitted(3_000)
        holder = everything(city.voucher.enterprise, OrganizationKind.ENTERPRISE)
        routes = [
            each for each in ROUTES if each.name in {"vouchers:wallet", "vouchers:wallet_voucher"}
        ]

        found = told(browser(holder), routes, city.voucher.code)
        line = browser(city.finance).get(f"/claims/{claim.code}/").content.decode()

    assert "vouchers:wallet holds the number" in found
    assert masked(city.voucher.code) in line
    assert city.voucher.code not in line
