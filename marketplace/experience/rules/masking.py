"""Words of a rating as strangers read them: what leads to a person or a firm is blotted out."""

import re
import unicodedata
from collections.abc import Iterable

BLOT = "***"
LEAST_FIRMS = 3
"""Fewer firms than this would be told apart; their figures are not shown to the public."""

TRACES = (
    re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+"),
    re.compile(r"(https?://|www\.)\S+", re.IGNORECASE),
    re.compile(r"(?<![0-9A-Za-z])[0-9A-HJ-NPQRTUWXY]{18}(?![0-9A-Za-z])"),
    re.compile(r"\d(?:[\s-]?\d){6,}"),
)
"""Mail addresses, web addresses, unified social credit codes, and seven digits or more."""


def masked(words: str, names: Iterable[str]) -> str:
    """The words without addresses, long numbers and the names given; full-width letters count too."""
    text = unicodedata.normalize("NFKC", words)
    for name in sorted({each for each in names if each}, key=len, reverse=True):
        text = text.replace(unicodedata.normalize("NFKC", name), BLOT)
    for trace in TRACES:
        text = trace.sub(BLOT, text)
    return text
