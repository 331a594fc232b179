"""Answers "what would I get?": each rule with the value it saw, then the amount and how it came about.

Pure and exact: the base times the rate is a fraction, rounded once by the scheme's own rounding, then limited by
the caps. The answer is a record: it is stored with the decision and not worked out again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Literal

from accounts.rules import industries, regions
from common.rounding import round_half_up
from vouchers.grants.rules import refusals, wording
from vouchers.grants.rules.coverage import lies_in
from vouchers.grants.rules.schemes import SchemeRules, Sourced
from vouchers.grants.rules.wording import Words

Outcome = Literal["pass", "fail", "person"]
FEN_PER_YUAN = 100


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an applicant and a scheme; None where it is not known yet. Amounts in fen.

    `source` is the scheme's own document; `size` and `section` by the national standards, `region` a GB/T 2260
    code. `firm_year_left_fen` is what the cap of this firm and year still allows, None when the scheme has none
    or nothing of it was used.
    """

    kind: str
    planned_spend_fen: int
    day: date
    opens_on: date
    closes_on: date
    kinds: tuple[str, ...]
    budget_fen: int
    budget_left_fen: int
    source: str = ""
    size: str | None = None
    section: str | None = None
    region: str | None = None
    firm_year_left_fen: int | None = None


@dataclass(frozen=True, slots=True)
class RuleCheck:
    """One rule held against one value. `refusal` is set exactly when the outcome is fail."""

    rule: str
    saw: Words
    outcome: Outcome
    words: Words
    source: str
    article: str
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Cap:
    """One limit on the amount and what is left of it, in fen."""

    name: str
    limit_fen: int
    left_fen: int


@dataclass(frozen=True, slots=True)
class Assessment:
    """The whole answer. `amount_fen` is 0 when a rule fails; `binding_cap` names the cap that lowered it."""

    checks: tuple[RuleCheck, ...]
    kind: str
    base_fen: int
    rate: Fraction
    share: Fraction
    minimum_fen: int
    wanted_fen: int
    caps: tuple[Cap, ...]
    binding_cap: str
    rounding: str
    amount_fen: int

    @property
    def refusals(self) -> tuple[str, ...]:
        """Codes of the closed list, in the order of the checks."""
        return tuple(check.refusal for check in self.checks if check.refusal)

    @property
    def verdict(self) -> Literal["yes", "no", "perhaps"]:
        """Perhaps, when nothing fails but a person must look."""
        if self.refusals:
            return "no"
        return "perhaps" if any(check.outcome == "person" for check in self.checks) else "yes"


def assess(rules: SchemeRules, facts: Facts) -> Assessment:
    """Hold every rule against the facts and work out the amount."""
    rate = rules.rate_for(facts.kind)
    wanted_fen = rounded(rate.value * max(facts.planned_spend_fen, 0), rules.rounding.value)
    caps = tuple(_caps(rules, facts))
    lowest = min(caps, key=lambda cap: cap.left_fen)
    amount_fen = rounded(Fraction(max(min(wanted_fen, lowest.left_fen), 0)), rules.rounding.value)
    minimum_fen = rules.minimum.value if rules.minimum else 0
    checks = (
        *_offered(facts),
        *_applicant(rules, facts),
        *_enough(rules, wanted_fen),
        *_room(rules, facts, caps, needed_fen=min(wanted_fen, max(minimum_fen, 1))),
    )
    return Assessment(
        checks=checks,
        kind=facts.kind,
        base_fen=facts.planned_spend_fen,
        rate=rate.value,
        share=rules.share_for(facts.kind).value,
        minimum_fen=minimum_fen,
        wanted_fen=wanted_fen,
        caps=caps,
        binding_cap=lowest.name if lowest.left_fen < wanted_fen else "",
        rounding=rules.rounding.value,
        amount_fen=0 if any(check.outcome == "fail" for check in checks) else amount_fen,
    )


def rounded(exact_fen: Fraction, rounding: str) -> int:
    """Round an exact amount of fen by the scheme's rounding."""
    if rounding == "half_up_fen":
        return round_half_up(exact_fen)
    whole = exact_fen.numerator // exact_fen.denominator
    return whole - whole % FEN_PER_YUAN if rounding == "floor_yuan" else whole


def _caps(rules: SchemeRules, facts: Facts) -> Iterator[Cap]:
    if rules.voucher_cap:
        yield Cap("voucher", rules.voucher_cap.value, rules.voucher_cap.value)
    if rules.firm_year_cap:
        limit = rules.firm_year_cap.value
        left = limit if facts.firm_year_left_fen is None else min(facts.firm_year_left_fen, limit)
        yield Cap("firm_year", limit, max(left, 0))
    yield Cap("budget", facts.budget_fen, max(facts.budget_left_fen, 0))


