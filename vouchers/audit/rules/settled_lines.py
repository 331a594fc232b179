"""The rows of a settlement's line file: fixed columns, one row a line, the control total last."""

from collections.abc import Sequence
from typing import Any

COLUMNS = (
    "record",
    "settlement",
    "claim",
    "claim_month",
    "invoice_number",
    "provider_code",
    "provider_name",
    "provider_uscc",
    "bill",
    "bill_month",
    "enterprise_name",
    "enterprise_uscc",
    "voucher",
    "transfer",
    "amount",
    "currency",
    "content_sha256",
)
"""The signed hash stands on the total's row."""


def line(settlement: str, values: Sequence[Any], amount: str) -> tuple[str, ...]:
    """One line; `values` in the order of the columns from claim to transfer, then fen; months as 2026-05."""
    claim, month, number, code, name, uscc, bill, billed, firm, firm_uscc, voucher, transfer = (
        values[:12]
    )
    return (
        "line", settlement, claim, f"{month:%Y-%m}", number, code, name, uscc, bill, f"{billed:%Y-%m}",
        firm, firm_uscc, voucher or "", str(transfer), amount, "CNY", "",
    )  # fmt: skip


def total(settlement: str, lines: int, amount: str, content_sha256: str) -> tuple[str, ...]:
    """The last row: how many lines, their sum, and the hash that was signed."""
    return ("total", settlement, str(lines), *[""] * 11, amount, "CNY", content_sha256)
