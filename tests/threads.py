"""Runs functions at the same moment in real threads, each with a database connection of its own."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

Answer = TypeVar("Answer")


def together(works: Sequence[Callable[[], Answer]]) -> list[Answer | Exception]:
    """Start all at one barrier; the answers in order, an exception in place of an answer that was refused."""
    barrier = threading.Barrier(len(works))

    def run(work: Callable[[], Answer]) -> Answer | Exception:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=30)
            return work()
        except Exception as error:  # noqa: BLE001 - the test looks at what was raised
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(works)) as pool:
        return list(pool.map(run, works))


def in_rounds(
    works: Sequence[Callable[[], Answer]], *, threads: int
) -> list[list[Answer | Exception]]:
    """Each work is one round: all threads do it at the same moment. The threads and their connections stay."""
    barrier = threading.Barrier(threads)

    def run(_number: int) -> list[Answer | Exception]:
        answers: list[Answer | Exception] = []
        try:
            connection.ensure_connection()
            for work in works:
                barrier.wait(timeout=60)
                try:
                    answers.append(work())
                except Exception as error:  # noqa: BLE001 - the test looks at what was raised
                    answers.append(error)
        finally:
            connection.close()
        return answers

    with ThreadPoolExecutor(max_workers=threads) as pool:
        by_thread = list(pool.map(run, range(threads)))
    return [list(answers) for answers in zip(*by_thread, strict=True)]
