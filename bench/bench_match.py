"""One need against 10,000 offerings and against ten times as many.

The engine alone, on a catalog held in memory with the firm's vouchers given: no database, no page.
Composing includes the hard limits, the exact best ten, prices after vouchers and all exclusions.
"""

import random
import sys
import time
from fractions import Fraction

import numpy as np

from bench.catalogs import composable, needs
from bench.figures import Figure, Limits, at_most
from marketplace.matching.rules.compose import compose
from marketplace.matching.rules.compose_pricing import Wallet
from vouchers.billing.rules.burndown import VoucherMeans

OFFERINGS, TIMES_MORE, NEEDS = 10_000, 10, 100
GOAL_MS, GOAL_GROWTH = 50.0, 3.0


def measure(limits: Limits) -> list[Figure]:
    """95th percentile over NEEDS needs on both catalogs, in the same run."""
    few = _p95_ms(OFFERINGS)
    many = _p95_ms(OFFERINGS * TIMES_MORE)
    return [
        at_most(name="match_p95", value=few, unit="ms", goal=GOAL_MS),
        at_most(name="match_growth", value=many / few, unit="times", goal=GOAL_GROWTH),
    ]


def _p95_ms(offerings: int) -> float:
    catalog = composable(offerings=offerings)
    draw = random.Random(3)
    amounts = np.array([draw.randint(1, 60) * 10_000 for _ in catalog.items], dtype=np.int64)
    vouchers = [
        VoucherMeans(1, Fraction(3, 10), "half_up_fen", 500_000),
        VoucherMeans(2, Fraction(1, 2), "floor_fen", 200_000),
    ]
    wallet = Wallet(amounts, vouchers)
    spent, found = [], 0
    for wanted in needs(count=NEEDS):
        start = time.perf_counter()
        answer = compose(catalog, wanted, wallet)
        spent.append(1000 * (time.perf_counter() - start))
        found += bool(answer.chains)
    spent.sort()
    p95 = spent[int(0.95 * len(spent))]
    sys.stdout.write(
        f"{offerings:,} offerings: median {spent[len(spent) // 2]:.1f} ms, p95 {p95:.1f} ms,"
        f" {found} of {NEEDS} needs served\n"
    )
    return p95


if __name__ == "__main__":
    for figure in (_p95_ms(OFFERINGS), _p95_ms(OFFERINGS * TIMES_MORE)):
        sys.stdout.write(f"{figure:.1f} ms\n")
