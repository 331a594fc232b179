"""Fraud work, measured: what the risk rules find among 100,000 clean redemptions.

Two books that no threshold was set by: one with some hundred planted redemptions for every rule (recall,
false alarms, time), one with half a percent of fraud in all (who stands on top of the list). The
confusion table is printed whole.
"""

import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from bench.figures import Figure, Limits, against, at_most
from bench.fraud.generate import Drawn, draw
from vouchers.audit.rules.risks import policy, scan
from vouchers.audit.rules.risks.flags import Flag

CLEAN = 100_000
PLANTED_EACH, SPARSE_EACH = 300, 17
SEED, SPARSE_SEED = 3101, 3102
TOP = 50


@dataclass(frozen=True, slots=True)
class Row:
    """One rule held against the truth, in redemptions.

    `found` of `planted` were flagged by the very rule they were planted for; `clean` ones were
    flagged wrongly; `other` are fraud of another kind.
    """

    rule: str
    planted: int
    found: int
    clean: int
    other: int

    @property
    def recall(self) -> float:
        """Found of planted."""
        return self.found / self.planted


def measure(limits: Limits) -> list[Figure]:
    """Both books, one after the other."""
    dense = draw(seed=SEED, clean=CLEAN, planted_each=PLANTED_EACH)
    start = time.perf_counter()
    flags = scan.scan(dense.book, policy.shipped())
    seconds = time.perf_counter() - start
    rows = confusion(dense.truth, flags)
    false = false_part(dense, flags)
    show(rows, f"{len(dense.truth):,} planted among {CLEAN:,} clean, seed {SEED}")
    del dense
    sparse = draw(seed=SPARSE_SEED, clean=CLEAN, planted_each=SPARSE_EACH)
    sparse_flags = scan.scan(sparse.book, policy.shipped())
    show(
        confusion(sparse.truth, sparse_flags),
        f"{len(sparse.truth):,} planted among {CLEAN:,} clean, seed {SPARSE_SEED}",
    )
    false = max(false, false_part(sparse, sparse_flags))
    least = min(row.recall for row in rows)
    top = top_part(sparse, sparse_flags)
    return [
        _part("fraud_recall_min", least, 0.9),
        at_most(name="fraud_false_rate", value=max(false * 100, 1e-6), unit="% of clean", goal=2),
        _part("fraud_top50", top, 0.8),
        at_most(name="fraud_scan", value=seconds, unit="s", goal=300),
    ]


def confusion(truth: Mapping[str, str], flags: Iterable[Flag]) -> list[Row]:
    """One row a rule."""
    flagged: dict[str, set[str]] = defaultdict(set)
    for flag in flags:
        flagged[flag.rule].add(flag.subject)
    planted: dict[str, set[str]] = defaultdict(set)
    for code, risk in truth.items():
        planted[risk].add(code)
    return [_row(rule, planted[rule], flagged[rule], truth.keys()) for rule in scan.FINDERS]


def false_part(drawn: Drawn, flags: Iterable[Flag]) -> float:
    """Clean redemptions that any rule flagged, leads included, among all clean ones."""
    wrong = {flag.subject for flag in flags} - drawn.truth.keys()
    return len(wrong) / (len(drawn.book.redemptions) - len(drawn.truth))


def top_part(drawn: Drawn, flags: Iterable[Flag]) -> float:
    """Planted ones among the first fifty of the list."""
    top = scan.ranked(drawn.book, flags)[:TOP]
    return sum(each.code in drawn.truth for each in top) / TOP


def show(rows: Iterable[Row], title: str) -> None:
    """The whole table, failures included."""
    lines = [title, f"{'rule':26}{'planted':>8}{'found':>7}{'recall':>8}{'clean':>7}{'other':>7}"]
    lines += [
        f"{row.rule:26}{row.planted:8}{row.found:7}{row.recall:8.3f}{row.clean:7}{row.other:7}"
        for row in rows
    ]
    sys.stdout.write("\n".join(lines) + "\n")


def _row(
    rule: str, planted: AbstractSet[str], flagged: AbstractSet[str], fraud: AbstractSet[str]
) -> Row:
    return Row(
        rule,
        len(planted),
        len(planted & flagged),
        len(flagged - fraud),
        len((flagged & fraud) - planted),
    )


def _part(name: str, value: float, goal: float) -> Figure:
    return against(
        name=name, value=value * 100, unit="%", limit_name=f"{goal:.0%}", limit=goal * 100, goal=1
    )
