"""The rows of a payment file: fixed columns, one row a payee, and the control total last."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

COLUMNS = (
    "record",
    "settlement",
    "position",
    "payee_code",
    "payee_name",
    "payee_uscc",
    "payee_bank",
    "payee_account",
    "amount",
    "currency",
    "purpose",
    "content_sha256",
    "seal_block",
    "seal_hash",
    "result",
    "bank_serial",
    "reason",
)
"""The last three are empty: the bank's answer is written there and the file handed back."""


@dataclass(frozen=True, slots=True)
class Payee:
    """Who is paid how much; `amount` in yuan with two decimals."""

    code: str
    name: str
    uscc: str
    bank: str
    account: str
    amount: str


@dataclass(frozen=True, slots=True)
class Seal:
    """A block of the sealed books by number and hash; empty before the first."""

    block: str = ""
    hash: str = ""


def rows(
    *,
    settlement: str,
    purpose: str,
    payees: Sequence[Payee],
    control_total: str,
    content_sha256: str,
    seal: Seal,
) -> Iterator[tuple[str, ...]]:
    """One `payment` row a payee, then one `total` row with the count and the control total.

    Each row carries `seal`: so every payment file is an outside copy of a head of the books.
    """
    for position, payee in enumerate(payees, start=1):
        yield (
            "payment", settlement, str(position), payee.code, payee.name, payee.uscc,
            payee.bank, payee.account, payee.amount, "CNY", purpose, content_sha256,
            seal.block, seal.hash, "", "", "",
        )  # fmt: skip
    yield (
        "total", settlement, str(len(payees)), "", "", "", "", "",
        control_total, "CNY", purpose, content_sha256, seal.block, seal.hash, "", "", "",
    )  # fmt: skip
