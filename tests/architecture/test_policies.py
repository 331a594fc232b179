"""Every route says who may call it."""

from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator
from rest_framework.permissions import AllowAny

from accounts.access import PUBLIC, SIGNED_IN
from accounts.authentication import PolicyPermission, policy_of
from accounts.permissions import Permission
from tests.architecture.routes import Route, all_routes, of_the_product

THIRD_PARTY = {
    "django.views.i18n": "sets the language cookie; changes nothing else and is for everybody",
    "allauth.account.views": "signs in and out, changes the own password and mail address",
    "allauth.mfa.base.views": "asks for the second factor; its own pages check the session",
    "allauth.mfa.totp.views": "sets up the own second factor after reauthentication",
    "allauth.mfa.recovery_codes.views": "shows the own recovery codes after reauthentication",
    "allauth.usersessions.views": "lists and ends the own sessions",
}
"""Views of packages that declare no policy of ours, by module, with the reason."""

POLICIES = {PUBLIC, SIGNED_IN, *Permission}


def named(routes: list[Route]) -> list[Any]:
    return [pytest.param(route, id=f"{route.name} {route.pattern}") for route in routes]


OURS = of_the_product()
FOREIGN = [route for route in all_routes() if route not in OURS]


def test_there_are_routes_to_look_at() -> None:
    assert len(OURS) > 40
    assert any(route.is_api for route in OURS)


@pytest.mark.parametrize("route", named([route for route in OURS if not route.is_api]))
def test_page_declares_its_policy(route: Route) -> None:
    assert getattr(route.view, "policy", None) in POLICIES, "decorate the view (accounts.access)"


@pytest.mark.parametrize("route", named([route for route in OURS if route.is_api]))
def test_operation_declares_a_policy_for_each_method(route: Route) -> None:
    declared = {method: policy_of(route.view, method.upper()) for method in route.methods}

    assert declared
    assert {method for method, policy in declared.items() if policy not in POLICIES} == set()


@pytest.mark.parametrize("route", named([route for route in OURS if route.is_api]))
def test_operation_is_guarded_by_its_policy(route: Route) -> None:
    guards = list(route.view.permission_classes)

    if guards == [AllowAny]:
        assert route.name == "api-schema"
    else:
        assert guards == [PolicyPermission]


@pytest.mark.parametrize("route", named(FOREIGN))
def test_foreign_view_is_listed_with_a_reason(route: Route) -> None:
    assert route.module in THIRD_PARTY


def test_no_reason_outlives_its_views() -> None:
    assert set(THIRD_PARTY) == {route.module for route in FOREIGN}


def test_names_are_unique() -> None:
    names = [route.name for route in all_routes()]

    assert {name for name in names if names.count(name) > 1} == set()


def test_description_names_a_policy_for_each_operation() -> None:
    document = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    operations = {
        f"{method} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    expected = {
        f"{method} {'/' + route.pattern}"
        for route in OURS
        if route.is_api and route.name != "api-schema"
        for method in route.methods
    }

    assert {name for name, each in operations.items() if each["x-policy"] == "none"} == set()
    assert len(operations) == len(expected)
