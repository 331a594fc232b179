"""Filters of the public shelf, shared by page and API."""

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.rules import industries
from accounts.wording import language
from marketplace.catalog.models import Bundle, Scenario, Stage


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
