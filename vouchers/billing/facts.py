"""What of billing the seal covers."""

from collections.abc import Iterator

from vouchers.billing.models import UsageArchive
from vouchers.ledger.facts import FactTable, plain, register


def _archives() -> Iterator[tuple[str, bytes]]:
    """Names and SHA-256 of the files of archived months, oldest first."""
    for name, digest in UsageArchive.objects.order_by("month").values_list(
        "file_name", "file_sha256"
    ):
        yield name, bytes(digest)


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
    moved_keys="vouchers_archivedevent",
    archives=_archives,
)
USAGE_ARCHIVES = FactTable(
    "usage_archive",
    "vouchers_usagearchive",
    "id",
    "integer",
    plain("month", "file_name", "file_sha256", "events", "archived_at"),
)


def seal() -> None:
    """Have usage events sealed, and where archived ones went."""
    register(USAGE_EVENTS)
    register(USAGE_ARCHIVES)
