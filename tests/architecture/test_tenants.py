"""Nobody reaches another's object.

For each address that names one, a stranger is answered as for an object that does not exist. An object
is made once for all its addresses; what the answers of one address changed is rolled back.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import time_machine
from django.contrib.auth import SESSION_KEY
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.access import PUBLIC, SIGNED_IN, Actor, can
from accounts.authentication import policy_of
from accounts.models import OrganizationKind
from tests.architecture.examples import (
    FURTHER_VALUES,
    NOT_OBJECTS,
    Example,
    everything,
    example_for,
)
from tests.architecture.routes import Route, of_the_product
from tests.factories import accounts
from tests.factories.accounts import NOW

ROUTES = [route for route in of_the_product() if route.parameters]
OBJECTS = [route for route in ROUTES if route.path not in NOT_OBJECTS]


def by_example() -> dict[Callable[[], Example], list[Route]]:
    """The routes of each kind of object."""
    found = defaultdict(list)
    for route in OBJECTS:
        if make := example_for(route.path):
            found[make].append(route)
    return found


def test_each_address_of_an_object_has_an_example() -> None:
    assert [route.pattern for route in OBJECTS if example_for(route.path) is None] == []


def strangers(shared: frozenset[str]) -> dict[str, Actor]:
    """People of other organizations with every role their kind has."""
    found = {"preparer": accounts.preparer()} if "enterprise" not in shared else {}
    for kind in OrganizationKind.values:
        if kind not in shared:
            office = accounts.organization(kind, name="别的机构")
            found[kind] = everything(office, kind)
    return found


def ask(client: Client, route: Route, method: str, values: dict[str, str]) -> Any:
    further = {name: FURTHER_VALUES[name] for name in route.parameters if name in FURTHER_VALUES}
    wanted = {name: values[name] for name in route.parameters if name in values}
    address = reverse(route.name, kwargs=wanted | further)
    call = getattr(client, method)
    if method == "get":
        return call(address)
    if route.is_api:
        return call(address, {}, "application/json", headers={"Idempotency-Key": "any"})
    return call(address, {})


def signed_in(actor: Actor) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(actor.user)
    session = client.session
    accounts.confirm(session)
    session.save()
    return client


def held(stranger: Actor, route: Route, method: str) -> bool:
    """Whether the stranger passes the declared policy, so that only the object can refuse."""
    policy = policy_of(route.view, method.upper())
    return policy in {PUBLIC, SIGNED_IN} or can(stranger, policy)


def to_strangers(
    route: Route, example: Example, met: Mapping[str, tuple[Actor, Client]]
) -> list[str]:
    """Answers that tell a stranger anything."""
    wrong = []
    for name, (stranger, client) in met.items():
        assert client.session.get(SESSION_KEY) == str(stranger.user.pk)
        for method in route.methods:
            if not held(stranger, route, method):
                continue
            seen = ask(client, route, method, example.values).status_code
            if seen in {404, 405}:
                continue
            unknown = ask(client, route, method, example.unknown).status_code
            if seen != unknown or not 400 <= seen < 500:
                wrong.append(f"{name} {method}: {seen}, unknown: {unknown}")
    return wrong


def to_signed_out(route: Route, example: Example) -> list[str]:
    """Answers that tell a visitor anything."""
    wrong = []
    for method in route.methods:
        answer = ask(Client(raise_request_exception=False), route, method, example.values)
        to_sign_in = answer.status_code == 302 and "/accounts/login/" in answer["Location"]
        if not (to_sign_in or answer.status_code in {401, 403, 404, 405}):
            wrong.append(f"{method}: {answer.status_code}")
    return wrong


def to_owners(route: Route, example: Example) -> list[int]:
    """What those see whose object it is."""
    return [
        ask(signed_in(owner), route, method, example.values).status_code
        for owner in example.owners
        for method in route.methods
    ]


def faults(route: Route, example: Example, met: Mapping[str, tuple[Actor, Client]]) -> list[str]:
    """Everything that is wrong with the answers of an address; nothing that they changed stays."""
    cache.clear()
    with transaction.atomic():
        wrong = to_strangers(route, example, met) + to_signed_out(route, example)
        owned = to_owners(route, example)
        transaction.set_rollback(True)
    if all(status == 404 for status in owned):
        wrong.append("nobody sees it, so the refusals show nothing")
    return wrong + [f"owner: {status}" for status in owned if status >= 500]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("make", "routes"), by_example().items(), ids=lambda value: getattr(value, "__name__", "")
)
def test_object_is_closed_to_everybody_but_its_owner(
    make: Callable[[], Example], routes: list[Route]
) -> None:
    with time_machine.travel(NOW, tick=False):
        example = make()
        met = {name: (actor, signed_in(actor)) for name, actor in strangers(example.shared).items()}

        found = {route.name: faults(route, example, met) for route in routes}

    assert {name: wrong for name, wrong in found.items() if wrong} == {}
