"""How requests are signed: the text, its signature, and where the secret comes from (decision 0015)."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

SCHEME = "puhui-hmac-sha256"
WINDOW = timedelta(minutes=5)
"""How far a request's timestamp may be from our clock, on either side."""
SECRET_START = "sk_"  # noqa: S105 - how secrets begin, not one
SIGNED_HEADERS = frozenset({"content-type", "idempotency-key"})
"""Headers that change what a request does; so do all that begin with `ce-` (CloudEvents)."""


class Claim(NamedTuple):
    """What an Authorization header says: which key, when (seconds since 1970), the signature."""

    prefix: str
    timestamp: int
    signature: str


def secret(*, server_key: str, prefix: str, digest: bytes) -> str:
    """The secret with which a key's requests are signed; kept by nobody but its owner.

    Follows from a secret of the server and what the database has of the key: neither alone is enough.
    """
    made = hmac.digest(
        server_key.encode(), b"signing\n%s\n%s" % (prefix.encode(), digest), "sha256"
    )
    return f"{SECRET_START}{prefix}_{base64.urlsafe_b64encode(made).decode().rstrip('=')}"


def text(
    *, method: str, target: str, timestamp: int, headers: Mapping[str, str], body: bytes
) -> str:
    """What is signed: a line each for scheme, method, path with query, time, headers and body."""
    named = sorted((name.lower(), value.strip()) for name, value in headers.items())
    lines = [f"{name}:{value}" for name, value in named if is_signed(name)]
    digest = hashlib.sha256(body).hexdigest()
    return "\n".join([SCHEME, method.upper(), target, str(timestamp), *lines, digest])


def is_signed(name: str) -> bool:
    """Tell whether a header, named in lower case, is part of what is signed."""
    return name in SIGNED_HEADERS or name.startswith("ce-")


def signature(*, with_secret: str, signed: str) -> str:
    """HMAC-SHA256 in hexadecimal digits."""
    return hmac.digest(with_secret.encode(), signed.encode(), "sha256").hex()


def claim(credentials: str) -> Claim | None:
    """Read `key=…, timestamp=…, signature=…`; None for anything else."""
    parts = dict(part.strip().partition("=")[::2] for part in credentials.split(","))
    timestamp = parts.get("timestamp", "")
    if set(parts) != {"key", "timestamp", "signature"} or not (
        timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12
    ):
        return None
    return Claim(parts["key"], int(timestamp), parts["signature"])
