"""Who sees which entry, and which one is current."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from common import context, navigation
from common.navigation import NavItem


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(navigation, "_registry", navigation._Registry())


def _labels(path: str) -> list[tuple[str, str]]:
    request = RequestFactory().get(path)
    request.user = AnonymousUser()
    return [(str(link.label), link.current) for link in context.navigation(request)["navigation"]]


def test_visitor_sees_only_public_entries() -> None:
    navigation.register(
        NavItem("Sign in", "account_login"),
        NavItem("Codes", "mfa_index", permission=navigation.SIGNED_IN),
        NavItem("Secret", "account_logout", permission="secret"),
    )

    assert _labels("/") == [("Sign in", "")]


def test_checker_decides_on_named_permissions() -> None:
    navigation.register(
        NavItem("Yes", "account_login", permission="yes", order=2),
        NavItem("Also", "account_logout", permission="yes", order=1),
        NavItem("No", "mfa_index", permission="no"),
    )
    navigation.use_checker(lambda _request, permission: permission == "yes")

    assert [label for label, _current in _labels("/")] == ["Also", "Yes"]


def test_most_specific_entry_is_the_current_one() -> None:
    navigation.register(NavItem("Outer", "mfa_index"), NavItem("Inner", "mfa_activate_totp"))

    assert _labels("/accounts/2fa/totp/activate/") == [("Outer", ""), ("Inner", "page")]


def test_entry_of_pages_that_are_not_mounted_is_left_out() -> None:
    navigation.register(NavItem("Nowhere", "no_such_page"))

    assert _labels("/") == []
