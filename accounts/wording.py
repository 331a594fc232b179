"""Words for what the pure rules refuse or decide; rules themselves know no language."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.permissions import Permission
from accounts.rules import industries, regions, sizes
from common.components import Reason, Verdict
from common.display import grouped, money_text

USCC: Mapping[str, Promise] = {
    "empty": gettext_lazy("Enter the unified social credit code of 18 characters."),
    "spreadsheet": gettext_lazy(
        "A spreadsheet has turned the code into a number and lost its last digits. "
        "Format the column as text and copy the 18 characters from the business license again."
    ),
    "length": gettext_lazy("The code has 18 characters. Compare it with the business license."),
    "symbols": gettext_lazy(
        "The code has only digits and capital letters without I, O, S, V and Z. "
        "Often a zero was read as O, or a five as S."
    ),
    "place": gettext_lazy(
        "The third to eighth characters of the code are digits. "
        "Compare it with the business license."
    ),
    "check": gettext_lazy(
        "The last character does not fit the others, so at least one is mistyped. "
        "Compare the code with the business license."
    ),
}
INDUSTRY: Mapping[str, Promise] = {
    "shape": gettext_lazy("Enter two to four digits of GB/T 4754-2017, for example 3484 or C34."),
    "unknown": gettext_lazy(
        "GB/T 4754-2017 has no such industry. "
        "Look up the code on the annual report of the enterprise."
    ),
    "section": gettext_lazy(
        "The letter and the digits belong to different sections. "
        "Leave the letter out, or correct the digits."
    ),
    "coarse": gettext_lazy(
        "This industry needs three digits: the standard treats its parts differently (59 and 70)."
    ),
}
REGION: Mapping[str, Promise] = {
    "shape": gettext_lazy("Enter the six digits of the place by GB/T 2260, for example 621002."),
    "unknown": gettext_lazy("There is no such place. Choose one from the list."),
    "county": gettext_lazy("This county is not in the list. Choose its prefecture-level city."),
}
MISSING: Mapping[str, Promise] = {
    "employees": gettext_lazy("Enter the number of employees: the size depends on it."),
    "revenue": gettext_lazy("Enter the annual revenue: the size of this industry depends on it."),
    "assets": gettext_lazy("Enter the total assets: the size of this industry depends on them."),
}
INDICATORS: Mapping[str, Promise] = {
    "employees": gettext_lazy("employees"),
    "revenue": gettext_lazy("annual revenue"),
    "assets": gettext_lazy("total assets"),
}
LEVELS: Mapping[str, Promise] = {
    sizes.LARGE: gettext_lazy("Large"),
    sizes.MEDIUM: gettext_lazy("Medium"),
    sizes.SMALL: gettext_lazy("Small"),
}
IDENTITY_NUMBER = gettext_lazy(
    "This is not a resident identity number of 18 characters. Compare it with the identity card."
)


def language() -> str:
    """Language of the page, for names that rules keep in two languages."""
    return get_language() or "zh-hans"


def joined(words: Iterable[object]) -> str:
    """Words as a list inside a sentence."""
    return ("、" if language().startswith("zh") else ", ").join(str(word) for word in words)


def permissions(values: Iterable[str]) -> str:
    """What may be done, in words."""
    return joined(Permission(value).label for value in values)


def industry_name(code: str) -> str:
    """`C 通用设备制造业`: section letter and class."""
    return f"{industries.section_of(code).letter} {industries.name_of(code, language())}"


def region_name(code: str) -> str:
    """The place with those above it; the code itself when this edition does not know it."""
    try:
        return regions.full_name_of(code, language())
    except regions.InvalidRegion:
        return code


def figure(indicator: str, value: int) -> str:
    """A figure of the standard as read: persons, or fen as an exact amount."""
    if indicator == "employees":
        return _("%(count)s people") % {"count": grouped(value)}
    if language().startswith("en"):
        return money_text(value).removesuffix(".00")
    text = grouped(Decimal(value) / sizes.FEN_PER_WAN_YUAN, 6).rstrip("0").rstrip(".")
    return _("%(amount)s × 10,000 yuan") % {"amount": text}


def size_reasons(sizing: sizes.Sizing) -> list[Reason]:
    """Every bound that was looked at, as lines for the page. No bound is good or bad to reach."""
    if sizing.row is None:
        text = _("The standard does not list this industry; a person decides.")
        return [Reason(text, Verdict.PERSON)]
    return [
        Reason(
            _("%(level)s: %(indicator)s of at least %(bound)s")
            % {
                "level": LEVELS[each.level],
                "indicator": INDICATORS[each.indicator],
                "bound": figure(each.indicator, each.minimum),
            },
            Verdict.ABOVE if each.is_reached else Verdict.BELOW,
            detail=_("Figure: %(saw)s") % {"saw": figure(each.indicator, each.saw)},
        )
        for each in sizing.seen
    ]


def size_source(sizing: sizes.Sizing) -> str:
    """The documents behind the size."""
    return "；".join(sizes.standard(sizing.standard).documents)


def size_sentence(sizing: sizes.Sizing) -> str:
    """One sentence that says which bound decided."""
    if sizing.row is None:
        return _("The standard does not list this industry, so a person decides about the size.")
    row = sizing.row.name_en if language().startswith("en") else sizing.row.name
    bounds = joined(
        _("%(indicator)s %(saw)s (bound %(bound)s)")
        % {
            "indicator": INDICATORS[each.indicator],
            "saw": figure(each.indicator, each.saw),
            "bound": figure(each.indicator, each.minimum),
        }
        for each in sizing.decided_by
    )
    if sizing.level == sizes.LARGE:
        return _(
            "By the line “%(row)s”, every bound of a large enterprise is reached: %(bounds)s."
        ) % {
            "row": row,
            "bounds": bounds,
        }
    above = LEVELS[sizing.decided_by[0].level]
    return _("By the line “%(row)s”, the level “%(above)s” is not reached: %(bounds)s.") % {
        "row": row,
        "above": above,
        "bounds": bounds,
    }
