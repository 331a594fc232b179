"""Limits count exactly, also under threads, and close when the counter is gone."""

import time

import pytest
import time_machine
from django.core.cache import cache
from django.test import RequestFactory, override_settings

from common import limits
from config.cache import SoftRedisCache
from tests.threads import together


def use(who: str = "a", limit: int = 3) -> bool:
    try:
        limits.spend(name="test", who=who, limit=limit, seconds=600)
    except limits.TooMany:
        return False
    return True


def test_limit_is_for_each_and_ends_with_its_window() -> None:
    with time_machine.travel(1_000_000_000, tick=False) as now:
        assert [use() for _ in range(4)] == [True, True, True, False]
        assert use("b") is True
        now.shift(600)
        assert use() is True


def test_refusal_says_how_long_to_wait() -> None:
    with time_machine.travel(600 * 1_000_000 + 500, tick=False):
        use(limit=0)
        with pytest.raises(limits.TooMany) as refused:
            limits.spend(name="test", who="a", limit=0, seconds=600)

    assert refused.value.retry_after_seconds == 100


@pytest.mark.django_db(transaction=True)
def test_of_64_at_once_exactly_the_limit_pass() -> None:
    for round_number in range(5):
        answers = together([lambda who=f"r{round_number}": use(who, limit=10)] * 64)  # type: ignore[misc]

        assert answers.count(True) == 10


def test_counter_gone_means_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SoftRedisCache, "_rest_until", time.monotonic() + 60)

    assert use() is False


@pytest.mark.parametrize(
    ("address", "place"),
    [("192.0.2.1", "192.0.2.1"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")],
)
def test_network_of_version_six_is_one_place(address: str, place: str) -> None:
    assert limits.address_of(RequestFactory().get("/", REMOTE_ADDR=address)) == place


def test_header_of_the_client_is_believed_behind_a_proxy_only() -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="192.0.2.9")

    assert limits.address_of(request) == "10.0.0.1"
    with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1):
        assert limits.address_of(request) == "192.0.2.9"


def test_tests_begin_with_empty_counters() -> None:
    assert cache.get("anything") is None
