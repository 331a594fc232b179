"""One tick over thousands of running orders: rated, burned down, charged and durable.

Each order is a subscription of its own enterprise with usage since the last tick; the enterprises
hold the vouchers, one or two each. `tick_first` opens the bills, `tick_5000` adds to them: the
state in which a tick finds its work on every day but a month's first. Both are worked as the
schedule has it, by two worker processes with half of the shards each; `tick_5000_alone` by one.
"""

import contextlib
import multiprocessing
import os
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection

from django.db import connection

from bench.figures import Figure, Limits, at_most
from bench.orders import City, city, use
from config.celery import keep_what_is_loaded
from tests.factories.accounts import NOW
from vouchers.billing.actions.charging import rating
from vouchers.billing.models import Bill, UnbilledUsage

ORDERS = int(os.environ.get("BENCH_TICK_ORDERS", "5000"))
VOUCHERS = ORDERS * 3 // 2
GOAL_SECONDS = 0.5
ROUNDS = 3
WORKERS = 2


def measure(limits: Limits) -> list[Figure]:
    """The first tick of a month, then the middle of three later ones by two workers, and by one."""
    rating.tick(at=NOW)  # what other benchmarks left behind
    made = city(orders=ORDERS, vouchers=VOUCHERS)
    with _workers(WORKERS) as workers:
        first = _timed(made, workers)
        later = sorted(_timed(made, workers) for _ in range(ROUNDS))
    with _workers(1) as workers:
        alone = sorted(_timed(made, workers) for _ in range(ROUNDS))
    assert Bill.objects.filter(total_fen__gt=0).count() >= ORDERS
    middle = later[len(later) // 2]
    return [
        at_most(name="tick_first", value=first, unit="s", goal=2 * GOAL_SECONDS),
        at_most(name=f"tick_{ORDERS}", value=middle, unit="s", goal=GOAL_SECONDS),
        at_most(
            name=f"tick_{ORDERS}_alone", value=alone[len(alone) // 2], unit="s", goal=GOAL_SECONDS
        ),
        limits.against_tpcb(
            name=f"tick_{ORDERS}_bills", value=ORDERS / middle, unit="bills/s", goal=0.02
        ),
    ]


def _timed(made: City, workers: list[Connection]) -> float:
    use(made)
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
    start = time.perf_counter()
    for worker in workers:
        worker.send("tick")
    tallies = [worker.recv() for worker in workers]
    spent = time.perf_counter() - start
    assert sum(tally.rated for tally in tallies) == ORDERS, tallies
    assert not UnbilledUsage.objects.exists()
    return spent


@contextlib.contextmanager
def _workers(count: int) -> Iterator[list[Connection]]:
    """Worker processes that are connected and wait for the word."""
    connection.close()
    context = multiprocessing.get_context("fork")
    pipes = [context.Pipe() for _ in range(count)]
    processes = [
        context.Process(target=_work, args=(theirs, part, count))
        for part, (_, theirs) in enumerate(pipes)
    ]
    for process in processes:
        process.start()
    ours = [mine for mine, _ in pipes]
    try:
        yield ours
    finally:
        for pipe in ours:
            pipe.send(None)
        for process in processes:
            process.join()


def _work(pipe: Connection, part: int, parts: int) -> None:
    keep_what_is_loaded()
    connection.ensure_connection()
    while pipe.recv():
        pipe.send(rating.tick(at=NOW, part=part, parts=parts))
    connection.close()