def _offered(facts: Facts) -> Iterator[RuleCheck]:
    own = Sourced(None, facts.source, "")
    days = Words(f"{facts.opens_on} 至 {facts.closes_on}", f"{facts.opens_on} to {facts.closes_on}")
    yield _check(
        "window",
        Words(str(facts.day), str(facts.day)),
        facts.opens_on <= facts.day <= facts.closes_on,
        Words("{days}", "{days}").filled(days=days),
        own,
        "outside_window",
    )
    yield _check(
        "kind",
        wording.named([facts.kind]),
        facts.kind in facts.kinds,
        Words("发放{kinds}", "the scheme issues: {kinds}").filled(
            kinds=wording.named(list(facts.kinds))
        ),
        own,
        "kind_not_offered",
    )


def _applicant(rules: SchemeRules, facts: Facts) -> Iterator[RuleCheck]:
    if rules.sizes:
        yield _size(rules.sizes, facts.size)
    if rules.sections:
        allowed = rules.sections.value
        words = Words("支持{names}", "supported: {names}")
        yield _member(
            "section",
            _section(facts.section) if facts.section else None,
            facts.section in allowed,
            words.filled(names=wording.joined([_section(letter) for letter in sorted(allowed)])),
            rules.sections,
            "section_not_eligible",
        )
    if rules.applicant_regions:
        places = sorted(rules.applicant_regions.value)
        words = Words("支持{names}", "supported: {names}")
        yield _member(
            "region",
            _place(facts.region) if facts.region else None,
            any(lies_in(facts.region or "", wide) for wide in places),
            words.filled(names=wording.joined([_place(code) for code in places])),
            rules.applicant_regions,
            "region_not_eligible",
        )


def _size(allowed: Sourced[frozenset[str]], size: str | None) -> RuleCheck:
    order = [each for each in ("large", "medium", "small", "micro") if each in allowed.value]
    words = Words("支持{sizes}企业", "supported: {sizes}").filled(sizes=wording.named(order))
    if size is None or size == "not_covered":
        saw = wording.named([size or "unknown"])
        return RuleCheck("size", saw, "person", words, allowed.source, allowed.article)
    return _check(
        "size", wording.named([size]), size in allowed.value, words, allowed, "size_not_eligible"
    )


def _member(
    rule: str, saw: Words | None, holds: bool, words: Words, value: Sourced[Any], refusal: str
) -> RuleCheck:
    if saw is None:
        unknown = wording.named(["unknown"])
        return RuleCheck(rule, unknown, "person", words, value.source, value.article)
    return _check(rule, saw, holds, words, value, refusal)


def _section(letter: str) -> Words:
    section = industries.SECTIONS.get(letter)
    if section is None:
        return Words(letter, letter)
    return Words(f"{letter} {section.name}", f"{letter} {section.name_en}")


def _place(code: str) -> Words:
    try:
        return Words(regions.full_name_of(code), regions.full_name_of(code, "en"))
    except regions.InvalidRegion:
        return Words(code, code)


def _enough(rules: SchemeRules, wanted_fen: int) -> Iterator[RuleCheck]:
    least = rules.minimum.value if rules.minimum else 1
    words = Words("不少于 {least}", "at least {least}")
    yield _check(
        "minimum",
        _yuan(wanted_fen),
        wanted_fen >= least,
        words.filled(least=wording.yuan(least)),
        rules.minimum or rules.rate,
        "below_minimum",
    )


def _room(
    rules: SchemeRules, facts: Facts, caps: tuple[Cap, ...], needed_fen: int
) -> Iterator[RuleCheck]:
    """A cap fails when what is left, rounded, is less than the least amount that could be granted."""
    by_name = {cap.name: cap for cap in caps}
    least = max(needed_fen, 1)
    if rules.firm_year_cap:
        cap = by_name["firm_year"]
        words = Words("每家企业每年最多 {limit}", "at most {limit} for one enterprise in a year")
        yield _check(
            "firm_year_cap",
            Words("本年尚可申领 {left}", "{left} left this year").filled(
                left=wording.yuan(cap.left_fen)
            ),
            rounded(Fraction(cap.left_fen), rules.rounding.value) >= least,
            words.filled(limit=wording.yuan(cap.limit_fen)),
            rules.firm_year_cap,
            "firm_year_cap_reached",
        )
    cap = by_name["budget"]
    yield _check(
        "budget",
        Words("预算剩余 {left}", "{left} of the budget left").filled(
            left=wording.yuan(cap.left_fen)
        ),
        rounded(Fraction(cap.left_fen), rules.rounding.value) >= least,
        Words("共 {limit}", "{limit} in all").filled(limit=wording.yuan(cap.limit_fen)),
        Sourced(None, facts.source, ""),
        "budget_exhausted",
    )


def _yuan(fen: int) -> Words:
    return Words(wording.yuan(fen), wording.yuan(fen))


def _check(
    rule: str, saw: Words, holds: bool, words: Words, value: Sourced[Any], refusal: str
) -> RuleCheck:
    if refusal not in refusals.AUTOMATIC:
        raise KeyError(refusal)
    return RuleCheck(
        rule=rule,
        saw=saw,
        outcome="pass" if holds else "fail",
        words=words,
        source=value.source,
        article=value.article,
        refusal="" if holds else refusal,
    )
