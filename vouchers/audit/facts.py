"""What of the audit the seal covers: claimed payments, and signatures over what is paid."""

from vouchers.ledger.facts import FactTable, plain, register

CLAIM_LINES = FactTable(
    "claim_line",
    "vouchers_claimline",
    "transfer_id",
    "uuid",
    plain("claim_id", "bill_id", "amount_fen"),
)
SIGNATURES = FactTable(
    "settlement_signature",
    "vouchers_settlementsignature",
    "id",
    "integer",
    plain("settlement_id", "position", "content_sha256", "person_key", "signed_at", "signed_by_id"),
)


def seal() -> None:
    """Have claim lines and signatures sealed."""
    register(CLAIM_LINES)
    register(SIGNATURES)
