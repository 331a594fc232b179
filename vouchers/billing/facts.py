"""What of billing the seal covers."""

from vouchers.ledger.facts import FactTable, plain, register

USAGE_EVENTS = FactTable(
    "usage_event",
    "vouchers_usageevent",
    "key",
    "uuid",
    plain(
        "provider_id",
        "subscription_id",
        "occurred_at",
        "received_at",
        "month",
        "source",
        "event_id",
        "quantities",
        "contexts",
        "corrects",
    ),
)


def seal() -> None:
    """Have usage events sealed."""
    register(USAGE_EVENTS)
