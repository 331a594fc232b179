"""Filters of the public shelf, shared by page and API."""

from datetime import datetime, timedelta
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.rules import industries
from accounts.rules.regions import REGIONS
from accounts.wording import language, region_name
from marketplace.catalog.models import Bundle, Scenario, Stage
from providers.models import Facility, Meter, Rate
from providers.wording import unit_label

WEEK = timedelta(days=7)


def sections() -> list[tuple[str, str]]:
    """The industry sections the program serves, by letter, in the reader's language."""
    return [
        (letter, f"{letter} {industries.name_of(letter, language())}")
        for letter in sorted(industries.COVERED)
    ]


def scenarios() -> list[tuple[str, str]]:
    """All scenarios by slug, in the reader's language."""
    return [(row.slug, row.title) for row in Scenario.objects.order_by("pk")]


class BundleFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Bundles by scenario, industry section and stage of manufacturing."""

    scenario = django_filters.ChoiceFilter(
        label=_("Scenario"),
        field_name="scenarios__slug",
        choices=scenarios,
        empty_label=_("All"),
    )
    section = django_filters.ChoiceFilter(
        label=_("Industry section"),
        choices=sections,
        method="in_section",
        empty_label=_("All"),
    )
    stage = django_filters.ChoiceFilter(
        label=_("Stage"),
        field_name="scenarios__stage",
        choices=Stage.choices,
        empty_label=_("All"),
        distinct=True,
    )

    class Meta:
        model = Bundle
        fields = ("scenario", "section", "stage")

    def in_section(self, queryset: QuerySet[Bundle], name: str, value: str) -> QuerySet[Bundle]:
        """Bundles with a scenario made for the section."""
        return queryset.filter(scenarios__sections__contains=value).distinct()


def provinces() -> list[tuple[str, str]]:
    """Provinces in which a facility stands, by their first two digits."""
    codes = Facility.objects.values_list("region", flat=True).distinct()
    wide = sorted({code[:2] for code in codes})
    return [(code, region_name(f"{code}0000")) for code in wide if f"{code}0000" in REGIONS]


def units() -> list[tuple[str, str]]:
    """What is sold by which unit."""
    return [(meter.value, f"{meter.label} · {unit_label(meter)}") for meter in Meter]


class ShelfFilter(django_filters.FilterSet):  # type: ignore[misc]
    """The open shelf by province, unit, price and window."""

    province = django_filters.ChoiceFilter(
        label=_("Province"),
        field_name="offering__facility__region",
        lookup_expr="startswith",
        choices=provinces,
        empty_label=_("All"),
    )
    unit = django_filters.ChoiceFilter(
        label=_("Sold by"), field_name="meter", choices=units, empty_label=_("All")
    )
    most_yuan = django_filters.NumberFilter(
        label=_("At most (yuan a unit)"), field_name="unit_yuan", lookup_expr="lte", min_value=0
    )
    window = django_filters.ChoiceFilter(
        label=_("Idle window"),
        choices=[("now", _("open now")), ("week", _("within seven days")), ("none", _("none"))],
        method="by_window",
        empty_label=_("All"),
    )

    class Meta:
        model = Rate
        fields = ("province", "unit", "most_yuan", "window")

    def __init__(self, *args: Any, at: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        self.at = at

    def by_window(self, queryset: QuerySet[Rate], name: str, value: str) -> QuerySet[Rate]:
        """Idle machines by when they are lent out next, or whatever always runs."""
        if value == "none":
            return queryset.filter(Q(("window_span__isnull", True)))
        until = self.at + (WEEK if value == "week" else timedelta(0))
        return queryset.filter(Q(("window_span__startswith__lte", until)))
