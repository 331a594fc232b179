"""A month of claim lines: locked, previewed, settled, signed twice, exported, while others read pages.

BENCH_LINES says how many lines, on as many claims as there are providers. A second process reads pages of
officer, auditor and provider over and over through the product's own handlers, as a web worker would, meanwhile.
"""

import multiprocessing
from collections.abc import Callable
from functools import partial
from multiprocessing.synchronize import Event
from time import perf_counter
from typing import Any

from django.db import connection, connections
from django.test import Client, override_settings
from django.urls import reverse

from accounts.access import Actor
from bench.figures import Figure, Limits, at_most
from common.models import Job
from config import env
from tests.factories import billing, many_claims
from tests.factories.accounts import NOW
from tests.factories.many_claims import Month
from vouchers.audit.actions import (
    batching,
    claim_invariants,
    line_files,
    period_locks,
    settlements,
    settling,
)
from vouchers.audit.models import Claim, Settlement

LINES = env.number("BENCH_LINES", 100_000)
SELLERS = 100
GOAL_SECONDS = 180.0
GOAL_PAGE_MS = 300.0
QUICK_HASHER = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def measure(limits: Limits) -> list[Figure]:
    """Seconds from lock to files, by step, and the 95th percentile of the pages meanwhile."""
    with override_settings(PASSWORD_HASHERS=QUICK_HASHER):  # nobody signs in with a password here
        month = many_claims.month(sellers=SELLERS, lines=LINES)
    month.prefilled()
    month.passed()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    addresses = pages(month)
    connections.close_all()
    stop = multiprocessing.get_context("fork").Event()
    told: Any = multiprocessing.get_context("fork").Queue()
    reader = multiprocessing.get_context("fork").Process(target=read, args=(addresses, stop, told))
    reader.start()
    try:
        spent, seen = settle(month)
    finally:
        stop.set()
    slow = told.get(timeout=60)
    reader.join()
    with connection.cursor() as cursor:
        cursor.execute(claim_invariants.I8)
        assert cursor.fetchall() == []
    steps = [
        at_most(name=f"settle_100k_{name}", value=seconds, unit="s", goal=GOAL_SECONDS)
        for name, seconds in spent.items()
    ]
    assert seen > 1, "no progress was seen"
    return [
        at_most(name="settle_100k", value=sum(spent.values()), unit="s", goal=GOAL_SECONDS),
        *steps,
        at_most(name="settle_100k_pages_p95", value=slow[0], unit="ms", goal=GOAL_PAGE_MS),
        at_most(name=f"settle_100k_slowest_of_{slow[2]}", value=slow[1], unit="ms", goal=10_000),
        at_most(name="settle_100k_own_page", value=own_page(month), unit="ms", goal=GOAL_PAGE_MS),
    ]


def settle(month: Month) -> tuple[dict[str, float], int]:
    """Go through all steps; seconds of each, and how many states of progress the jobs showed."""
    city, spent = month.city, {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        start = perf_counter()
        found = work()
        spent[name] = perf_counter() - start
        return found

    shown = timed("totals", lambda: period_locks.totals(scheme=city.scheme, month=billing.MONTH))
    timed(
        "lock",
        lambda: period_locks.lock(
            by=city.officer, scheme=city.scheme, month=billing.MONTH, shown_fen=shown.lines_fen,
            shown_lines=shown.lines, at=NOW,
        ),
    )  # fmt: skip
    preview = timed("preview", lambda: batching.of(scheme=city.scheme, at=NOW).sha256)
    _made, job = settling.begin(by=city.officer, scheme=city.scheme, preview_sha256=preview, at=NOW)
    assert job is not None
    timed("settle", lambda: settling.carry_out(code=job.code, at=NOW))
    batch = Settlement.objects.get()
    assert batch.total_fen == month.lines * many_claims.LINE_FEN
    for number, signer in enumerate((city.officer, city.second), start=1):
        timed(f"sign_{number}", partial(sign, signer, batch))
    export = line_files.start(by=city.officer, settlement=batch, at=NOW)
    timed("export", lambda: line_files.carry_out(code=export.code, at=NOW))
    done = Job.objects.filter(pk__in=[job.pk, export.pk], status="done")
    return spent, sum(each.total_count for each in done)


def own_page(month: Month) -> float:
    """Milliseconds of the signed batch's own page, which works out the hash of all lines."""
    client = Client(HTTP_HOST="localhost")
    client.force_login(month.city.officer.user)
    address = reverse("vouchers:settlement_detail", args=[Settlement.objects.get().code])
    taken = []
    for _turn in range(6):
        start = perf_counter()
        assert client.get(address).status_code == 200
        taken.append((perf_counter() - start) * 1000)
    return sorted(taken[1:])[2]


def sign(by: Actor, batch: Settlement) -> Settlement:
    """One signature over the present content."""
    return settlements.sign(by=by, settlement=batch, content_sha256=batch.content_sha256, at=NOW)


def pages(month: Month) -> list[tuple[int, str]]:
    """Who reads which page."""
    city = month.city
    claim = Claim.objects.filter(provider=city.provider)[0]
    wanted: tuple[tuple[Actor, str, list[str]], ...] = (
        (city.officer, "settlement_list", []),
        (city.officer, "periodlock_list", []),
        (city.auditor, "audit_list", []),
        (city.auditor, "audit_detail", [claim.code]),
        (city.finance, "claim_list", []),
        (city.finance, "claim_detail", [claim.code]),
        (city.finance, "settlement_list", []),
        (city.finance, "bill_list", []),
    )
    return [(by.user.pk, reverse(f"vouchers:{name}", args=args)) for by, name, args in wanted]


def read(addresses: list[tuple[int, str]], stop: Event, told: Any) -> None:
    """Read the pages one after the other until told to stop; answer p95 and slowest in ms, and how many."""
    from accounts.models import User

    clients = {}
    for pk, _address in addresses:
        clients[pk] = Client(HTTP_HOST="localhost")
        clients[pk].force_login(User.objects.get(pk=pk))
    for pk, address in addresses:
        assert clients[pk].get(address).status_code == 200, address
    taken = []
    while not stop.is_set():
        for pk, address in addresses:
            start = perf_counter()
            clients[pk].get(address)
            taken.append((perf_counter() - start) * 1000)
    taken.sort()
    told.put((taken[int(len(taken) * 0.95)], taken[-1], len(taken)))
