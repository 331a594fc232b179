"""Turns key numbers of a scheme into its rules as data, each value with its source."""

from collections.abc import Sequence
from typing import Any

from vouchers.grants.rules.schemes import FORMAT


def draft(
    *,
    source: str,
    article: str,
    rate: str,
    validity_months: int,
    notice_days: int,
    minimum_yuan: str = "",
    firm_year_cap_yuan: str = "",
    voucher_cap_yuan: str = "",
    rounding: str = "half_up_fen",
    settlement_period: str = "quarterly",
    redeemed_by: str = "provider",
    sizes: Sequence[str] = (),
    sections: Sequence[str] = (),
    applicant_regions: Sequence[str] = (),
    layers: Sequence[str] = (),
    meters: Sequence[str] = (),
    facility_regions: Sequence[str] = (),
    providers: Sequence[str] = (),
    domestic_chip: bool = False,
    articles: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Rules as JSON for vouchers.grants.rules.schemes.from_json, which checks them.

    All values share one `source`; `articles` names the article of single rules, the others carry `article`.
    Empty values are rules that the scheme does not have.
    """
    named = articles or {}

    def sourced(name: str, value: Any) -> dict[str, Any]:
        return {"value": value, "source": source, "article": named.get(name, article)}

    required = {
        "base": "planned_spend",
        "rate": rate,
        "rounding": rounding,
        "validity_months": validity_months,
        "notice_days": notice_days,
        "settlement_period": settlement_period,
        "redeemed_by": redeemed_by,
        "transferable": False,
    }
    optional: dict[str, Any] = {
        "minimum_yuan": minimum_yuan,
        "firm_year_cap_yuan": firm_year_cap_yuan,
        "voucher_cap_yuan": voucher_cap_yuan,
        "sizes": list(sizes),
        "sections": list(sections),
        "applicant_regions": list(applicant_regions),
    }
    coverage: dict[str, Any] = {
        "layers": list(layers),
        "meters": list(meters),
        "regions": list(facility_regions),
        "providers": list(providers),
        "domestic_chip": domestic_chip,
    }
    rules: dict[str, Any] = {"format": FORMAT}
    rules |= {name: sourced(name, value) for name, value in required.items()}
    rules |= {name: sourced(name, value) for name, value in optional.items() if value}
    rules["coverage"] = {name: sourced(name, value) for name, value in coverage.items() if value}
    return rules
