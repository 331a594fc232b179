"""Every route of the product, as the URLconf has it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern
from rest_framework.views import APIView

API = "api/v1/"
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Route:
    """One pattern; `view` is the function of a page or the class of an operation."""

    name: str
    pattern: str
    parameters: tuple[str, ...]
    view: Any

    @property
    def is_api(self) -> bool:
        """Whether the view is an operation of the API."""
        return isinstance(self.view, type) and issubclass(self.view, APIView)

    @property
    def module(self) -> str:
        """Where the view is written."""
        return str(self.view.__module__)

    @property
    def methods(self) -> tuple[str, ...]:
        """Methods of an operation, or GET and POST of a page."""
        if not self.is_api:
            return ("get", "post")
        return tuple(method for method in METHODS if hasattr(self.view, method))

    @property
    def path(self) -> str:
        """The pattern without the prefix of the API."""
        return self.pattern.removeprefix(API)


@cache
def all_routes() -> tuple[Route, ...]:
    """All routes in the order in which they are searched."""
    return tuple(_walk(get_resolver(), "", ""))


def _walk(resolver: URLResolver, prefix: str, space: str) -> Iterator[Route]:
    for each in resolver.url_patterns:
        pattern = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            inner = f"{space}{each.namespace}:" if each.namespace else space
            yield from _walk(each, pattern, inner)
        else:
            yield _route(each, pattern, space)


def _route(each: URLPattern, pattern: str, space: str) -> Route:
    callback: Any = each.callback
    view = getattr(callback, "cls", None) or getattr(callback, "view_class", None) or callback
    plain = isinstance(each.pattern, RoutePattern)
    parameters = tuple(each.pattern.converters) if plain else tuple(each.pattern.regex.groupindex)
    return Route(f"{space}{each.name}", pattern, parameters, view)


def of_the_product() -> list[Route]:
    """Routes whose views are written here."""
    ours = ("accounts", "common", "config", "marketplace", "providers", "vouchers")
    return [route for route in all_routes() if route.module.partition(".")[0] in ours]
