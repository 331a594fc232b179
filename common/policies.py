"""Policy of routes that belong to no domain; accounts.access has the others."""

from collections.abc import Callable
from typing import Literal, TypeVar

from django.http import HttpResponseBase

PUBLIC: Literal["public"] = "public"

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def open_to_everybody(view: View) -> View:
    """Declare that everybody may call the view."""
    view.policy = PUBLIC  # type: ignore[attr-defined]
    return view
