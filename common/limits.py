"""Rate limits counted exactly: one atomic counter in Redis for each window, closed when Redis is gone."""

import ipaddress
import time

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from common.errors import DomainError


class TooMany(DomainError):
    """The limit of this window is used up, or cannot be counted at present."""

    code = "too_many_requests"
    status = 429

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(
            _("Too many attempts. Wait %(minutes)s minutes and try again.")
            % {"minutes": max(1, -(-retry_after_seconds // 60))}
        )
        self.retry_after_seconds = retry_after_seconds


def spend(*, name: str, who: str, limit: int, seconds: int) -> None:
    """Count one use of `name` by `who`; TooMany from the (limit + 1)th on within a window of `seconds`.

    The count is one INCR, so of any number of simultaneous uses exactly `limit` pass. The window is part of the
    key, so no expiry can cut a count in two.
    """
    now = int(time.time())
    window = now // seconds
    left = (window + 1) * seconds - now
    key = f"limit:{name}:{who}:{window}"
    cache.add(key, 0, 2 * seconds)
    try:
        used = cache.incr(key)
    except ValueError:  # the server is gone
        raise TooMany(left) from None
    if used > limit:
        raise TooMany(left)


def address_of(request: HttpRequest) -> str:
    """Where a request comes from, for limits; an IPv6 network counts as one place."""
    text = str(get_adapter(request).get_client_ip(request))
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False).network_address)
    return text
