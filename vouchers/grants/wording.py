"""Words for what the pure rules find; the rules themselves know no language of the page."""

import unicodedata
from collections.abc import Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from vouchers.grants.rules import refusals
from vouchers.grants.rules.letters import Fault as LetterFault
from vouchers.grants.rules.wording import Words

FAULTS: Mapping[str, Promise] = {
    "above_whole": _("A share cannot be above 100 %."),
    "below_minimum": _("The cap is below the least amount, so nobody could get a voucher."),
    "below_one_yuan": _("The cap is below one yuan, so nobody could get a voucher."),
    "missing": _("Fill this in: every rule needs a value, a source and an article."),
    "not_a_date": _("Enter a day such as 2026-03-04."),
    "not_a_flag": _("Answer with yes or no."),
    "not_a_list_of_texts": _("Give at least one value."),
    "not_a_region": _("Enter the six digits of the place by GB/T 2260, for example 621002."),
    "not_a_share": _("Enter a share such as 30%, 0.3 or 3/10."),
    "not_a_text": _("Write the figure as text, so that no digit is lost."),
    "not_a_whole_number": _("Enter a whole number."),
    "not_an_amount": _("Enter an amount in yuan with at most two decimals, for example 1234.56."),
    "not_an_exact_number": _("Enter a number such as 12 or 2.5."),
    "not_an_object": _("Give the rule with its value, source and article."),
    "not_records": _("Give a list of entries, each with its fields."),
    "not_positive": _("The figure must be above zero."),
    "out_of_range": _("The figure is outside what is possible. Check the number of digits."),
    "transferable": _(
        "Vouchers cannot be transferred, given, sold or lent. This rule is the same everywhere."
    ),
    "unknown_choice": _("Choose one of the known values."),
    "unknown_fact": _("There is no such question."),
    "unknown_format": _("The rules are written in a format that is not known here."),
    "unknown_rule": _("There is no such rule."),
}
"""Why a rule of a scheme cannot be read."""

RULES: Mapping[str, Promise] = {
    "window": _("Application dates"),
    "kind": _("Kind of voucher"),
    "size": _("Size of the enterprise"),
    "section": _("Industry"),
    "region": _("Place of registration"),
    "minimum": _("Least amount"),
    "firm_year_cap": _("Yearly limit of the enterprise"),
    "budget": _("Budget of the scheme"),
}
"""What each rule of the assessment is called."""

SECTIONS: Mapping[str, Promise] = {
    "voucher": _("Voucher and planned spend"),
    "use": _("What it is for"),
    "contract": _("Contract"),
    "scheme": _("Questions of the scheme"),
    "evidence": _("Evidence"),
}
"""What each section of an application is called."""

CAPS: Mapping[str, Promise] = {
    "voucher": _("limit for one voucher"),
    "firm_year": _("yearly limit of the enterprise"),
    "budget": _("budget left in the scheme"),
}

REMARKS: Mapping[str, tuple[Promise, ...]] = {
    "review": (
        _("The statements agree with the register of enterprises."),
        _("The planned spend fits the purpose and the size of the enterprise."),
        _("Verified by telephone with the preparer."),
        _("The evidence in the system was looked at; nothing speaks against it."),
    ),
    "supplement": (
        _("Please upload the whole contract with the seals of both sides."),
        _("The amount differs from the contract. Please correct it or explain."),
        _("Please say which data are processed and what the computing should bring."),
        _("The scan cannot be read. Please upload a clearer one."),
    ),
}
"""Remarks that a bureau can take over, by where they are offered."""

LETTER_FAULTS: Mapping[str, Promise] = {
    "unknown": _("There is no place {%(place)s}. Choose one of the list."),
    "not_here": _("The place {%(place)s} is not known in this letter. Choose one of the list."),
    "missing": _("This letter must hold the place {%(place)s}."),
    "braces": _("Braces are only for places such as {enterprise}."),
}
"""What is wrong with a template of a letter."""


def language() -> str:
    """Language of the page, for sentences that rules keep in two languages."""
    return get_language() or "zh-hans"


def said(words: Words) -> str:
    """A sentence of the rules in the language of the page."""
    return words.in_language(language())


def refusal(code: str) -> str:
    """The sentence of a refusal code; the code itself for one that is no longer in the list."""
    words = refusals.REFUSALS.get(code)
    return said(words) if words else code


def letter_fault(fault: LetterFault) -> str:
    """What is wrong with a template, in words."""
    words = str(LETTER_FAULTS[fault.code])
    return words % {"place": fault.place} if fault.place else words


def is_chinese() -> bool:
    """Tell whether the page is in Chinese."""
    return language().startswith("zh")


def colon() -> str:
    """The colon of the page's language, with its space."""
    return "：" if is_chinese() else ": "


def listed(parts: Sequence[str]) -> str:
    """A list in one sentence."""
    return ("、" if is_chinese() else ", ").join(parts)


def half_width(text: str) -> str:
    """What people type, with half-width digits and signs and without grouping."""
    return unicodedata.normalize("NFKC", text).strip().replace(",", "")


def cited(source: str, article: str) -> str:
    """A source with its article."""
    return ("，" if is_chinese() else ", ").join(part for part in (source, article) if part)
