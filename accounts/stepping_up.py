"""Asks people to prove once more who they are before they put their name under money."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from common.errors import Forbidden

P = ParamSpec("P")
R = TypeVar("R")


class ConfirmationMissing(Forbidden):
    """The person did not confirm within the last minutes that it is them."""

    code = "reauthentication_required"


def confirmed_person(view: Callable[P, R]) -> Callable[P, R]:
    """A page that first asks for password or code, unless that happened within the last five minutes."""
    return cast("Callable[P, R]", reauthentication_required(view))


def require_confirmed(request: HttpRequest | Request) -> None:
    """Raise ConfirmationMissing unless the person gave password or code within the last five minutes."""
    if not did_recently_reauthenticate(request):
        raise ConfirmationMissing(
            _("Confirm that it is you first: open /accounts/reauthenticate/, then send this again.")
        )
