"""A cache that may be gone: then it holds nothing, and nobody waits for it."""

import time
from collections.abc import Callable
from typing import Any

import structlog
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)
PAUSE_SECONDS = 2.0


class SoftRedisCache(RedisCache):
    """Redis cache whose failures read as a miss and write as a refusal.

    `add` answers False when the server is gone, so locks and rate limits built on it fail closed.
    After a failure the server is left alone for PAUSE_SECONDS, so a page pays one timeout at most.
    """

    _rest_until = 0.0

    def _softly(self, call: Callable[[], Any], otherwise: Any) -> Any:
        if time.monotonic() < self._rest_until:
            return otherwise
        try:
            return call()
        except RedisError as error:
            SoftRedisCache._rest_until = time.monotonic() + PAUSE_SECONDS
            log.warning("cache_unavailable", error=str(error))
            return otherwise

    def add(self, *args: Any, **kwargs: Any) -> bool:
        """Store unless present; False when the server is gone."""
        return bool(self._softly(lambda: super(SoftRedisCache, self).add(*args, **kwargs), False))

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """Read; `default` when the server is gone."""
        return self._softly(lambda: super(SoftRedisCache, self).get(key, default, version), default)

    def set(self, *args: Any, **kwargs: Any) -> None:
        """Store, or forget when the server is gone."""
        self._softly(lambda: super(SoftRedisCache, self).set(*args, **kwargs), None)

    def touch(self, *args: Any, **kwargs: Any) -> bool:
        """Prolong; False when the server is gone."""
        return bool(self._softly(lambda: super(SoftRedisCache, self).touch(*args, **kwargs), False))

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        """Remove; False when the server is gone."""
        return bool(
            self._softly(lambda: super(SoftRedisCache, self).delete(*args, **kwargs), False)
        )

    def get_many(self, *args: Any, **kwargs: Any) -> dict[Any, Any]:
        """Read many; nothing when the server is gone."""
        found = self._softly(lambda: super(SoftRedisCache, self).get_many(*args, **kwargs), {})
        return dict(found)

    def has_key(self, *args: Any, **kwargs: Any) -> bool:
        """Look; False when the server is gone."""
        return bool(
            self._softly(lambda: super(SoftRedisCache, self).has_key(*args, **kwargs), False)
        )

    def incr(self, *args: Any, **kwargs: Any) -> int:
        """Count up; ValueError (as for a missing key) when the server is gone."""
        counted = self._softly(lambda: super(SoftRedisCache, self).incr(*args, **kwargs), None)
        if counted is None:
            raise ValueError("The cache is not reachable.")
        return int(counted)

    def set_many(self, *args: Any, **kwargs: Any) -> list[Any]:
        """Store many, or forget when the server is gone."""
        return list(self._softly(lambda: super(SoftRedisCache, self).set_many(*args, **kwargs), []))

    def delete_many(self, *args: Any, **kwargs: Any) -> None:
        """Remove many; nothing when the server is gone."""
        self._softly(lambda: super(SoftRedisCache, self).delete_many(*args, **kwargs), None)

    def clear(self) -> None:
        """Empty, unless the server is gone."""
        self._softly(super().clear, None)
