"""The canonical form of a conclusion: the exact bytes whose SHA-256 two people sign.

One JSON object a line, keys sorted, no spaces, UTF-8: the conclusion, then each entry of the case in order.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

FORMAT = "puhui-conclusion-1"


@dataclass(frozen=True, slots=True)
class ListedEntry:
    """One entry: who sees it besides the bureau, its words, and the SHA-256 of its file; empty for none."""

    number: int
    kind: str
    party: str
    text: str
    file_sha256: str


def content(*, entries: Sequence[ListedEntry], **conclusion: str | int) -> bytes:
    """The conclusion's values by name, then the entries that lay before the signers."""
    head = {"format": FORMAT, **conclusion}
    return b"".join([_line(head), *(_line(asdict(entry)) for entry in entries)])


def digest(written: bytes) -> str:
    """SHA-256 in lower-case hexadecimal digits."""
    return hashlib.sha256(written).hexdigest()


def _line(value: Mapping[str, object]) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode() + b"\n"
