"""Nobody reaches another's object.

For each address that names one, a stranger is answered as for an object that does not exist.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import time_machine
from django.conf import settings
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


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who signed in once; each call of `client` is a browser of its own with that session."""

    name: str
    actor: Actor
    session: str

    def client(self) -> Client:
        made = Client(raise_request_exception=False)
        made.cookies[settings.SESSION_COOKIE_NAME] = self.session
        return made


def signed_in(name: str, actor: Actor) -> Visitor:
    client = Client()
    client.force_login(actor.user)
    return Visitor(name, actor, client.cookies[settings.SESSION_COOKIE_NAME].value)


@contextmanager
def undone() -> Iterator[None]:
    """What is done inside leaves neither rows nor counted attempts: the next address finds the object as made."""
    cache.clear()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def held(stranger: Actor, route: Route, method: str) -> bool:
    """Whether the stranger passes the declared policy, so that only the object can refuse."""
    policy = policy_of(route.view, method.upper())
    return policy in {PUBLIC, SIGNED_IN} or can(stranger, policy)


def to_strangers(route: Route, example: Example, visitors: list[Visitor]) -> list[str]:
    """Answers that tell a stranger anything."""
    wrong = []
    for stranger in visitors:
        client = stranger.client()
        for method in route.methods:
            if not held(stranger.actor, route, method):
                continue
            seen = ask(client, route, method, example.values).status_code
            if seen in {404, 405}:
                continue
            unknown = ask(client, route, method, example.unknown).status_code
            if seen != unknown or not 400 <= seen < 500:
                wrong.append(f"{stranger.name} {method}: {seen}, unknown: {unknown}")
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


def to_owners(route: Route, example: Example, owners: list[Visitor]) -> list[str]:
    """What is wrong with what those see whose object it is."""
    seen = [
        ask(owner.client(), route, method, example.values).status_code
        for owner in owners
        for method in route.methods
    ]
    wrong = [f"owner: {status}" for status in seen if status >= 500]
    if all(status == 404 for status in seen):
        wrong.append("owner: 404, so the refusals show nothing")
    return wrong


NOUNS = sorted({make.__name__ for route in OBJECTS if (make := example_for(route.path))})


@pytest.mark.django_db
@pytest.mark.parametrize("noun", NOUNS)
def test_objects_are_closed_to_everybody_but_their_owners(noun: str) -> None:
    """One object and its people are made once for all its addresses; what is asked at each is undone."""
    routes = [(route, make) for route in OBJECTS if (make := example_for(route.path))]
    wrong: dict[str, list[str]] = {}
    with time_machine.travel(NOW, tick=False):
        example = next(make for _route, make in routes if make.__name__ == noun)()
        others = [signed_in(*each) for each in strangers(example.shared).items()]
        owners = [signed_in("owner", owner) for owner in example.owners]
        for route, make in routes:
            if make.__name__ == noun:
                with undone():
                    found = to_strangers(route, example, others)
                    found += to_signed_out(route, example)
                    found += to_owners(route, example, owners)
                wrong |= {route.pattern: found} if found else {}

    assert wrong == {}
