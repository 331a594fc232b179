"""Sentences in Chinese and English, kept with a decision as they were said when it was taken."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any


@dataclass(frozen=True, slots=True)
class Words:
    """One sentence in both languages."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        """The sentence for a language tag such as zh-hans or en."""
        return self.en if language.startswith("en") else self.zh

    def filled(self, **values: Any) -> "Words":
        """The sentence with its {places} filled; a value of Words is used in its own language."""
        return Words(
            self.zh.format(**{name: _in(value, "zh") for name, value in values.items()}),
            self.en.format(**{name: _in(value, "en") for name, value in values.items()}),
        )


def _in(value: Any, language: str) -> Any:
    return value.in_language(language) if isinstance(value, Words) else value


def yuan(fen: int | Fraction) -> str:
    """An amount such as ¥1,234.56; parts of a fen are cut for the eye, never in the sum."""
    return f"¥{decimal(fen)}"


def decimal(hundredths: int | Fraction) -> str:
    """Hundredths as a decimal such as 1,234.56."""
    whole = int(hundredths)
    return f"{whole // 100:,}.{whole % 100:02d}"


def share(value: Fraction) -> str:
    """A share such as 30% or 33.5% when it ends within two decimals; else 1/3."""
    percent = value * 100
    if (percent * 100).denominator != 1:
        return f"{value.numerator}/{value.denominator}"
    hundredths = int(percent * 100)
    text = f"{hundredths // 100}.{hundredths % 100:02d}".rstrip("0").rstrip(".")
    return f"{text}%"


NAMES = {
    "compute": Words("算力券", "Compute voucher"),
    "storage": Words("存力券", "Storage voucher"),
    "network": Words("运力券", "Network voucher"),
    "large": Words("大型", "large"),
    "medium": Words("中型", "medium"),
    "small": Words("小型", "small"),
    "micro": Words("微型", "micro"),
    "not_covered": Words("国家标准未覆盖", "not covered by the national standard"),
    "floor_yuan": Words("舍去不足一元的部分", "cut to whole yuan"),
    "floor_fen": Words("舍去不足一分的部分", "cut to whole fen"),
    "half_up_fen": Words("四舍五入到分", "rounded half up to the fen"),
    "planned_spend": Words("计划支出", "planned spend"),
    "monthly": Words("按月", "monthly"),
    "quarterly": Words("按季度", "quarterly"),
    "half_yearly": Words("每半年", "half-yearly"),
    "yearly": Words("按年", "yearly"),
    "provider": Words("供给方", "the provider"),
    "enterprise": Words("企业", "the enterprise"),
    "unknown": Words("未提供", "not given"),
    "model": Words("模型券", "Model voucher"),
    "token": Words("词元券", "Token voucher"),
    "data": Words("数据券", "Data voucher"),
    "dataset": Words("数据集券", "Data set voucher"),
    "corpus": Words("语料券", "Corpus voucher"),
    "application": Words("应用券", "Application voucher"),
    "scenario": Words("场景券", "Scenario voucher"),
    "labelling": Words("标注券", "Labelling voucher"),
    "opc": Words("OPC 服务券", "OPC service voucher"),
    "half_up_yuan": Words("四舍五入到元", "rounded half up to the yuan"),
    "floor_unit": Words("舍去不足一个单位的部分", "cut to whole units"),
    "pre_issue": Words("先发券后使用", "issued before use"),
    "deduct_now": Words("购买时直接抵扣", "deducted at purchase"),
    "post_subsidy": Words("事后补贴", "paid after the fact"),
    "automatic": Words("免申即享", "granted without application"),
    "earn_back": Words("以支出换取额度", "earned by past spend"),
    "provider_pool": Words("供给方资金池", "pool of a provider"),
    "target_contract": Words("按目标责任书兑现", "paid on reaching a target"),
    "free_quota": Words("免费卡时额度", "free card-hours"),
    "national": Words("国家", "national"),
    "provincial": Words("省级", "provincial"),
    "city": Words("市级", "city"),
    "district": Words("区县级", "district"),
    "park": Words("园区", "park"),
}
"""How values of rules are said."""


def named(values: Sequence[str]) -> Words:
    """Several values in one sentence, in the order given."""
    return joined([NAMES.get(value, Words(value, value)) for value in values])


def joined(parts: Sequence[Words]) -> Words:
    """A list in one sentence."""
    return Words("、".join(each.zh for each in parts), ", ".join(each.en for each in parts))
