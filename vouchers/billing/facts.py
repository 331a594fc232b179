"""What of billing the seal covers."""

from vouchers.ledger.facts import FactTable, plain, register

USAGE_EVENTS = FactTable(
    "usage_event",
    "vouchers_usageevent",
    "id",
    "integer",
    plain(
        "provider_id",
        "source",
        "event_id",
        "subscription_id",
        "occurred_at",
        "received_at",
        "content_sha256",
        "quantities",
    ),
)


def seal() -> None:
    """Have usage events sealed."""
    register(USAGE_EVENTS)
