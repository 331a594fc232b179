"""The demonstration's three schemes: two real ones as far as their publications say, one invented.

What a publication leaves open is marked as set for the demonstration, so that no figure looks official.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

SET_HERE = "演示设定"
NOT_STATED = "原文未载，为演示所设"


@dataclass(frozen=True, slots=True)
class Program:
    """A scheme: names, kinds of voucher, region, budget in yuan, rules and the publication."""

    slug: str
    name: str
    name_en: str
    kinds: tuple[str, ...]
    region: str
    budget_yuan: int
    rules: dict[str, Any]
    source: str


def _rules(
    source: str, article: str, stated: dict[str, Any], chosen: dict[str, Any]
) -> dict[str, Any]:
    """Rules in the product's format: stated values cite the publication, chosen ones say so."""
    rules: dict[str, Any] = {"format": 1}
    for name, value in stated.items():
        rules[name] = {"value": value, "source": source, "article": article}
    for name, value in chosen.items():
        rules[name] = {"value": value, "source": SET_HERE, "article": NOT_STATED}
    return rules


_QINGYANG = "甘肃日报 2024-03-19 https://gansu.gansudaily.com.cn/system/2024/03/19/030971885.shtml"
_BEIJING = (
    "北京市经济和信息化局 2026-04-03"
    " https://jxj.beijing.gov.cn/jxdt/tzgg/202604/P020260403686838324257.pdf"
)


def qingyang() -> Program:
    """庆阳市“东数西算”算力券 (2024): 30 %, at least 5,000 yuan, 2,000,000 yuan a year, 12 months, quarterly."""
    rules = _rules(
        _QINGYANG,
        "报道所列规则",
        {
            "base": "planned_spend",
            "rate": "30%",
            "minimum_yuan": "5000.00",
            "firm_year_cap_yuan": "2000000.00",
            "validity_months": 12,
            "settlement_period": "quarterly",
            "redeemed_by": "provider",
            "transferable": False,
        },
        {"rounding": "half_up_fen", "notice_days": 5},
    )
    rules["coverage"] = {
        "regions": {"value": ["621000"], "source": _QINGYANG, "article": "报道所列规则"},
    }
    return Program(
        "qingyang-2024",
        "庆阳市“东数西算”算力券",
        "Qingyang compute vouchers",
        ("compute",),
        "621000",
        100_000_000,
        rules,
        _QINGYANG,
    )


def _tokens_of(product_list: Sequence[str]) -> dict[str, Any]:
    """Token meters only, of the listed providers only."""
    meters = ["input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens"]
    return {
        "meters": {"value": meters, "source": _BEIJING, "article": "大模型应用/Token计费资源包"},
        "providers": {
            "value": list(product_list),
            "source": SET_HERE,
            "article": "演示配券产品清单",
        },
    }


def beijing(product_list: Sequence[str]) -> Program:
    """北京市中小企业服务券 Token 计费资源包 (2026): 30 %, 200,000 yuan a year, listed products, provider redeems.

    `product_list` holds the codes of providers whose token packages are listed.
    """
    rules = _rules(
        _BEIJING,
        "大模型应用/Token计费资源包",
        {
            "base": "planned_spend",
            "rate": "30%",
            "firm_year_cap_yuan": "200000.00",
            "redeemed_by": "provider",
            "sizes": ["medium", "small", "micro"],
            "applicant_regions": ["110000"],
        },
        {
            "rounding": "half_up_fen",
            "notice_days": 0,
            "validity_months": 12,
            "settlement_period": "monthly",
            "transferable": False,
        },
    )
    rules["coverage"] = _tokens_of(product_list)
    return Program(
        "bj-2026-sme-token",
        "北京市中小企业服务券（Token 计费资源包）",
        "Beijing SME service vouchers: token packages",
        ("compute",),
        "110000",
        20_000_000,
        rules,
        _BEIJING,
    )


def storage_and_network() -> Program:
    """An invented scheme for storage and network vouchers, so that all three kinds exist."""
    source = "演示项目，不对应任何公开文件"
    rules = _rules(
        source,
        "演示条款",
        {
            "base": "planned_spend",
            "rate": "25%",
            "minimum_yuan": "200.00",
            "firm_year_cap_yuan": "100000.00",
            "validity_months": 12,
            "settlement_period": "monthly",
            "redeemed_by": "provider",
            "transferable": False,
            "rounding": "half_up_fen",
            "notice_days": 3,
        },
        {},
    )
    rules["rate_by_kind"] = {"network": {"value": "20%", "source": source, "article": "演示条款"}}
    return Program(
        "qingyang-storage-network-demo",
        "庆阳市存力券、运力券（演示）",
        "Qingyang storage and network vouchers (demonstration)",
        ("storage", "network"),
        "621000",
        5_000_000,
        rules,
        source,
    )
