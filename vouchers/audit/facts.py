"""What of the audit the seal covers: claimed payments, recoveries, and signatures over both."""

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
CASE_SIGNATURES = FactTable(
    "case_signature",
    "vouchers_conclusionsignature",
    "id",
    "integer",
    plain("conclusion_id", "position", "content_sha256", "person_key", "signed_at", "signed_by_id"),
)
RECOVERIES = FactTable(
    "recovery",
    "vouchers_recovery",
    "case_id",
    "integer",
    plain(
        "scheme_id",
        "provider_id",
        "bill_id",
        "voucher_id",
        "debtor_id",
        "amount_fen",
        "clawed_fen",
        "due_fen",
        "clawback_id",
        "debt_id",
        "recovered_at",
        "recovered_by_id",
    ),
)


REPAYMENTS = FactTable(
    "repayment",
    "vouchers_repayment",
    "id",
    "integer",
    plain(
        "recovery_id",
        "amount_fen",
        "reference",
        "received_on",
        "undoes_id",
        "reason",
        "transfer_id",
        "recorded_at",
        "recorded_by_id",
    ),
)


def seal() -> None:
    """Have claim lines, signatures, recoveries and repayments sealed."""
    for table in (CLAIM_LINES, SIGNATURES, CASE_SIGNATURES, RECOVERIES, REPAYMENTS):
        register(table)
