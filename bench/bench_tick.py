"""One tick over thousands of running orders: rated, burned down, charged and durable.

Each order is a subscription of its own enterprise with usage since the last tick; the enterprises
hold the vouchers, one or two each. `tick_first` opens the bills, `tick_5000` adds to them: the
state in which a tick finds its work on every day but a month's first.
"""

import os
import time

from django.db import connection

from bench.figures import Figure, Limits, at_most
from bench.orders import City, city, use
from tests.factories.accounts import NOW
from vouchers.billing.actions.charging import rating
from vouchers.billing.models import Bill, UsageRollup

ORDERS = int(os.environ.get("BENCH_TICK_ORDERS", "5000"))
VOUCHERS = ORDERS * 3 // 2
GOAL_SECONDS = 0.5
ROUNDS = 3


def measure(limits: Limits) -> list[Figure]:
    """The first tick of a month, then the best and the middle of three later ones."""
    rating.tick(at=NOW)  # what other benchmarks left behind
    made = city(orders=ORDERS, vouchers=VOUCHERS)
    first = _timed(made)
    later = sorted(_timed(made) for _ in range(ROUNDS))
    assert Bill.objects.filter(total_fen__gt=0).count() >= ORDERS
    middle = later[len(later) // 2]
    return [
        at_most(name="tick_first", value=first, unit="s", goal=2 * GOAL_SECONDS),
        at_most(name=f"tick_{ORDERS}", value=middle, unit="s", goal=GOAL_SECONDS),
        limits.against_tpcb(
            name=f"tick_{ORDERS}_bills", value=ORDERS / middle, unit="bills/s", goal=0.02
        ),
    ]


def _timed(made: City) -> float:
    use(made)
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
    start = time.perf_counter()
    tally = rating.tick(at=NOW)
    spent = time.perf_counter() - start
    assert (tally.rated, tally.failed) == (ORDERS, 0), tally
    assert not UsageRollup.objects.filter(is_dirty=True).exists()
    return spent
