"""What lay before a reviewer, kept with the decision, and what differs at the next review."""

from typing import Any

from vouchers.grants.actions import answers
from vouchers.grants.models import Application
from vouchers.grants.rules.differences import Difference, between

PROFILE = (
    "name", "uscc", "region", "industry", "section", "employees", "revenue_fen", "assets_fen", "size",
    "size_standard", "legal_person",
)  # fmt: skip


def of(*, application: Application) -> dict[str, Any]:
    """Answers, evidence and profile as they stand."""
    firm = application.enterprise
    return {
        "answers": answers.values_of(application),
        "profile": {name: getattr(firm, name) for name in PROFILE},
        "evidence": {
            f"{row.kind}/{row.file.sha256}": row.file.name
            for row in application.evidence.light().order_by("pk")
        },
    }


def since_first_review(*, application: Application) -> list[Difference] | None:
    """What differs from what the first reviewer saw; None when there was no first review."""
    first = application.reviews.filter(stage="first").order_by("pk").first()
    if first is None or not first.snapshot:
        return None
    return between(first.snapshot, of(application=application))
