"""The rows behind a figure, for officers: what was counted, one line each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, OrganizationKind
from common.display import moment_text, money_text
from marketplace.board.models import Figure, Recognition
from marketplace.orders.models import Order
from providers.models import Capacity, FacilityKind
from vouchers.billing.models import Bill
from vouchers.grants.models import Application

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows in scope, heads of their columns, and how one row is told."""

    rows: QuerySet[Any]
    heads: tuple[Promise, ...]
    tell: Callable[[Any], Row]


def listing_of(*, figure: Figure, prefix: str) -> Listing:
    """What a figure counts in the region whose codes begin with the prefix."""
    return LISTINGS[figure](prefix)


def _firms(prefix: str) -> Listing:
    rows = Organization.objects.filter(kind=OrganizationKind.ENTERPRISE, region__startswith=prefix)
    heads = (_("Code"), _("Enterprise"), _("Region"), _("Section"), _("Size"))
    return Listing(
        rows.order_by("pk"),
        heads,
        lambda row: (row.code, row.name, row.region, row.section, str(row.get_size_display())),
    )


def _served(prefix: str) -> Listing:
    found = _firms(prefix)
    chosen = found.rows.filter(pk__in=Order.objects.values("enterprise"))
    return Listing(chosen, found.heads, found.tell)


def _applications(prefix: str) -> Listing:
    rows = Application.objects.filter(enterprise__region__startswith=prefix)
    heads = (_("Application"), _("Enterprise"), _("Status"), _("Handed in"), _("Voucher issued"))
    return Listing(
        rows.select_related("enterprise", "voucher").order_by("pk"),
        heads,
        lambda row: (
            row.code,
            row.enterprise.name,
            str(row.get_status_display()),
            _day(row.submitted_at),
            _day(row.voucher.issued_at) if hasattr(row, "voucher") else "—",
        ),
    )


def _orders(prefix: str) -> Listing:
    rows = Order.objects.filter(enterprise__region__startswith=prefix)
    heads = (_("Order"), _("Enterprise"), _("Bundle"), _("Status"), _("Placed"))
    return Listing(
        rows.select_related("enterprise", "bundle").order_by("pk"),
        heads,
        lambda row: (
            row.code,
            row.enterprise.name,
            row.bundle.name,
            str(row.get_status_display()),
            _day(row.placed_at),
        ),
    )


def _bills(prefix: str) -> Listing:
    rows = Bill.objects.filter(enterprise__region__startswith=prefix)
    heads = (
        _("Bill"), _("Enterprise"), _("Provider"), _("Month"), _("Total"), _("Paid by vouchers"),
    )  # fmt: skip
    return Listing(
        rows.select_related("enterprise", "provider__organization").order_by("pk"),
        heads,
        lambda row: (
            row.code,
            row.enterprise.name,
            row.provider.organization.name,
            f"{row.month:%Y-%m}",
            money_text(row.total_fen),
            money_text(row.voucher_fen),
        ),
    )


def _recognitions(prefix: str) -> Listing:
    rows = Recognition.objects.filter(region__startswith=prefix)
    heads = (_("Kind"), _("Name"), _("Region"), _("Document"), _("Recognized on"))
    return Listing(
        rows.order_by("pk"),
        heads,
        lambda row: (
            str(row.get_kind_display()),
            row.name,
            row.region,
            row.document,
            f"{row.recognized_on}",
        ),
    )


def _idle(prefix: str) -> Listing:
    rows = Capacity.objects.filter(
        offering__facility__kind=FacilityKind.IDLE_CAPACITY,
        offering__facility__region__startswith=prefix,
    )
    heads = (_("Offering"), _("Meter"), _("Month"), _("Declared"), _("Reserved"))
    return Listing(
        rows.select_related("offering").order_by("pk"),
        heads,
        lambda row: (
            row.offering.name,
            str(row.get_meter_display()),
            f"{row.month:%Y-%m}",
            f"{row.total_units:,}",
            f"{row.reserved_units:,}",
        ),
    )


def _day(moment: Any) -> str:
    return moment_text(moment, "day") if moment else "—"


LISTINGS: Mapping[str, Callable[[str], Listing]] = {
    Figure.SERVED: _served,
    Figure.SIZES: _firms,
    Figure.FUNNEL: _applications,
    Figure.DAYS: _applications,
    Figure.COST: _bills,
    Figure.SPEND: _bills,
    Figure.BUNDLES: _orders,
    Figure.RETENTION: _orders,
    Figure.SCENARIOS: _orders,
    Figure.RECOGNIZED: _recognitions,
    Figure.PROVIDERS: _bills,
    Figure.IDLE: _idle,
}
