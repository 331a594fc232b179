"""The log says where a request came from."""

from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from django.test import Client
from pytest_django.fixtures import Settings
from structlog.testing import LogCapture

pytestmark = pytest.mark.django_db


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    """What requests log."""
    capture = LogCapture()
    processors = structlog.get_config()["processors"]
    kept = list(processors)
    processors[:] = [structlog.contextvars.merge_contextvars, capture]
    yield capture.entries
    processors[:] = kept


@pytest.mark.parametrize(
    ("proxies", "header", "address"),
    [
        (0, "", "192.0.2.7"),
        (0, "198.51.100.9", "192.0.2.7"),
        (1, "203.0.113.5, 198.51.100.9", "198.51.100.9"),
        (2, "198.51.100.9", None),
    ],
)
def test_request_is_logged_with_the_address_our_proxies_tell(
    lines: list[Any], settings: Settings, proxies: int, header: str, address: str | None
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    headers = {"X-Forwarded-For": header} if header else {}
    Client(REMOTE_ADDR="192.0.2.7", headers=headers).get("/api/v1/bills/")
    told = [line for line in lines if line["event"] == "request_started"]
    assert [line["ip"] for line in told] == [address]
