"""Statement, meter and gateway side by side, in words and as CSV."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.exports import csv_bytes
from providers.models import Subscription
from vouchers.billing.actions.metering.statements import Side
from vouchers.billing.rules.reconciling import Fault, Finding

WORDS: dict[Finding, str | Promise] = {
    Finding.EQUAL: _("Equal"),
    Finding.WITHIN: _("Within the tolerance of 0.5 %"),
    Finding.ABSENT_STATED: _("Metered, but not in the statement"),
    Finding.ABSENT_METERED: _("Stated, but never reported"),
    Finding.STATED_MORE: _("The statement says more than was reported"),
    Finding.STATED_LESS: _("The statement says less than was reported"),
    Finding.EDGE_DIFFERS: _("The gateway saw something else than was reported"),
}
FAULTS: dict[Fault, str | Promise] = {
    Fault.COLUMNS: _("The row has not four cells."),
    Fault.SUBSCRIPTION: _("No subscription of yours has this number."),
    Fault.METER: _("There is no such meter."),
    Fault.DAY: _("The day is not a day of this month, such as 2026-05-31."),
    Fault.QUANTITY: _("The quantity is no whole number in base units."),
    Fault.TWICE: _("Subscription, meter and day stand in another row already."),
}
COLUMNS = (
    "subscription", "offering", "meter", "day", "stated", "metered", "gateway", "difference", "finding",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """A day with names and words."""

    side: Side
    subscription: str
    offering: str
    words: str | Promise


def named(found: Sequence[Side]) -> list[Row]:
    """The days with what a page says about them. One query."""
    wanted = {each.subscription_id for each in found}
    known = Subscription.objects.select_related("offering").in_bulk(wanted)
    return [
        Row(
            each,
            known[each.subscription_id].code,
            known[each.subscription_id].offering.name,
            WORDS[each.finding],
        )
        for each in found
    ]


def as_csv(found: Sequence[Side]) -> bytes:
    """All days; a figure that a source does not have is empty."""
    return csv_bytes(
        COLUMNS,
        [
            (
                row.subscription, row.offering, row.side.meter, row.side.day.isoformat(),
                row.side.stated, row.side.metered, row.side.edge, row.side.difference, row.words,
            )
            for row in named(found)
        ],
    )  # fmt: skip
