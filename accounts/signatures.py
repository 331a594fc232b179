"""The API's edge for keys whose requests are signed: each request proves that it is whole and new."""

import hmac

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from accounts.access import Actor
from accounts.actions import actors
from accounts.models import ApiKey, User
from accounts.rules import signing
from common.errors import DomainError
from common.uploads import MOST_BYTES

REFUSALS: dict[str, Promise] = {
    "signature_missing": _(
        "This key signs its requests; its secret is never sent. Send Authorization: "
        "puhui-hmac-sha256 key=…, timestamp=…, signature=… instead (docs/signing.md)."
    ),
    "signature_malformed": _(
        "Write the header as Authorization: puhui-hmac-sha256 key=…, timestamp=…, signature=…, "
        "the timestamp in seconds since 1970 (docs/signing.md)."
    ),
    "signature_expired": _(
        "The timestamp is more than 5 minutes from our clock. Set the clock and sign again; a "
        "request is signed at the moment it is sent."
    ),
    "signature_wrong": _(
        "The signature does not fit this request, or the key is unknown, revoked or expired. "
        "Compare the text that you sign with the one in docs/signing.md."
    ),
}


class BodyTooLarge(DomainError):
    """More bytes than any operation takes."""

    code = "body_too_large"
    status = 413


class SignatureAuthentication(authentication.BaseAuthentication):
    """`Authorization: puhui-hmac-sha256 key=<prefix>, timestamp=<seconds>, signature=<hex>`."""

    def authenticate(self, request: Request) -> tuple[User, Actor] | None:
        """Return the key's maker and the key's actor; None where nothing is signed."""
        kind, _space, rest = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "bearer" and rest.strip().startswith(signing.SECRET_START):
            raise _refused("signature_missing")
        if kind.lower() != signing.SCHEME:
            return None
        claim = signing.claim(rest)
        if claim is None:
            raise _refused("signature_malformed")
        now = timezone.now()
        if abs(now.timestamp() - claim.timestamp) > signing.WINDOW.total_seconds():
            raise _refused("signature_expired")
        signed = _text(request._request, claim.timestamp)  # noqa: SLF001 - DRF names it so
        actor = actors.by_key(prefix=claim.prefix, at=now)
        if actor is None or actor.key is None or not _fits(actor.key, signed, claim.signature):
            raise _refused("signature_wrong")
        return actor.user, actor

    def authenticate_header(self, request: Request) -> str:
        """Make missing credentials a 401 that names the way to answer it."""
        given = request.headers.get("Authorization", "").lower()
        signs = given.startswith((signing.SCHEME, f"bearer {signing.SECRET_START}"))
        return signing.SCHEME if signs else "Bearer"


def _fits(key: ApiKey, signed: str, given: str) -> bool:
    """Compare with what each of the server's keys would have made, in equal time.

    A key that does not sign fits nothing: the secret of one is never sent, the other's always.
    """
    digest = bytes(key.secret_sha256)
    secrets = (
        signing.secret(server_key=each, prefix=key.prefix, digest=digest)
        for each in settings.REQUEST_SIGNING_KEYS
    )
    wanted = [signing.signature(with_secret=each, signed=signed) for each in secrets]
    fitting = sum(hmac.compare_digest(each.encode(), given.encode()) for each in wanted)
    return key.is_signed and fitting > 0


def _text(request: HttpRequest, timestamp: int) -> str:
    return signing.text(
        method=request.method or "",
        target=request.get_full_path(),
        timestamp=timestamp,
        headers=request.headers,
        body=_body(request),
    )


def _body(request: HttpRequest) -> bytes:
    """The whole body, kept for whoever reads it next; Django's own limit is below that of uploads.

    Raises BodyTooLarge.
    """
    if not hasattr(request, "_body"):
        request._body = request.read(MOST_BYTES + 1)  # noqa: SLF001 - as Django keeps it
    body = request.body
    if len(body) > MOST_BYTES:
        raise BodyTooLarge(_("The body is larger than 12 MB. Split it and send the parts."))
    return body


def _refused(code: str) -> exceptions.AuthenticationFailed:
    return exceptions.AuthenticationFailed(str(REFUSALS[code]), code=code)
