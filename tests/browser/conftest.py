"""A browser for the session and a served site for a test."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from tests.browser.chromium import browser

# Playwright's own loop would make Django refuse plain database calls in this thread.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for all tests of this worker."""
    with browser() as running:
        yield running


@pytest.fixture
def served(live_server: LiveServer) -> str:
    """Address of the site on the test database."""
    return str(live_server.url)
