"""Filters of lists, shared by pages and the API."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.forms import CheckboxInput
from django.utils.translation import gettext_lazy as _

from accounts.rules import regions
from accounts.wording import region_name
from providers.models import (
    Facility,
    FacilityKind,
    Layer,
    Offering,
    Provider,
    ProviderStatus,
    Subscription,
    SubscriptionStatus,
)


def places_of_offerings() -> list[tuple[str, str]]:
    """Places in which something is sold, with the wider places above them."""
    codes = Facility.objects.values_list("region", flat=True).distinct().order_by("region")
    wide = {part for code in codes for part in (f"{code[:2]}0000", f"{code[:4]}00", code)}
    return [(code, region_name(code)) for code in sorted(wide & set(regions.REGIONS))]


def within(queryset: QuerySet[Any], name: str, code: str) -> QuerySet[Any]:
    """Rows whose place lies in the chosen one."""
    prefix = code.removesuffix("0000") if code.endswith("0000") else code.removesuffix("00")
    return queryset.filter(**{f"{name}__startswith": prefix})


class OfferingFilter(django_filters.FilterSet):  # type: ignore[misc]
    """The public catalog by layer, place, kind of facility and chip."""

    layer = django_filters.ChoiceFilter(
        label=_("Layer"), choices=Layer.choices, empty_label=_("All")
    )
    kind = django_filters.ChoiceFilter(
        label=_("Kind of facility"),
        field_name="facility__kind",
        choices=FacilityKind.choices,
        empty_label=_("All"),
    )
    region = django_filters.ChoiceFilter(
        label=_("Place"),
        field_name="facility__region",
        choices=places_of_offerings,
        method=within,
        empty_label=_("All"),
    )
    has_domestic_chip = django_filters.BooleanFilter(
        label=_("Domestic chip only"), method="only_domestic", widget=CheckboxInput
    )

    class Meta:
        model = Offering
        fields = ("layer", "kind", "region", "has_domestic_chip")

    def only_domestic(
        self, queryset: QuerySet[Offering], name: str, value: bool
    ) -> QuerySet[Offering]:
        """An empty box does not mean "no domestic chip"."""
        return queryset.filter(**{name: True}) if value else queryset


class ProviderFilter(django_filters.FilterSet):  # type: ignore[misc]
    """The bureau's list by state."""

    status = django_filters.ChoiceFilter(
        label=_("Status"),
        choices=[choice for choice in ProviderStatus.choices if choice[0] != "draft"],
        empty_label=_("All"),
    )

    class Meta:
        model = Provider
        fields = ("status",)


class SubscriptionFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Subscriptions by state."""

    status = django_filters.ChoiceFilter(
        label=_("Status"), choices=SubscriptionStatus.choices, empty_label=_("All")
    )

    class Meta:
        model = Subscription
        fields = ("status",)
