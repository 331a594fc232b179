"""Rules of schemes as data: the two real ones of the issue, one of storage, one of network."""

from datetime import date
from typing import Any

from vouchers.grants.rules import drafting, schemes
from vouchers.grants.rules.assessment import Case

QINGYANG = drafting.draft(
    source="庆阳市“东数西算”算力券实施细则",
    article="申领额度",
    articles={"firm_year_cap_yuan": "额度上限", "validity_months": "有效期"},
    rate="30%",
    minimum_yuan="5000",
    firm_year_cap_yuan="2000000",
    validity_months=12,
    notice_days=7,
    settlement_period="quarterly",
    facility_regions=["621000"],
)
BEIJING = drafting.draft(
    source="2026年北京市中小企业服务券",
    article="补贴标准",
    rate="30%",
    firm_year_cap_yuan="200000",
    validity_months=12,
    notice_days=0,
    settlement_period="monthly",
    sizes=["medium", "small", "micro"],
    meters=["input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens"],
)
STORAGE = drafting.draft(
    source="存力券管理办法",
    article="第六条",
    rate="1/5",
    voucher_cap_yuan="50000",
    rounding="floor_yuan",
    validity_months=6,
    notice_days=5,
    domestic_chip=True,
)
NETWORK = drafting.draft(
    source="运力券管理办法",
    article="第四条",
    rate="50%",
    firm_year_cap_yuan="300000",
    rounding="floor_fen",
    validity_months=24,
    notice_days=7,
    sections=["C", "I"],
    applicant_regions=["620000"],
)


def rules(data: dict[str, Any] = QINGYANG) -> schemes.SchemeRules:
    """Rules of a plan."""
    return schemes.from_json(data)


def facts(**values: Any) -> Case:
    """A small manufacturer in Qingyang asks for a compute voucher over 100,000 yuan of planned spend.

    Values are facts, or what a case knows of the scheme.
    """
    known: dict[str, Any] = {
        "kind": "compute",
        "planned_spend": 10_000_000,
        "day": date(2026, 10, 12),
        "size": "small",
        "section": "C",
        "region": "621002",
        "applicant": "EN-1",
    }
    state: dict[str, Any] = {
        "used": {},
        "opens_on": date(2026, 1, 1),
        "closes_on": date(2026, 12, 31),
        "kinds": ("compute",),
        "budget_fen": 10_000_000_000,
        "budget_left_fen": 10_000_000_000,
    }
    for name, value in values.items():
        (state if name in state else known)[name] = value
    return Case(facts=known, **state)
