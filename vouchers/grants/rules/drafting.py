"""Turns key numbers of a scheme into its rules as data, each value with its source."""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict, Unpack

from vouchers.grants.rules.schemes import FORMAT


class Numbers(TypedDict, total=False):
    """Key numbers as people write them; an absent or empty one is a rule that the scheme does not have.

    `rate` and the amounts in yuan are exact texts; `facility_regions` are where a paid facility must stand.
    """

    rate: str
    validity_months: int
    notice_days: int
    rounding: str
    settlement_period: str
    redeemed_by: str
    minimum_yuan: str
    firm_year_cap_yuan: str
    voucher_cap_yuan: str
    sizes: Sequence[str]
    sections: Sequence[str]
    applicant_regions: Sequence[str]
    layers: Sequence[str]
    meters: Sequence[str]
    facility_regions: Sequence[str]
    providers: Sequence[str]
    domestic_chip: bool


DEFAULTS: Mapping[str, Any] = {
    "base": "planned_spend",
    "rounding": "half_up_fen",
    "settlement_period": "quarterly",
    "redeemed_by": "provider",
    "transferable": False,
}
COVERAGE = {
    "layers": "layers",
    "meters": "meters",
    "facility_regions": "regions",
    "providers": "providers",
    "domestic_chip": "domestic_chip",
}
"""Numbers that say what a voucher may pay for, and their names in the rules."""

ALWAYS = {*DEFAULTS, "rate", "validity_months", "notice_days"}
"""Rules that are written down even when their value is zero or no."""


def draft(
    *,
    source: str,
    article: str,
    articles: Mapping[str, str] | None = None,
    **numbers: Unpack[Numbers],
) -> dict[str, Any]:
    """Rules as JSON for vouchers.grants.rules.schemes.from_json, which checks them.

    All values share one `source`; `articles` names the article of single rules, the others carry `article`.
    """

    def sourced(name: str, value: Any) -> dict[str, Any]:
        plain = list(value) if isinstance(value, (list, tuple)) else value
        return {"value": plain, "source": source, "article": (articles or {}).get(name, article)}

    given = {**DEFAULTS, **numbers}
    stated = {name: value for name, value in given.items() if value or name in ALWAYS}
    rules: dict[str, Any] = {"format": FORMAT}
    rules |= {name: sourced(name, value) for name, value in stated.items() if name not in COVERAGE}
    rules["coverage"] = {
        COVERAGE[name]: sourced(COVERAGE[name], value)
        for name, value in stated.items()
        if name in COVERAGE
    }
    return rules
