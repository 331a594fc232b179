"""Several client processes at the same moment, each with a database connection of its own."""

import multiprocessing
import time
from collections.abc import Callable
from multiprocessing.synchronize import Barrier

from django.db import connection

Work = Callable[[int, int], int]
"""Called with the client's number and a running number; answers how many things it did."""

CLIENTS = 8
SECONDS = 8.0
WARM_UP = 20


def per_second(work: Work, *, clients: int = CLIENTS, seconds: float = SECONDS) -> float:
    """Things done in a second by `clients` processes together, durable commits included.

    Each client does WARM_UP calls first, so that connecting and preparing statements are not counted.
    """
    connection.close()
    context = multiprocessing.get_context("fork")
    barrier, counts = context.Barrier(clients), context.Queue()
    processes = [
        context.Process(target=_run, args=(work, number, seconds, barrier, counts))
        for number in range(clients)
    ]
    for process in processes:
        process.start()
    done: list[float] = [counts.get(timeout=seconds * 10 + 60) for _ in processes]
    for process in processes:
        process.join()
    return sum(done)


def _run(
    work: Work,
    number: int,
    seconds: float,
    barrier: Barrier,
    counts: "multiprocessing.Queue[float]",
) -> None:
    for turn in range(WARM_UP):
        work(number, turn)
    barrier.wait()
    start = time.perf_counter()
    done, turn = 0, WARM_UP
    while time.perf_counter() - start < seconds:
        done += work(number, turn)
        turn += 1
    counts.put(done / (time.perf_counter() - start))
    connection.close()
