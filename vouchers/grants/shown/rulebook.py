"""The rules of a scheme in words, for the pages that show schemes."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.wording import region_name
from providers.models import Layer, Meter
from vouchers.grants import wording
from vouchers.grants.models import Scheme, VoucherKind
from vouchers.grants.rules import saying
from vouchers.grants.rules import wording as rule_words
from vouchers.grants.rules.caps import Cap
from vouchers.grants.rules.provenance import Origin, Sourced
from vouchers.grants.rules.schemes import PAID_ELSEWHERE, SchemeRules, from_json
from vouchers.grants.rules.scope import Expression
from vouchers.grants.rules.wording import Words


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule of a scheme in words, with where it is written."""

    name: str
    text: str
    source: str


def rule_lines(scheme: Scheme) -> list[RuleLine]:
    """All rules of a scheme in words."""
    return lines_of(from_json(scheme.rules))


def lines_of(rules: SchemeRules) -> list[RuleLine]:
    """All rules in words."""
    return [
        *_amount(rules),
        *_limits(rules),
        *_days(rules),
        _line(_("Rounding"), _named(rules.rounding.value), rules.rounding.origin),
        *_who(rules),
        *_what(rules),
        *_handling(rules),
    ]


def missing_of(rules: SchemeRules) -> list[str]:
    """The figures that the source does not give."""
    return list(dict.fromkeys(wording.said(each.words) for each in rules.missing))


def pays_elsewhere(rules: SchemeRules) -> bool:
    """Whether every decision of the scheme is paid out by the bureau itself; its mode then asks no fact."""
    mode = rules.mode.value if rules.mode else None
    return mode is not None and not mode.facts and mode.run({}) in PAID_ELSEWHERE


def questions_of(rules: SchemeRules) -> list[str]:
    """What the application form will ask, in the order in which it asks."""
    return [wording.said(fact.title) for fact in rules.facts if fact.asked == "applicant"]


def share_text(scheme: Scheme) -> str:
    """The share of the base, such as 30%."""
    rules = from_json(scheme.rules)
    if rules.rate:
        return wording.said(rules.rate.value.words())
    if rules.parts:
        return wording.listed([wording.said(part.rate.words()) for part in rules.parts])
    return wording.said(rules.amount.value.words()) if rules.amount else ""


def yearly_limit(scheme: Scheme) -> str:
    """The limit of one applicant in a year in words; empty when there is none."""
    found = next((cap for cap in from_json(scheme.rules).caps if _is_yearly(cap)), None)
    return wording.said(found.limit.words()) if found else ""


def kind_labels(scheme: Scheme) -> str:
    """The kinds of vouchers in one line."""
    rules = from_json(scheme.rules)
    if rules.kinds:
        return wording.said(_kinds(rules))
    return wording.listed([str(VoucherKind(kind).label) for kind in scheme.voucher_kinds])


def who_may_apply(scheme: Scheme) -> str:
    """One line for the list of schemes."""
    lines = [line.text for line in _who(from_json(scheme.rules))]
    return ("；" if wording.is_chinese() else "; ").join(lines) or _(
        "Enterprises of every size and industry"
    )


def _is_yearly(cap: Cap) -> bool:
    return not cap.is_count and set(cap.per) == {"applicant", "year"} and cap.counts == "claimed"


def _kinds(rules: SchemeRules) -> Words:
    return rule_words.joined([words for _name, words in rules.names["kind"].choices])


def _amount(rules: SchemeRules) -> list[RuleLine]:
    found = [
        *_valued(_("How it is granted"), rules.mode),
        *_valued(_("Base"), rules.base),
        *_valued(_("Share"), rules.rate),
    ]
    for part in rules.parts:
        words = part.rate.words()
        found.append(_line(wording.said(part.title), wording.said(words), part.origin))
    return [
        *found,
        *_valued(_("Amount"), rules.amount),
        *_valued(_("Ceiling of all shares"), rules.ceiling),
        *_valued(_("Less what was received"), rules.deduct),
        *_valued(_("Share of each bill"), rules.share),
    ]


