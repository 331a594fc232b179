"""What the log says of every request besides its line: where it came from."""

from typing import Any

import structlog
from allauth.account.adapter import get_adapter
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest
from django_structlog.signals import bind_extra_request_metadata


def watch() -> None:
    """Bind the address to all that a request logs."""
    bind_extra_request_metadata.connect(_bind_address, dispatch_uid="common.request_logs")


def _bind_address(request: HttpRequest, **_signal: Any) -> None:
    """Only proxies of ours are believed (TRUSTED_PROXIES); anybody can write such a header."""
    try:
        address = get_adapter(request).get_client_ip(request)
    except (PermissionDenied, ImproperlyConfigured):  # none given, or it passed too few proxies
        address = None
    structlog.contextvars.bind_contextvars(ip=address)
