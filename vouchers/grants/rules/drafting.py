"""Turns key numbers of a scheme into its rules as data, each value with its source."""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict, Unpack

from vouchers.grants.rules.schemes import FORMAT


class Numbers(TypedDict, total=False):
    """Key numbers as people write them; an absent or empty one is a rule that the scheme does not have.

    `rate` and the amounts in yuan are exact texts; `facility_regions` are where a paid facility must stand.
    """

    mode: str
    rate: str
    rate_by_kind: Mapping[str, str]
    validity_months: int
    notice_days: int
    answer_days: int
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
    "mode": "pre_issue",
    "base": {"fact": "planned_spend"},
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

CONDITIONS = {
    "sizes": ("size", "in", "size_not_eligible"),
    "sections": ("section", "in", "section_not_eligible"),
    "applicant_regions": ("region", "within", "region_not_eligible"),
}
"""Numbers that say who may apply: the fact, how it is compared, and the refusal."""

CAPS = {
    "firm_year_cap_yuan": ("firm_year", ["applicant", "year"], "firm_year_cap_reached"),
    "voucher_cap_yuan": ("voucher", [], "cap_reached"),
}
ALWAYS = {*DEFAULTS, "rate", "validity_months", "notice_days"}
"""Rules that are written down even when their value is zero or no."""


def draft(
    *,
    source: str,
    article: str,
    articles: Mapping[str, str] | None = None,
    origins: Mapping[str, tuple[str, str]] | None = None,
    **numbers: Unpack[Numbers],
) -> dict[str, Any]:
    """Rules as JSON for vouchers.grants.rules.schemes.from_json, which checks them.

    All values share one `source`; `articles` names the article of single rules, `origins` source and article of
    single rules; the others carry `article`.
    """
    ids = {source: "main"}

    def sourced(name: str, **content: Any) -> dict[str, Any]:
        own = (origins or {}).get(name)
        title, place = own or (source, (articles or {}).get(name, article))
        return {**content, "source": ids.setdefault(title, f"other{len(ids)}"), "article": place}

    def valued(name: str, value: Any) -> dict[str, Any]:
        return sourced(name, value=list(value) if isinstance(value, (list, tuple)) else value)

    given = {**DEFAULTS, **numbers}
    stated = {name: value for name, value in given.items() if value or name in ALWAYS}
    by_kind = stated.pop("rate_by_kind", None)
    if by_kind:
        stated["rate"] = {"by": "kind", "of": dict(by_kind), "otherwise": stated["rate"]}
    lists = {*COVERAGE, *CONDITIONS, *CAPS, "minimum_yuan"}
    rules: dict[str, Any] = {"format": FORMAT}
    rules |= {name: valued(name, value) for name, value in stated.items() if name not in lists}
    if "minimum_yuan" in stated:
        rules["minimum"] = valued("minimum_yuan", stated["minimum_yuan"])
    rules["rules"] = [
        sourced(name, id=fact, must={"fact": fact, how: list(stated[name])}, refuse=refusal)
        for name, (fact, how, refusal) in CONDITIONS.items()
        if name in stated
    ]
    rules["caps"] = [
        sourced(name, id=cap, limit=stated[name], per=per, refuse=refusal)
        for name, (cap, per, refusal) in CAPS.items()
        if name in stated
    ]
    rules["covers"] = {COVERAGE[name]: valued(name, stated[name]) for name in COVERAGE if name in stated}  # fmt: skip
    rules["documents"] = {name: {"title": title, "version": "1"} for title, name in ids.items()}
    return {name: value for name, value in rules.items() if value or name == "format"}


FIELDS = {
    "rate": "rate",
    "minimum": "minimum_yuan",
    "validity_months": "validity_months",
    "notice_days": "notice_days",
    "answer_days": "answer_days",
    "rounding": "rounding",
    "settlement_period": "settlement_period",
    "documents": "source",
}
"""Sections of the rules and the numbers that they were drafted from."""


def field_of(path: str, rules: Mapping[str, Any]) -> str:
    """The number that a fault of drafted rules belongs to, by the path of the fault."""
    head, _, rest = path.partition("/")
    if path.endswith("/article"):
        return "article"
    if head in {"rules", "caps"}:
        index = int(rest.split("/")[0])
        name = rules[head][index]["id"]
        table: Mapping[str, tuple[str, Any, str]] = CONDITIONS if head == "rules" else CAPS
        return next(number for number, row in table.items() if row[0] == name)
    return FIELDS.get(head, head)
