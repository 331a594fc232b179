"""The cache may be gone: pages go on, limits close."""

import time
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.cache import cache

from config.cache import SoftRedisCache


@pytest.fixture
def dead_cache(monkeypatch: pytest.MonkeyPatch) -> Iterator[SoftRedisCache]:
    """A cache whose server does not exist."""
    monkeypatch.setattr(SoftRedisCache, "_rest_until", 0.0)
    options = {**settings.CACHES["default"], "KEY_PREFIX": "dead"}
    yield SoftRedisCache("unix:///nonexistent/valkey.sock?db=0", options)
    SoftRedisCache._rest_until = 0.0


def test_living_cache_keeps_a_value() -> None:
    cache.set("seen", 3, 30)

    assert cache.get("seen") == 3
    assert cache.add("seen", 4) is False
    cache.delete("seen")
    assert cache.get("seen") is None


def test_dead_cache_reads_as_empty(dead_cache: SoftRedisCache) -> None:
    dead_cache.set("seen", 3)

    assert dead_cache.get("seen", "nothing") == "nothing"
    assert dead_cache.get_many(["seen"]) == {}
    assert dead_cache.has_key("seen") is False


def test_dead_cache_closes_limits(dead_cache: SoftRedisCache) -> None:
    assert dead_cache.add("lock", 1) is False
    with pytest.raises(ValueError, match="not reachable"):
        dead_cache.incr("attempts")


def test_dead_cache_is_left_alone_for_a_while(dead_cache: SoftRedisCache) -> None:
    dead_cache.get("seen")

    assert SoftRedisCache._rest_until > time.monotonic()
