"""What a block of the seal is made of: digests, manifests, and the header whose hash makes the chain.

The stand-alone verifier states the same a second time, on purpose: neither can be wrong alone.
"""

import hashlib
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.hazmat.primitives import hashes

FORMAT = "puhui-seal 1"
NOTHING = "0" * 64
"""What the first block carries in place of a block before it."""
DIGEST_BYTES = 32
KEY_BYTES = {"integer": 8, "uuid": 16}

Entry = tuple[str, str]
"""Key of a row as text, and the digest of its content in hexadecimal."""


@dataclass(frozen=True, slots=True)
class Part:
    """How many rows of a table a block holds, and the digest of their manifest."""

    table: str
    rows: int
    digest: str


def digest(algorithm: str, data: bytes) -> str:
    """SHA-256 or SM3 (GB/T 32905-2016) in hexadecimal. Raises ValueError for another name."""
    if algorithm == "sha256":
        return hashlib.sha256(data).hexdigest()
    if algorithm == "sm3":
        made = hashes.Hash(hashes.SM3())
        made.update(data)
        return made.finalize().hex()
    raise ValueError(f"unknown algorithm {algorithm!r}")


def header(
    *,
    number: int,
    algorithm: str,
    previous: str,
    start: int,
    end: int,
    sealed_at: datetime,
    parts: Sequence[Part],
) -> bytes:
    """The text whose digest is the block's hash."""
    lines = [
        FORMAT,
        f"number {number}",
        f"algorithm {algorithm}",
        f"previous {previous}",
        f"transactions {start} {end}",
        f"sealed_at {moment_text(sealed_at)}",
        *(f"table {part.table} {part.rows} {part.digest}" for part in parts),
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def moment_text(at: datetime) -> str:
    """A moment in UTC to the microsecond."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def manifest(entries: Iterable[Entry]) -> bytes:
    """A manifest as it is digested: key and digest of each row, in sealed order."""
    return "".join(f"{key}\t{made}\n" for key, made in entries).encode()


def packed_keys(keys: Iterable[str], kind: str) -> bytes:
    """Keys as they are stored: 8 bytes an integer, 16 a UUID."""
    if kind == "uuid":
        return b"".join(uuid.UUID(key).bytes for key in keys)
    return b"".join(int(key).to_bytes(8, "big", signed=True) for key in keys)


def unpacked(keys: bytes, digests: bytes, kind: str) -> Iterator[Entry]:
    """The entries of a stored manifest."""
    size = KEY_BYTES[kind]
    for place in range(len(keys) // size):
        key = keys[place * size : (place + 1) * size]
        made = digests[place * DIGEST_BYTES : (place + 1) * DIGEST_BYTES]
        text = (
            str(uuid.UUID(bytes=key))
            if kind == "uuid"
            else str(int.from_bytes(key, "big", signed=True))
        )
        yield text, made.hex()


@dataclass(frozen=True, slots=True)
class Fault:
    """One bad row: `what` is changed, deleted or inserted; table `block` is the chain itself."""

    block: int
    table: str
    id: str
    what: str
    detail: str = ""

    def __str__(self) -> str:
        more = f" ({self.detail})" if self.detail else ""
        return f"{self.what}: table {self.table}, id {self.id}, block {self.block}{more}"


def differences(
    number: int, table: str, sealed: Sequence[Entry], found: Sequence[Entry]
) -> list[Fault]:
    """Hold the rows of a table against its part of a block, in sealed order; inserted rows come last."""
    expected, present = dict(sealed), dict(found)
    faults = [
        Fault(number, table, key, "changed" if key in present else "deleted")
        for key, made in sealed
        if present.get(key) != made
    ]
    faults += [Fault(number, table, key, "inserted") for key in present if key not in expected]
    if len(found) > len(present):
        twice = next(key for place, (key, _made) in enumerate(found) if key in dict(found[:place]))
        faults.append(Fault(number, table, twice, "inserted", "stands there more than once"))
    return faults
