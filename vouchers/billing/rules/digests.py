"""What tells one event from another, and a repeat from a conflict: digests of 16 bytes."""

import struct
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from zlib import crc32

import msgspec

SIZE = 16
"""Bytes of a key or content."""
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""PostgreSQL's zero of time."""
MICROSECOND = timedelta(microseconds=1)
_KEY = struct.Struct("!II8s")

canonical = msgspec.json.Encoder(order="sorted").encode
"""Quantities as JSON with their meters in alphabetical order."""


def micros(moment: datetime) -> int:
    """Microseconds since EPOCH, however the moment was spelled."""
    return (moment - EPOCH) // MICROSECOND


def identity(provider: int, source: str) -> bytes:
    """What the identities of all events of one source begin with; the event's id follows."""
    return f"{provider}\x1f{source}\x1f".encode()


def key(provider: int, identified: bytes) -> bytes:
    """The key of an event: its provider, its neighborhood, eight bytes of digest.

    Events whose ids differ only in their last three bytes are neighbors, so a batch of counted ids
    touches few pages of the index. No provider can make another's key; among 10^10 events of one
    provider two agree with a chance of 1 in 10^9.
    """
    near, digest = crc32(identified[:-3]), blake2b(identified, digest_size=8).digest()
    return _KEY.pack(provider & 0xFFFFFFFF, near, digest)


def content(identified: bytes, moment: int, said: bytes) -> bytes:
    """Digest all an event says: `said` at `moment` in microseconds.

    No attribute may contain the separator.
    """
    return blake2b(b"%b\x1f%d\x1f%b" % (identified, moment, said), digest_size=SIZE).digest()


def said(subject: str, quantities: bytes, corrects: str = "") -> bytes:
    """What an event says beside its identity and moment; quantities in canonical form."""
    return b"%b\x1f%b\x1f%b" % (subject.encode(), corrects.encode(), quantities)
