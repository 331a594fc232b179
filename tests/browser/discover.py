"""Find the pages of the running demonstration by following links, one page for each kind of address."""

import re
from collections import deque
from collections.abc import Mapping
from html import unescape
from urllib.parse import urljoin, urlsplit

from tests.browser.capture import TIMEOUT_MS, Accounts, Route, sign_in
from tests.browser.chromium import browser, context

MOST_PAGES = 200
_CODE = re.compile(
    r"[A-Z]{2}-[0-9A-Z]{4}-[0-9A-Z]{4}|[0-9a-f]{8}-[0-9a-f-]{27}|\b\d{4}-\d{2}(-\d{2})?\b|\b\d+\b"
)
_HREF = re.compile(r'<a\s[^>]*href="([^"#]+)')
_LEAVE_OUT = re.compile(
    r"/(api|static)/|logout|\.(csv|pdf|xlsx|json)$|/files?/|download|payment-file|/invoice/"
)


def kind_of(path: str) -> str:
    """An address with its codes, months and numbers taken out."""
    return _CODE.sub("*", path)


def name_of(path: str) -> str:
    """A file name for a kind of address."""
    return (
        re.sub(r"[^a-z0-9]+", "-", kind_of(path).replace("*", "one").lower()).strip("-") or "home"
    )


def discover(base_url: str, accounts: Accounts) -> list[Route]:
    """Routes of visitors and of every role: each kind of address once, by the first who meets it.

    First pages differ by role and are taken from all.
    """
    roles: Mapping[str, tuple[str, str] | None] = {"": None, **accounts}
    routes: list[Route] = []
    seen = {"/"}
    with browser() as chromium:
        for role, account in roles.items():
            visitor = context(chromium, base_url=base_url, javascript=False)
            if account:
                sign_in(visitor, *account)
            waiting = deque(["/"])
            while waiting and len(routes) < MOST_PAGES:
                path = waiting.popleft()
                answer = visitor.request.get(path, timeout=TIMEOUT_MS)
                if answer.ok and "text/html" in answer.headers.get("content-type", ""):
                    routes.append(Route(name_of(path), path, role))
                    new = [
                        link for link in _links(answer.text(), path) if kind_of(link) not in seen
                    ]
                    for link in new:
                        if kind_of(link) not in seen:
                            seen.add(kind_of(link))
                            waiting.append(link)
            visitor.close()
    return routes


def _links(text: str, path: str) -> list[str]:
    """Paths on this site that a page links to."""
    found = (urljoin(path, unescape(link)) for link in _HREF.findall(text))
    paths = [urlsplit(link).path for link in found if not urlsplit(link).netloc]
    return [one for one in paths if one.startswith("/") and not _LEAVE_OUT.search(one)]
