"""Words for what the pure rules find; the rules themselves know no language of the page."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from vouchers.grants.rules import refusals
from vouchers.grants.rules.letters import Fault as LetterFault
from vouchers.grants.rules.sections import MOST_RECORDS
from vouchers.grants.rules.wording import Words

_ADDRESS = re.compile(r"\s*https?://\S+")

FAULTS: Mapping[str, Promise] = {
    "above_whole": _("A share cannot be above 100 %."),
    "below_minimum": _("The cap is below the least amount, so nobody could get a voucher."),
    "below_one_yuan": _("The cap is below one yuan, so nobody could get a voucher."),
    "alias": _("Anchors and aliases of YAML are not taken. Write the value out."),
    "duplicate": _("This name stands twice at the same place."),
    "fact_exists": _("This fact exists already. Use it, or choose another name."),
    "float": _("Write figures with a fraction as quoted text, so that no digit is lost."),
    "missing_budget": _("Give the budget: the file states none."),
    "missing_window": _("Give the first and the last day: the file states none."),
    "missing": _("Fill this in: every rule needs a value, a source and an article."),
    "not_a_date": _("Enter a day such as 2026-03-04."),
    "not_a_flag": _("Answer with yes or no."),
    "needs_title": _("A kind of your own needs a title."),
    "no_comparison": _("Say how to compare."),
    "no_documents": _("Name the documents that the scheme rests on."),
    "not_a_condition": _("A condition compares a fact, or joins others by all, any or not."),
    "not_a_list": _("Give a list with at least one entry."),
    "not_a_name": _("Use letters, digits, hyphens and underscores."),
    "not_a_product": _("An amount can be multiplied by numbers and shares only."),
    "not_a_quotient": _("Divide an amount by a number, or two values of one kind."),
    "not_a_value": _("This is no value. Write an amount, a share, a number, a day or a text."),
    "not_an_exact_number": _('Enter an exact number such as 2, "2.5" or "1/3".'),
    "not_ordered": _("This fact has no order: it cannot be more or less."),
    "not_records": _("This needs a fact that is a list of records."),
    "not_redeemed": _("Only a cap on what is redeemed says by which day it goes."),
    "not_rising": _("The slices must rise."),
    "not_the_whole": _("The shares must add up to the whole."),
    "not_two_days": _("Give two days."),
    "nothing_kept": _("Only a cap on claims that is kept by something can be net."),
    "not_words": _("Give the words in both languages."),
    "one_way": _("Give exactly one of rate, parts and amount."),
    "otherwise_last": _("`otherwise` stands alone and last."),
    "redeems_no_count": _("A cap on what is redeemed limits an amount, not a number of decisions."),
    "syntax": _("This is no YAML."),
    "too_large": _("The file is too large."),
    "unknown_document": _("There is no such document in this file."),
    "unknown_expression": _("There is no such form of value."),
    "unknown_fact": _("There is no such fact. Declare it under `facts`, or use a known one."),
    "unknown_key": _("A cap cannot be kept by this."),
    "unknown_refusal": _("This code is not in the list of refusals."),
    "used_twice": _("This id was used before."),
    "window_backwards": _("The last day lies before the first day."),
    "wrong_type": _("Values of these kinds do not go together."),
    "not_a_list_of_texts": _("Give at least one value."),
    "not_a_region": _("Enter the six digits of the place by GB/T 2260, for example 621002."),
    "not_a_share": _("Enter a share such as 30%, 0.3 or 3/10."),
    "not_a_text": _("Write the figure as text, so that no digit is lost."),
    "not_a_whole_number": _("Enter a whole number."),
    "not_an_amount": _("Enter an amount in yuan with at most two decimals, for example 1234.56."),
    "not_an_object": _("Give the rule with its value, source and article."),
    "not_positive": _("The figure must be above zero."),
    "out_of_range": _("The figure is outside what is possible. Check the number of digits."),
    "transferable": _(
        "Vouchers cannot be transferred, given, sold or lent. This rule is the same everywhere."
    ),
    "unknown_choice": _("Choose one of the known values."),
    "unknown_format": _("The rules are written in a format that is not known here."),
    "unknown_rule": _("There is no such rule."),
}
"""Why a rule of a scheme cannot be read."""

SECTIONS: Mapping[str, Promise] = {
    "voucher": _("Voucher and planned spend"),
    "use": _("What it is for"),
    "contract": _("Contract"),
    "scheme": _("Questions of the scheme"),
    "evidence": _("Evidence"),
}
"""What each section of an application is called."""

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


def fault(code: str, hint: str = "") -> str:
    """Why a value cannot stand, and what would be known instead."""
    words = str(FAULTS[code])
    return words + _(" Known: %(names)s.") % {"names": hint} if hint else words


def too_many_records() -> str:
    """What is said of a list with more entries than anybody types."""
    return _("Give at most %(most)s entries.") % {"most": MOST_RECORDS}


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
    """A source with its article; its address stands once beside the rules, not at each of them."""
    parts = (_ADDRESS.sub("", source), article)
    return ("，" if is_chinese() else ", ").join(part for part in parts if part)
