"""Sums that people make up: round ones, and first digits that no business has."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from math import log10

from vouchers.audit.rules.risks.chances import at_least
from vouchers.audit.rules.risks.facts import Redemption
from vouchers.audit.rules.risks.flags import Evidence, Flag, shown
from vouchers.audit.rules.risks.index import Index, once_each
from vouchers.audit.rules.risks.policy import Rule

EXPECTED = tuple(log10(1 + 1 / digit) for digit in range(1, 10))
"""Benford's law of first digits (F. Benford, 1938)."""


def round_sums(index: Index, rule: Rule) -> Iterator[Flag]:
    """One firm's bills at one provider come to round sums more often than the offering explains.

    Left out where the list price itself is round. The chance of a round sum is what other firms
    have at the same offering, at least `base_permille`.
    """
    step = rule["step_fen"]
    totals: Counter[str] = Counter()
    rounds: Counter[str] = Counter()
    pairs: dict[tuple[str, str], list[Redemption]] = defaultdict(list)
    for one in once_each(index.redemptions):
        if one.list_fen % step:
            totals[one.offering] += 1
            rounds[one.offering] += one.amount_fen % step == 0
            pairs[one.firm, one.offering].append(one)
    for (_firm, offering), found in pairs.items():
        hits = once_each(one for one in found if one.amount_fen % step == 0)
        if len(hits) < rule["least_bills"]:
            continue
        others = totals[offering] - len(found)
        base = (rounds[offering] - len(hits)) / others if others else 0.0
        chance = min(max(base, rule["base_permille"] / 1000), 0.999)
        if at_least(len(hits), len(found), chance) * rule["one_in"] <= 1:
            for one in hits:
                yield rule.flag(
                    one.code,
                    shown("redemption", (each.code for each in hits if each is not one)),
                    rounds=len(hits),
                    bills=len(found),
                    amount_fen=one.amount_fen,
                )


def benford(index: Index, rule: Rule) -> Iterator[Flag]:
    """A provider whose first digits stray from Benford's law: a lead, never more.

    The law holds only for amounts over several powers of ten, so narrow ones are left out, and what
    is sold by the piece or by reserved time, where prices repeat. Both the
    chi-square of eight degrees of freedom and the mean absolute deviation must be large; the latter
    is close to nonconformity from 0.015 on (M. Nigrini, Benford's Law, 2012, table 7.1).
    """
    for provider, every in index.by_provider.items():
        found = [
            one
            for one in every
            if one.quantity >= rule["least_quantity"]
            and not index.book.offerings[one.offering].reserved
        ]
        amounts = sorted(one.amount_fen for one in found)
        if len(amounts) < rule["least_bills"] or not _wide(amounts, rule["spread"]):
            continue
        square, deviation = stray(amounts)
        if square * 10 >= rule["chi_square_tenths"] and (
            deviation * 10_000 >= rule["deviation_per_10000"]
        ):
            for one in found:
                yield rule.flag(
                    one.code,
                    (Evidence("party", provider),),
                    bills=len(amounts),
                    chi_square=int(square),
                    deviation_per_10000=int(deviation * 10_000),
                )


def stray(amounts: Sequence[int]) -> tuple[float, float]:
    """Chi-square and mean absolute deviation of first digits from the law."""
    digits = Counter(int(str(amount)[0]) for amount in amounts if amount > 0)
    total = sum(digits.values())
    square = deviation = 0.0
    for digit, expected in enumerate(EXPECTED, start=1):
        off = digits[digit] - expected * total
        square += off * off / (expected * total)
        deviation += abs(off) / total / 9
    return square, deviation


def _wide(amounts: Sequence[int], spread: int) -> bool:
    low, high = amounts[len(amounts) // 20], amounts[-1 - len(amounts) // 20]
    return high >= low * spread
