"""Dull blocks of the seal, without rows."""

from datetime import datetime

from vouchers.ledger.models import SealBlock
from vouchers.ledger.rules import blocks


def block(number: int, sealed_at: datetime) -> str:
    """An empty block; answers its hash."""
    made = blocks.digest("sha256", str(number).encode())
    SealBlock.objects.create(
        number=number,
        algorithm="sha256",
        previous_hash=blocks.digest("sha256", str(number - 1).encode()),
        hash=made,
        start=number,
        end=number + 1,
        sealed_at=sealed_at,
    )
    return made
