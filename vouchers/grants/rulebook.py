"""The rules of a scheme in words, for the pages that show schemes."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.rules import industries
from accounts.wording import region_name
from providers.models import Layer, Meter
from vouchers.grants import wording
from vouchers.grants.models import Scheme, VoucherKind
from vouchers.grants.rules import wording as rule_words
from vouchers.grants.rules.schemes import SchemeRules, Sourced, from_json
from vouchers.grants.rules.wording import Words, yuan


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule of a scheme in words, with where it is written."""

    name: str
    text: str
    source: str


def rule_lines(scheme: Scheme) -> list[RuleLine]:
    """All rules of a scheme in words."""
    rules = from_json(scheme.rules)
    return [
        _line(_("Share"), rule_words.share(rules.rate.value), rules.rate),
        *_limits(rules),
        _line(
            _("Validity"),
            ngettext("%(n)d month", "%(n)d months", rules.validity_months.value)
            % {"n": rules.validity_months.value},
            rules.validity_months,
        ),
        _line(
            _("Public notice"),
            ngettext("%(n)d day", "%(n)d days", rules.notice_days.value)
            % {"n": rules.notice_days.value}
            if rules.notice_days.value
            else _("none"),
            rules.notice_days,
        ),
        _line(_("Rounding"), _named(rules.rounding.value), rules.rounding),
        *_who(rules),
        *_what(rules),
        _line(
            _("Settlement rhythm"), _named(rules.settlement_period.value), rules.settlement_period
        ),
        _line(_("Redeemed by"), _named(rules.redeemed_by.value), rules.redeemed_by),
        _line(
            _("Transferability"),
            _("Own use only; not to be transferred, given, sold or lent"),
            rules.transferable,
        ),
    ]


def share_text(scheme: Scheme) -> str:
    """The share of the planned spend, such as 30%."""
    return rule_words.share(from_json(scheme.rules).rate.value)


def kind_labels(scheme: Scheme) -> str:
    """The kinds of vouchers in one line."""
    return wording.listed([str(VoucherKind(kind).label) for kind in scheme.voucher_kinds])


def who_may_apply(scheme: Scheme) -> str:
    """One line for the list of schemes."""
    lines = [line.text for line in _who(from_json(scheme.rules))]
    return ("；" if wording.is_chinese() else "; ").join(lines) or _(
        "Enterprises of every size and industry"
    )


def _limits(rules: SchemeRules) -> list[RuleLine]:
    found = []
    if rules.minimum:
        found.append(_line(_("Least amount"), yuan(rules.minimum.value), rules.minimum))
    if rules.firm_year_cap:
        words = _("%(amount)s for one enterprise in a year") % {
            "amount": yuan(rules.firm_year_cap.value)
        }
        found.append(_line(_("Yearly limit"), words, rules.firm_year_cap))
    if rules.voucher_cap:
        found.append(
            _line(_("Limit for one voucher"), yuan(rules.voucher_cap.value), rules.voucher_cap)
        )
    return found


def _who(rules: SchemeRules) -> list[RuleLine]:
    found = []
    if rules.sizes:
        order = [
            each for each in ("large", "medium", "small", "micro") if each in rules.sizes.value
        ]
        found.append(_line(_("Sizes"), wording.said(rule_words.named(order)), rules.sizes))
    if rules.sections:
        letters = sorted(rules.sections.value)
        english = [industries.SECTIONS[letter].name_en for letter in letters]
        chinese = [industries.SECTIONS[letter].name for letter in letters]
        words = Words("、".join(chinese), ", ".join(english))
        found.append(_line(_("Industries"), wording.said(words), rules.sections))
    if rules.applicant_regions:
        places = [region_name(code) for code in sorted(rules.applicant_regions.value)]
        found.append(_line(_("Registered in"), wording.listed(places), rules.applicant_regions))
    return found


def _what(rules: SchemeRules) -> list[RuleLine]:
    own, found = rules.coverage, []
    if own.layers:
        names = [str(Layer(each).label) for each in sorted(own.layers.value)]
        found.append(_line(_("Pays for"), wording.listed(names), own.layers))
    if own.meters:
        names = [str(Meter(each).label) for each in sorted(own.meters.value)]
        found.append(_line(_("Pays for"), wording.listed(names), own.meters))
    if own.regions:
        places = [region_name(code) for code in sorted(own.regions.value)]
        found.append(_line(_("Facilities in"), wording.listed(places), own.regions))
    if own.providers:
        found.append(
            _line(_("Providers"), wording.listed(sorted(own.providers.value)), own.providers)
        )
    if own.domestic_chip and own.domestic_chip.value:
        found.append(_line(_("Chips"), _("domestic chips only"), own.domestic_chip))
    return found


def _line(name: str, text: str, value: Sourced[Any]) -> RuleLine:
    return RuleLine(name, text, wording.cited(value.source, value.article))


def _named(value: str) -> str:
    return wording.said(rule_words.NAMES[value])
