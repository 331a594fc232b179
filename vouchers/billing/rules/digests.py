"""What tells one event from another, and a repeat from a conflict: digests of 16 bytes."""

import struct
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from hashlib import blake2b
from zlib import crc32

import msgspec

SIZE = 16
"""Bytes of a key or content."""
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""PostgreSQL's zero of time."""
MICROSECOND = timedelta(microseconds=1)
_KEY = struct.Struct("!II8s")
_MOMENT = struct.Struct("!cq")
_SEPARATOR = b"\x1f"
"""Stands between attributes, none of which may contain it."""

canonical = msgspec.json.Encoder(order="sorted").encode
"""Quantities as JSON with their meters in alphabetical order."""


def micros(moment: datetime) -> int:
    """Microseconds since EPOCH, however the moment was spelled."""
    return (moment - EPOCH) // MICROSECOND


@lru_cache(maxsize=256)
def epoch_in(zone: tzinfo | None) -> datetime:
    """EPOCH as clocks of a fixed offset show it: between two times of one zone nothing is converted."""
    return EPOCH.astimezone(zone)


class Source:
    """What the digests of all events of one source begin with."""

    __slots__ = ("_begun", "_near", "_provider")

    def __init__(self, provider: int, source: str) -> None:
        shared = b"%d\x1f%b\x1f" % (provider, source.encode())
        self._provider, self._near = provider & 0xFFFFFFFF, crc32(shared)
        self._begun = blake2b(shared, digest_size=SIZE)

    def key(self, event_id: str) -> bytes:
        """The key of an event: its provider, its neighborhood, eight bytes of digest.

        Events whose ids differ only in their last three bytes are neighbors, so a batch of counted
        ids touches few pages of the index. No provider can make another's key; among 10^10 events
        of one provider two agree with a chance of 1 in 10^9.
        """
        return self.both(event_id, 0, b"")[0]

    def both(self, event_id: str, moment: int, said: bytes) -> tuple[bytes, bytes]:
        """An event's key, and the digest of all that it says: `said` at `moment` in microseconds."""
        identified, running = event_id.encode(), self._begun.copy()
        running.update(identified)
        near = crc32(identified[:-3], self._near)
        key = _KEY.pack(self._provider, near, running.digest())
        running.update(_MOMENT.pack(_SEPARATOR, moment) + said)
        return key, running.digest()


def said(subject: str, quantities: bytes, corrects: str = "") -> bytes:
    """What an event says beside its identity and moment; quantities in canonical form."""
    return b"%b\x1f%b\x1f%b" % (subject.encode(), corrects.encode(), quantities)
