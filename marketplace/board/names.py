"""Names behind the board's keys, each kind in one query."""

from collections.abc import Iterable, Mapping

from accounts.rules import regions
from accounts.wording import language
from marketplace.catalog.models import Bundle, Scenario
from marketplace.matching.wording import scenario_name
from providers.models import Provider


def bundles(codes: Iterable[str]) -> Mapping[str, str]:
    """Names of bundles by code."""
    return dict(Bundle.objects.filter(code__in=list(codes)).values_list("code", "name"))


def scenarios(slugs: Iterable[str]) -> Mapping[str, str]:
    """Names of scenarios by slug."""
    return {row.slug: scenario_name(row) for row in Scenario.objects.filter(slug__in=list(slugs))}


def providers(codes: Iterable[str]) -> Mapping[str, str]:
    """Names of providers by code."""
    rows = Provider.objects.filter(code__in=list(codes))
    return dict(rows.values_list("code", "organization__name"))


def place(code: str) -> str:
    """A place's own name; the province's for the cities under it that the list leaves out."""
    for known in (code, f"{code[:4]}00", f"{code[:2]}0000"):
        if known in regions.REGIONS:
            return regions.name_of(known, language())
    return code
