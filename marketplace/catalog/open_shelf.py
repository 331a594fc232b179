"""The open shelf (算力超市): small offerings and idle windows that can be ordered at once."""

from datetime import datetime

from django.db.models import (
    BigIntegerField,
    Case,
    DecimalField,
    Exists,
    Expression,
    ExpressionWrapper,
    F,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
    When,
)

from common.periods import local_day
from marketplace.catalog.models import Bundle, BundleStatus
from providers.models import IdleWindow, Meter, Offering, Rate
from providers.rules.units import sold_unit

MOST_DAYS_TO_USE = 7
"""What takes longer from the order to first use is not on this shelf."""


def rows_at(at: datetime) -> QuerySet[Rate]:
    """One row a price in force, of offerings that a bundle sells without a cost to start. One query.

    Annotated: `unit_yuan` (for one unit of the price list), `bundle_code`, `bundle_name`,
    `scenario_slug` (where the order begins), `window_span` of the window that is open or comes
    next, for idle machines. Idle machines without a window are not on the shelf.
    """
    sold = Bundle.objects.filter(
        status=BundleStatus.PUBLISHED,
        start_cost_fen=0,
        days_to_first_use__lte=MOST_DAYS_TO_USE,
        items__offering=OuterRef("offering"),
    ).order_by("days_to_first_use", "notice_days", "pk")
    window = (
        IdleWindow.objects.not_over_at(at)
        .filter(facility=OuterRef("offering__facility"))
        .order_by("span")
    )
    return (
        Rate.objects.in_force_on(local_day(at))
        .filter(context_from=0, volume_from=0)
        .filter(Exists(sold), offering__in=Offering.objects.offered_at(at))
        .select_related("offering__provider__organization", "offering__facility")
        .annotate(
            unit_yuan=_unit_yuan(),
            bundle_code=Subquery(sold.values("code")[:1]),
            bundle_name=Subquery(sold.values("name")[:1]),
            scenario_slug=Subquery(sold.values("scenarios__slug")[:1]),
            window_span=Subquery(window.values("span")[:1]),
        )
    )


def _unit_yuan() -> Expression:
    """Yuan for one unit of the price list, exact to ten decimals."""
    sizes = [When(meter=meter, then=Value(sold_unit(meter).base_units)) for meter in Meter.values]
    size = Case(*sizes, output_field=BigIntegerField())
    exact = DecimalField(max_digits=40, decimal_places=10)
    return ExpressionWrapper(F("price_yuan") * size / F("per_units"), output_field=exact)
