"""The canonical listing of a settlement: the exact bytes whose SHA-256 two people sign.

One JSON object a line, keys sorted, no spaces, UTF-8: anyone can write it again from an export
and compare.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

FORMAT = "puhui-settlement-2"


@dataclass(frozen=True, slots=True)
class ListedClaim:
    """One claim: amounts in fen; `lines` is JSON of [[transfer id, fen], …] in order of the id.

    It is spelled already, without spaces: a month has a hundred thousand of them. `enterprise` is who is paid where
    it is not the provider; elsewhere it is not written.
    """

    code: str
    provider: str
    month: str
    amount_fen: int
    invoice_number: str
    invoice_fen: int
    invoice_sha256: str
    lines: str = "[]"
    enterprise: str = ""


@dataclass(frozen=True, slots=True)
class ListedPayment:
    """What one provider gets, in fen, and on which account.

    `repeats` is the settlement whose returned payment this one pays again; empty when it pays claims.
    """

    provider: str
    amount_fen: int
    bank: str
    account: str
    repeats: str = ""


@dataclass(frozen=True, slots=True)
class ListedShare:
    """What one contributor gets of the provider's payment, in fen; `pool` is empty outside of pools."""

    provider: str
    contributor: str
    pool: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class ListedDeduction:
    """What a concluded case takes off the provider's payment, in fen."""

    case: str
    provider: str
    deducted_fen: int


def batch_bytes(
    claims: Sequence[ListedClaim],
    payments: Sequence[ListedPayment],
    deductions: Sequence[ListedDeduction] = (),
) -> bytes:
    """Claims and deductions in order of code, payments in order of provider: what a preview is known by."""
    claimed = sorted(claims, key=lambda each: each.code)
    paid = sorted(payments, key=lambda each: (each.provider, each.repeats))
    return b"".join(
        [
            *(_claim(claim) for claim in claimed),
            *(_line(asdict(payment)) for payment in paid),
            *(_line(asdict(each)) for each in sorted(deductions, key=lambda each: each.case)),
        ]
    )


def settlement_bytes(
    *,
    code: str,
    scheme: str,
    total_fen: int,
    claims: Sequence[ListedClaim],
    payments: Sequence[ListedPayment],
    shares: Sequence[ListedShare] = (),
    deductions: Sequence[ListedDeduction] = (),
) -> bytes:
    """The whole batch: its head, then claims, payments, deductions, and shares of pools."""
    head = {"format": FORMAT, "settlement": code, "scheme": scheme, "total_fen": total_fen}
    parts = sorted(shares, key=lambda each: (each.provider, each.pool, each.contributor))
    listed = b"".join(_line(asdict(each)) for each in parts)
    return _line(head) + batch_bytes(claims, payments, deductions) + listed


def digest(content: bytes) -> str:
    """SHA-256 in lower-case hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def _claim(claim: ListedClaim) -> bytes:
    """The claim's line with its lines in their place; no text can spell that key, its quotes are escaped."""
    known = {**asdict(claim), "lines": None}
    if not claim.enterprise:
        del known["enterprise"]
    spelled = _line(known)
    return spelled.replace(b'"lines":null', b'"lines":' + claim.lines.encode(), 1)


def _line(value: dict[str, Any]) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode() + b"\n"
