"""What tells one event from another, and a repeat from a conflict: digests of 16 bytes."""

from datetime import UTC, datetime, timedelta
from hashlib import blake2b

import msgspec

SIZE = 16
"""Bytes; among 10^15 events two random ones agree with a chance of 1 in 10^9."""
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""PostgreSQL's zero of time."""
_MICROSECOND = timedelta(microseconds=1)

canonical = msgspec.json.Encoder(order="sorted").encode
"""Quantities as JSON with their meters in alphabetical order."""


def micros(moment: datetime) -> int:
    """Microseconds since EPOCH, however the moment was spelled."""
    return (moment - EPOCH) // _MICROSECOND


def key(provider: int, source: str, event_id: str) -> bytes:
    """Digest of an event's identity: no attribute may contain the separator."""
    return blake2b(f"{provider}\x1f{source}\x1f{event_id}".encode(), digest_size=SIZE).digest()


def content(identity: bytes, moment: int, subject: str, quantities: bytes, corrects: str) -> bytes:
    """Digest of all that an event says, at `moment` in microseconds."""
    said = b"%b%d\x1f%b\x1f%b\x1f%b" % (
        identity,
        moment,
        subject.encode(),
        corrects.encode(),
        quantities,
    )
    return blake2b(said, digest_size=SIZE).digest()
