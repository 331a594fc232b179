"""How the amount comes about: base, rate or parts, rounding, caps, shares of the levels of government."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from common.rounding import round_half_up
from vouchers.grants.rules.answers import CapLine, FundingLine, PartLine
from vouchers.grants.rules.caps import Cap
from vouchers.grants.rules.parts import Part
from vouchers.grants.rules.schemes import SchemeRules
from vouchers.grants.rules.scope import Expression, Known

HUNDRED = 100
STEPS = frozenset({"floor_yuan", "floor_unit", "half_up_yuan"})
"""Roundings to whole yuan or whole card-hours."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the rules would give before caps; `exact` is None when something is not known."""

    base: Any
    rate: Any
    exact: Any
    parts: tuple[PartLine, ...] = ()


def rounded(exact_fen: Fraction | int, rounding: str) -> int:
    """Round an exact amount of fen by the scheme's rounding."""
    if rounding == "half_up_fen":
        return round_half_up(Fraction(exact_fen))
    if rounding == "half_up_yuan":
        return round_half_up(Fraction(exact_fen) / HUNDRED) * HUNDRED
    return cut(exact_fen, rounding)


def cut(exact_fen: Fraction | int, rounding: str) -> int:
    """Cut an amount to the step of the scheme's rounding: what a cap leaves is never rounded up."""
    whole = exact_fen.numerator // exact_fen.denominator
    return whole - whole % HUNDRED if rounding in STEPS else whole


def wanted(rules: SchemeRules, known: dict[str, Any]) -> Wanted:
    """Base, rate and exact amount; puts `base` and `rate` where later rules see them."""
    base = _not_negative(_value(rules.base, known))
    known["base"] = base
    if rules.parts:
        lines, exact = _parts(rules, base, known)
        rate = None if exact is None or not base else Fraction(exact) / base
        answer = Wanted(base, rate, exact, lines)
    elif rules.amount:
        exact = _not_negative(rules.amount.value.run(known))
        rate = Fraction(exact) / base if exact is not None and base else None
        answer = Wanted(base, rate, exact)
    else:
        rate = _value(rules.rate, known)
        answer = Wanted(base, rate, None if base is None or rate is None else base * rate)
    known["rate"] = answer.rate
    return Wanted(answer.base, answer.rate, _less(rules, answer.exact, known), answer.parts)


def _less(rules: SchemeRules, exact: Any, known: Known) -> Any:
    """What is left after what was received elsewhere."""
    if rules.deduct is None or exact is None:
        return exact
    received = rules.deduct.value.run(known)
    return None if received is None else max(exact - received, Fraction(0))


def _parts(rules: SchemeRules, base: Any, known: Known) -> tuple[tuple[PartLine, ...], Any]:
    """Each part in turn; together they never pass the ceiling, the last ones give way."""
    room = None
    if rules.ceiling:
        most = rules.ceiling.value.run(known)
        if most is None or base is None:
            return (), None
        room = base * most
    lines, total = [], Fraction(0)
    for part in rules.parts:
        exact = _part(part, base, known)
        if exact is None:
            return (), None
        if room is not None:
            exact = min(exact, room - total)
        total += exact
        lines.append(PartLine(part.id, part.title, part.level, exact))
    return tuple(lines), total


def _part(part: Part, base: Any, known: Known) -> Any:
    if part.only_if:
        applies = part.only_if.run(known)
        if not applies:
            return None if applies is None else Fraction(0)
    own = base if part.base is None else _not_negative(part.base.run(known))
    rate = part.rate.run(known)
    if own is None or rate is None:
        return None
    exact = Fraction(own) * rate
    if part.limit is None:
        return exact
    limit = part.limit.run(known)
    return None if limit is None else min(exact, Fraction(limit))


def shared_out(rules: SchemeRules, wanted_fen: Any, known: Known, left: int | None) -> Any:
    """Each claim by the same part when together they pass the pool: wanted × left ÷ demand."""
    if rules.share_out is None or wanted_fen is None or left is None:
        return wanted_fen
    demand = rules.share_out.value.run(known)
    if demand is None:
        return None
    return wanted_fen if demand <= left else wanted_fen * Fraction(left) / demand


def cap_line(cap: Cap, known: Known, used: Mapping[str, int], stage: str) -> CapLine | None:
    """The cap with what is left of it; None when its limit, or whether it applies, is not known."""
    applies = True if cap.only_if is None else cap.only_if.run(known)
    if applies is None:
        return None
    limit = _whole(cap.limit, known) if applies else 0
    if limit is None:
        return None
    gone = used.get(cap.id, 0) if cap.is_kept else 0
    return CapLine(
        name=cap.id,
        title=cap.title,
        limit_fen=limit,
        used_fen=gone,
        left_fen=max(limit - gone, 0),
        is_count=cap.is_count,
        counts=cap.counts,
        is_applied=bool(applies) and cap.counts == stage,
        refusal=cap.refusal,
        unit=cap.limit.type,
        origin=cap.origin,
    )


def _whole(limit: Expression, known: Known) -> int | None:
    value = limit.run(known)
    if value is None:
        return None
    return max(int(value.numerator // value.denominator), 0)


def funded(rules: SchemeRules, found: Wanted, amount_fen: int) -> tuple[FundingLine, ...]:
    """Split the amount over the levels exactly: each is cut to the fen, the last one pays the rest."""
    weights = [(share.level, share.share) for share in rules.funding]
    total = sum((part.exact_fen for part in found.parts), Fraction(0))
    if not weights and total and any(part.level for part in found.parts):
        by_level: dict[str, Fraction] = defaultdict(Fraction)
        for part in found.parts:
            by_level[part.level or part.id] += part.exact_fen / total
        weights = list(by_level.items())
    lines, before = [], 0
    reached = Fraction(0)
    for level, weight in weights:
        reached += weight
        until = int(amount_fen * reached)
        lines.append(FundingLine(level, until - before))
        before = until
    return tuple(lines)


def _value(sourced: Any, known: Known) -> Any:
    return sourced.value.run(known) if sourced else None


def _not_negative(value: Any) -> Any:
    return value if value is None else max(value, 0)
