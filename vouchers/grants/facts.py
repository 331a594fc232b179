"""What of grants the seal covers: decisions, with the digest of what lay before the officer."""

from vouchers.ledger.facts import FactTable, plain, register

REVIEWS = FactTable(
    "review",
    "vouchers_review",
    "id",
    "integer",
    plain("application_id", "stage", "outcome", "reason", "remark", "decided_at", "decided_by_id")
    | {"snapshot_sha256": "encode(sha256(convert_to(snapshot::text, 'UTF8')), 'hex')"},
)


def seal() -> None:
    """Have reviews sealed."""
    register(REVIEWS)
