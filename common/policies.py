"""Policy of routes that belong to no domain; accounts.access has the others."""

from collections.abc import Callable
from typing import Literal, TypeVar

from django.contrib.auth.decorators import login_required
from django.http import HttpResponseBase

PUBLIC: Literal["public"] = "public"
SIGNED_IN: Literal["signed_in"] = "signed_in"

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def open_to_everybody(view: View) -> View:
    """Declare that everybody may call the view."""
    view.policy = PUBLIC  # type: ignore[attr-defined]
    return view


def open_to_signed_in(view: View) -> View:
    """Declare that every signed-in person may call the view; others come to the sign-in page."""
    guarded = login_required(view)
    guarded.policy = SIGNED_IN  # type: ignore[attr-defined]
    return guarded
