"""Answers "what would I get?": each rule with the value it saw, then the amount and how it came about.

Pure and exact: the base times the rate is a fraction, rounded once by the scheme's own rounding, then limited by
the caps. The answer is a record: it is stored with the decision and not worked out again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from vouchers.grants.rules import amounts, checks
from vouchers.grants.rules.amounts import Wanted, rounded
from vouchers.grants.rules.answers import Assessment, CapLine, RuleCheck
from vouchers.grants.rules.parts import TITLES
from vouchers.grants.rules.provenance import Origin
from vouchers.grants.rules.schemes import SchemeRules

BUDGET = "budget"
MILLIONTH = 10**6
NOTHING, WHOLE = Fraction(0), Fraction(1)


@dataclass(frozen=True, slots=True)
class Case:
    """What is known of one applicant and the state of the scheme.

    `facts` hold values as vouchers.grants.rules.facts parses them; an absent one is not known. `used` says what is
    gone of each cap (fen, or decisions for caps that count). The window, the kinds and the budget are those of the
    published scheme, None where it has not been published. `stage` is claimed or redeemed: which counters bind.
    """

    facts: Mapping[str, Any]
    used: Mapping[str, int] = field(default_factory=dict)
    opens_on: date | None = None
    closes_on: date | None = None
    kinds: tuple[str, ...] = ()
    budget_fen: int | None = None
    budget_left_fen: int | None = None
    source: str = ""
    stage: str = "claimed"


def assess(rules: SchemeRules, case: Case) -> Assessment:
    """Hold every rule against the facts and work out the amount."""
    known = dict(case.facts)
    kinds = rules.kinds.value if rules.kinds else case.kinds
    if known.get("kind") is None and len(kinds) == 1:
        known["kind"] = kinds[0]
    found = amounts.wanted(rules, known)
    budget = next(_budget(rules, case, known), None)
    exact = amounts.shared_out(rules, found.exact, known, budget.left_fen if budget else None)
    rounding = rules.rounding.value
    wanted_fen = None if exact is None else rounded(exact, rounding)
    known["wanted"] = wanted_fen
    caps, unclear = _caps(rules, case, known, budget)
    binding = _lowest(caps)
    amount_fen = wanted_fen or 0
    if binding and binding.left_fen < amount_fen:
        amount_fen = amounts.cut(binding.left_fen, rounding)
    minimum_fen = _minimum(rules, known)
    held = (
        *checks.window(rules, case.opens_on, case.closes_on, known.get("day"), case.source),
        *checks.kind(rules, kinds, known.get("kind"), case.source),
        *checks.rules(rules, known),
        *checks.known_amount(rules, found, wanted_fen),
        *checks.enough(rules, wanted_fen, minimum_fen),
        *checks.unclear_caps(unclear),
        *checks.room(caps, rounding, _needed(wanted_fen, minimum_fen)),
    )
    fails = any(check.outcome == "fail" for check in held)
    amount_fen = 0 if fails else amount_fen
    fens = (wanted_fen or 0, minimum_fen or 0, amount_fen)
    return _answer(rules, case, known, found, held, caps, binding, fens)


def _answer(
    rules: SchemeRules,
    case: Case,
    known: Mapping[str, Any],
    found: Wanted,
    held: tuple[RuleCheck, ...],
    caps: tuple[CapLine, ...],
    binding: CapLine | None,
    fens: tuple[int, int, int],
) -> Assessment:
    wanted_fen, minimum_fen, amount_fen = fens
    rate = found.rate if isinstance(found.rate, Fraction) else Fraction(found.rate or 0)
    share = rules.share.value.run(known) if rules.share else WHOLE if rules.amount else rate
    base = found.base
    return Assessment(
        checks=held,
        stage=case.stage,
        mode=(rules.mode.value.run(known) if rules.mode else None) or "",
        unit=rules.unit,
        kind=known.get("kind") or "",
        base_fen=None if base is None else int(base),
        rate=rate,
        share=_payable(share or NOTHING),
        parts=found.parts,
        minimum_fen=minimum_fen,
        wanted_fen=wanted_fen,
        caps=caps,
        binding_cap=binding.name if binding and binding.left_fen < wanted_fen else "",
        rounding=rules.rounding.value,
        amount_fen=amount_fen,
        funding=amounts.funded(rules, found, amount_fen),
        missing=rules.missing,
        facts=case.facts,
    )


def _payable(share: Fraction) -> Fraction:
    """A part of a bill: at most the whole, cut to a millionth where it does not end earlier."""
    if share.denominator > MILLIONTH:
        share = Fraction(int(share * MILLIONTH), MILLIONTH)
    return min(share, WHOLE)


def _minimum(rules: SchemeRules, known: Mapping[str, Any]) -> int | None:
    """The least amount in whole fen; None when it is not known."""
    if rules.minimum is None:
        return 0
    value = rules.minimum.value.run(known)
    return None if value is None else -(-value.numerator // value.denominator)


def _needed(wanted_fen: int | None, minimum_fen: int | None) -> int:
    return min(wanted_fen or 1, max(minimum_fen or 0, 1))


def _caps(
    rules: SchemeRules, case: Case, known: Mapping[str, Any], budget: CapLine | None
) -> tuple[tuple[CapLine, ...], list[Any]]:
    """The caps, the budget last; and those of which something is not known."""
    lines, unclear = [], []
    day = known.get("day")
    for cap in rules.caps:
        if not cap.origin.is_in_force(day):
            continue
        line = amounts.cap_line(cap, known, case.used, case.stage)
        if line is None or (line.is_applied and _key_is_unknown(cap, known)):
            unclear.append(cap)
        else:
            lines.append(line)
    if budget:
        lines.append(budget)
    return tuple(lines), unclear


def _key_is_unknown(cap: Any, known: Mapping[str, Any]) -> bool:
    """Tell whether a key of the cap other than the applicant and the day is not known."""
    return any(known.get(name) is None for name in cap.asked_keys)


def _budget(rules: SchemeRules, case: Case, known: Mapping[str, Any]) -> Iterator[CapLine]:
    limit, left = case.budget_fen, case.budget_left_fen
    origin = rules.budget.origin if rules.budget else Origin("", case.source, "", "")
    if limit is None and rules.budget:
        stated = rules.budget.value.run(known)
        limit = None if stated is None else int(stated)
    if limit is None:
        return
    left = limit - case.used.get(BUDGET, 0) if left is None else left
    yield CapLine(
        name=BUDGET,
        title=TITLES[BUDGET],
        limit_fen=limit,
        used_fen=max(limit - left, 0),
        left_fen=max(left, 0),
        is_count=False,
        counts="claimed",
        is_applied=case.stage == "claimed",
        refusal="budget_exhausted",
        unit=rules.unit,
        origin=origin,
    )


def _lowest(caps: tuple[CapLine, ...]) -> CapLine | None:
    """The cap that leaves least; among equals the one written first."""
    lines = [cap for cap in caps if cap.is_applied and not cap.is_count]
    return min(lines, key=lambda cap: cap.left_fen, default=None)
