"""A clearing round: 100,000 needs with 20 candidates each, 2,000 offerings, 10 budgets, floors.

The round runs in a process of its own, so that its memory is its own. Half the candidates'
subsidies cannot be paid and most offerings run full. A second solver (HiGHS) bounds a round of
10,000 needs: its linear relaxation, solved without our prices, must not lie above our bound, nor
our plan above it.
"""

import json
import os
import resource
import subprocess
import sys
import time

from bench.catalogs import clearing_round
from bench.figures import Figure, Limits, against, at_most
from marketplace.matching.rules import rounds_clearing, rounds_protocol
from tests.marketplace.matching import linear

NEEDS = int(os.environ.get("BENCH_NEEDS", "100000"))
CROSS_CHECKED = 10_000
GOALS = {"first_s": 10.0, "gap_percent": 0.1, "seconds": 60.0, "memory_mb": 1024.0}


def measure(limits: Limits) -> list[Figure]:
    """The round in a process of its own, then the cross-check."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.bench_round"], check=True, capture_output=True, text=True
    )
    sys.stdout.write(done.stdout)
    found = json.loads(done.stdout.splitlines()[-1])
    return [
        at_most(name="round_first_plan", value=found["first_s"], unit="s", goal=GOALS["first_s"]),
        at_most(name="round_gap", value=found["gap_percent"], unit="%", goal=GOALS["gap_percent"]),
        at_most(name="round_seconds", value=found["seconds"], unit="s", goal=GOALS["seconds"]),
        at_most(name="round_memory", value=found["memory_mb"], unit="MB", goal=GOALS["memory_mb"]),
        _against_yardstick("greedy", found),
        _against_yardstick("first_come", found),
        *cross_checked(),
    ]


def run() -> dict[str, float]:
    """Build and clear the round, printing each plan; then its figures."""
    found = clearing_round(needs=NEEDS)
    start, busy = time.perf_counter(), time.process_time()
    first = 0.0
    for plan in rounds_clearing.improve(found):
        spent = time.perf_counter() - start
        first = first or spent
        computed = time.process_time() - busy
        sys.stdout.write(f"{spent:8.2f} s ({computed:.2f} s computed) {plan.value:>16,} points")
        sys.stdout.write(f", gap {100 * float(plan.gap):.4f} %\n")
    seconds = time.perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    protocol = rounds_protocol.protocol(found, plan)
    sys.stdout.write(f"plan {protocol.plan_digest} of {protocol.served:,} served\n")
    return {
        "first_s": first,
        "seconds": seconds,
        "gap_percent": 100 * float(plan.gap),
        "memory_mb": memory,
        "value": plan.value,
        "greedy": protocol.greedy,
        "first_come": protocol.first_come,
    }


def cross_checked() -> list[Figure]:
    """HiGHS on 10,000 needs: its optimum of the relaxation over our bound, and our plan over it."""
    found = clearing_round(needs=min(NEEDS, CROSS_CHECKED))
    plan = rounds_clearing.clear(found)
    start = time.perf_counter()
    relaxed = linear.relaxed_optimum(found)
    sys.stdout.write(f"HiGHS, {len(found.needs):,} needs: {time.perf_counter() - start:.1f} s\n")
    assert plan.value <= relaxed * (1 + 1e-6) <= plan.bound * (1 + 2e-6)
    return [
        against(
            name="round_plan_highs", value=plan.value, unit="points", limit_name="HiGHS optimum",
            limit=relaxed, goal=0.998,
        ),
        against(
            name="round_bound_highs", value=relaxed, unit="points", limit_name="our bound",
            limit=plan.bound, goal=0.999,
        ),
    ]  # fmt: skip


def _against_yardstick(name: str, found: dict[str, float]) -> Figure:
    return against(
        name=f"round_{name}", value=found["value"], unit="points", limit_name=f"{name} without floors",
        limit=found[name], goal=1.0,
    )  # fmt: skip


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run()) + "\n")
