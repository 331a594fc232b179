"""What every page needs around its content."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject

from common import navigation as registry
from common.display import TYPE_COOKIE


@dataclass(frozen=True, slots=True)
class Link:
    """A navigation entry with its address; `current` is "page", "true" (a page below it) or ""."""

    label: registry.Text
    url: str
    icon: str = ""
    current: str = ""


def _current(path: str, url: str, starts: tuple[str, ...]) -> str:
    if path == url:
        return "page"
    prefixes = (url, *starts) if url != "/" else starts
    return "true" if any(path.startswith(prefix) for prefix in prefixes) else ""


def _links(request: HttpRequest) -> list[Link]:
    links = []
    for item in registry.items_for(request):
        try:
            url = reverse(item.url_name)
        except NoReverseMatch:
            continue  # an entry of an app whose pages are not mounted
        links.append(Link(item.label, url, item.icon, _current(request.path, url, item.starts)))
    return _one_current(links)


def _one_current(links: list[Link]) -> list[Link]:
    """Keep only the most specific of the current entries."""
    best = max(
        (link for link in links if link.current),
        key=lambda link: len(link.url),
        default=None,
    )
    return [
        link if link is best or not link.current else Link(link.label, link.url, link.icon)
        for link in links
    ]


def _footer() -> list[Link]:
    links = []
    for item in registry.footer_items():
        try:
            links.append(Link(item.label, reverse(item.url_name)))
        except NoReverseMatch:
            continue
    return links


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `navigation`, `footer_links`, `identity`, `bell`, `large_type`."""
    known = hasattr(request, "user")
    return {
        "navigation": _links(request) if known else [],
        "footer_links": _footer(),
        "identity": registry.identity_of(request) if known else None,
        # counted only where a page shows it, and once
        "bell": SimpleLazyObject(partial(registry.bell_of, request)) if known else None,
        "large_type": request.COOKIES.get(TYPE_COOKIE) == "large",
    }
