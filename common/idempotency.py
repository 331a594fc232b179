"""Idempotency keys: one effect and one answer for a POST that moves money."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from common.errors import Conflict, DomainError
from common.models import IdempotencyKey

MAX_KEY_LENGTH = 255


class KeyMissing(DomainError):
    """The Idempotency-Key header is absent or malformed."""

    code = "idempotency_key_missing"
    status = 400


class KeyReused(DomainError):
    """The key was used before for another body."""

    code = "idempotency_key_reused"
    status = 422


class KeyInFlight(Conflict):
    """A request with this key is being worked on right now."""

    code = "idempotency_key_in_flight"


def idempotent(method: Callable[..., Response]) -> Callable[..., Response]:
    """Wrap an API view's POST: key, body hash, effect and response commit in one transaction.

    The scope is the caller's organization and the path. A replay gets the stored answer;
    another body 422; a request still running 409. A refusal rolls everything back and is not
    stored, so that it can be mended.
    """

    @wraps(method)
    def once(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key", "").strip()
        if not key or len(key) > MAX_KEY_LENGTH:
            raise KeyMissing(
                _("Send an Idempotency-Key header: any text unique to this operation.")
            )
        organization = getattr(request.auth, "organization", None)
        scope = f"{getattr(organization, 'pk', 0)}:{request.path}"[:100]
        digest = hashlib.sha256(request.body).digest()
        with transaction.atomic():
            if not _try_lock(f"{scope}\x1f{key}"):
                raise KeyInFlight(
                    _("The same request is still being worked on. Ask again in a moment.")
                )
            stored = IdempotencyKey.objects.filter(scope=scope, key=key).first()
            if stored is not None:
                return _replay(stored, digest)
            response: Response = method(view, request, *args, **kwargs)
            IdempotencyKey.objects.create(
                scope=scope,
                key=key,
                body_sha256=digest,
                status=response.status_code,
                response=response.data,
                created_at=timezone.now(),
            )
            return response

    once.is_idempotent = True  # type: ignore[attr-defined]
    return once


def _try_lock(name: str) -> bool:
    """Take a lock that ends with the transaction; False when another transaction holds it."""
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        row = cursor.fetchone()
    return bool(row and row[0])


def _replay(stored: IdempotencyKey, digest: bytes) -> Response:
    if bytes(stored.body_sha256) != digest:
        raise KeyReused(_("This Idempotency-Key was used for another request. Choose a new key."))
    return Response(stored.response, status=stored.status, headers={"Idempotent-Replayed": "true"})