def _limits(rules: SchemeRules) -> list[RuleLine]:
    found = _valued(_("Least amount"), rules.minimum)
    for cap in rules.caps:
        words = wording.said(cap.limit.words())
        if cap.only_if:
            words += f"（{wording.said(cap.only_if.words())}）"
        if cap.is_net:
            words += _("; what a voucher gives back at its end is free again")
        found.append(_line(wording.said(cap.title), words, cap.origin))
    for share in rules.funding:
        text = f"{_named(share.level)} {rule_words.share(share.share)}"
        found.append(_line(_("Paid by"), text, share.origin))
    return [*found, *_valued(_("Budget"), rules.budget)]


def _days(rules: SchemeRules) -> list[RuleLine]:
    found = []
    if rules.windows:
        spans = [f"{each.opens} – {each.closes}" for each in rules.windows.value]
        found.append(_line(_("Application dates"), wording.listed(spans), rules.windows.origin))
    if rules.validity_months:
        months = rules.validity_months.value
        words = ngettext("%(n)d month", "%(n)d months", months) % {"n": months}
        found.append(_line(_("Validity"), words, rules.validity_months.origin))
    if rules.valid_until:
        found.append(_line(_("Validity"), str(rules.valid_until.value), rules.valid_until.origin))
    days = rules.notice_days.value
    words = ngettext("%(n)d day", "%(n)d days", days) % {"n": days} if days else _("none")
    return [*found, _line(_("Public notice"), words, rules.notice_days.origin)]


def _who(rules: SchemeRules) -> list[RuleLine]:
    return [
        _line(wording.said(rule.title), wording.said(rule.said()), rule.origin)
        for rule in rules.rules
    ]


def _what(rules: SchemeRules) -> list[RuleLine]:
    own, found = rules.coverage, []
    if own.layers:
        names = [str(Layer(each).label) for each in sorted(own.layers.value)]
        found.append(_line(_("Pays for"), wording.listed(names), own.layers.origin))
    if own.meters:
        names = [str(Meter(each).label) for each in sorted(own.meters.value)]
        found.append(_line(_("Pays for"), wording.listed(names), own.meters.origin))
    if own.regions:
        places = [region_name(code) for code in sorted(own.regions.value)]
        found.append(_line(_("Facilities in"), wording.listed(places), own.regions.origin))
    if own.providers:
        listed = wording.listed(sorted(own.providers.value))
        found.append(_line(_("Providers"), listed, own.providers.origin))
    if own.domestic_chip and own.domestic_chip.value:
        found.append(_line(_("Chips"), _("domestic chips only"), own.domestic_chip.origin))
    return found


def _handling(rules: SchemeRules) -> list[RuleLine]:
    found = []
    if rules.answer_days:
        words = ngettext(
            "%(days)s day; silence confirms the bill",
            "%(days)s days; silence confirms the bill",
            rules.answer_days.value,
        ) % {"days": rules.answer_days.value}
        found.append(_line(_("Answer to a closed bill"), words, rules.answer_days.origin))
    if rules.settlement_period:
        words = _named(rules.settlement_period.value)
        found.append(_line(_("Settlement rhythm"), words, rules.settlement_period.origin))
    if rules.redeemed_by:
        words = _named(rules.redeemed_by.value)
        found.append(_line(_("Redeemed by"), words, rules.redeemed_by.origin))
    if rules.transferable:
        words = _("Own use only; not to be transferred, given, sold or lent")
        found.append(_line(_("Transferability"), words, rules.transferable.origin))
    return found


def _valued(name: str, value: Sourced[Expression] | None) -> list[RuleLine]:
    return [_line(name, wording.said(value.value.words()), value.origin)] if value else []


def _line(name: str, text: str, origin: Origin) -> RuleLine:
    return RuleLine(name, text, wording.cited(origin.source, origin.article))


def _named(value: Any) -> str:
    return wording.said(saying.one(str(value)))
