"""The demonstration's four schemes: two real ones as far as their publications say, two invented.

What a publication leaves open is marked as set for the demonstration, so that no figure looks official.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vouchers.grants.rules import drafting

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
    source: str, article: str, stated: drafting.Numbers, chosen: drafting.Numbers
) -> dict[str, Any]:
    """Rules in the product's format: stated values cite the publication, chosen ones say so."""
    numbers: drafting.Numbers = {**stated, **chosen}
    origins = dict.fromkeys(chosen, (SET_HERE, NOT_STATED))
    return drafting.draft(source=source, article=article, origins=origins, **numbers)


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
            "rate": "30%",
            "minimum_yuan": "5000.00",
            "firm_year_cap_yuan": "2000000.00",
            "validity_months": 12,
            "settlement_period": "quarterly",
            "redeemed_by": "provider",
            "facility_regions": ["621000"],
        },
        {"rounding": "half_up_fen", "notice_days": 5, "answer_days": 10},
    )
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


TOKEN_METERS = ("input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens")


def beijing(product_list: Sequence[str]) -> Program:
    """北京市中小企业服务券 Token 计费资源包 (2026): 30 %, 200,000 yuan a year, listed products, provider redeems.

    `product_list` holds the codes of providers whose token packages are listed.
    """
    rules = _rules(
        _BEIJING,
        "大模型应用/Token计费资源包",
        {
            "rate": "30%",
            "firm_year_cap_yuan": "200000.00",
            "redeemed_by": "provider",
            "sizes": ["medium", "small", "micro"],
            "applicant_regions": ["110000"],
            "meters": TOKEN_METERS,
        },
        {
            "providers": product_list,
            "rounding": "half_up_fen",
            "notice_days": 0,
            "validity_months": 12,
            "answer_days": 10,
            "settlement_period": "monthly",
        },
    )
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
            "rate": "25%",
            "rate_by_kind": {"network": "20%"},
            "minimum_yuan": "200.00",
            "firm_year_cap_yuan": "100000.00",
            "validity_months": 12,
            "settlement_period": "monthly",
            "redeemed_by": "provider",
            "rounding": "half_up_fen",
            "notice_days": 3,
            "answer_days": 15,
        },
        {},
    )
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


def payback() -> Program:
    """An invented scheme that pays after the fact (先用后补): the firm pays, a tenth comes back."""
    source = "演示项目，不对应任何公开文件"
    rules = _rules(
        source,
        "演示条款",
        {
            "mode": "post_subsidy",
            "rate": "10%",
            "firm_year_cap_yuan": "20000.00",
            "validity_months": 12,
            "settlement_period": "monthly",
            "redeemed_by": "enterprise",
            "rounding": "half_up_fen",
            "notice_days": 0,
            "answer_days": 10,
        },
        {},
    )
    return Program(
        "qingyang-post-subsidy-demo",
        "庆阳市制造业智能检测后补助（演示）",
        "Qingyang inspection refunds (demonstration)",
        ("compute",),
        "621000",
        2_000_000,
        rules,
        source,
    )
