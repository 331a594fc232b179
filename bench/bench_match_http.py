"""Matching through HTTP: how long a firm waits until its need is answered from 10,000 offerings.

Eight clients on connections of their own ask again and again to match needs of their own firm, which has two
vouchers, at a web server as `make run` starts it: hard limits, the exact best twenty after vouchers, all exclusions,
written and answered with their reasons. A tenth of the offerings were rated, so the rank without use is told too.
"""

import http.client
import itertools
import json
import os
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from accounts.actions import keys
from accounts.permissions import Permission
from bench import shelves
from bench.figures import Figure, Limits, at_most
from common.periods import local_day, month_start
from config import env
from config.local import servers
from config.local.application import Application
from marketplace.models import Scenario
from tests.factories import accounts, grants, marketplace
from vouchers.models import Scheme

OFFERINGS = env.number("BENCH_OFFERINGS", 10_000)
CLIENTS = 8
NEEDS = 5
"""Of each client, each of another scenario."""
ASKS = env.number("BENCH_MATCHES", 60)
"""Of each client; the first tenth warms up."""
GOAL_MS = 120.0


def measure(limits: Limits) -> list[Figure]:
    """Middle and 95th percentile of the answers, and what one costs the web server."""
    now = datetime.now().astimezone()
    scenes = shelves.fill(offerings=OFFERINGS, month=month_start(local_day(now)))
    plan = grants.scheme(budget_fen=10**10)
    firms = [_firm(number, plan, scenes, now) for number in range(CLIENTS)]
    group = servers.bench()
    web = Application(group.postgres.place, group.addresses | {"DATABASE_URL": limits.address})
    web.start_one("web")
    try:
        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(lambda firm: _client(web.url, firm, ASKS // 10), firms))
            before = _busy_ms(web)
            found = list(pool.map(lambda firm: _client(web.url, firm, ASKS), firms))
            busy = (_busy_ms(web) - before) / (CLIENTS * ASKS)
    finally:
        web.stop_one("web")
    waits = sorted(itertools.chain(*found))
    sys.stdout.write(f"{busy:.1f} ms of the web server's processors for one match\n")
    return [
        *(
            at_most(name=name, value=waits[int(len(waits) * part)], unit="ms", goal=GOAL_MS)
            for name, part in (("match_http_p50", 0.5), ("match_http_p95", 0.95))
        ),
        at_most(name="match_http_cpu", value=busy, unit="ms of CPU", goal=GOAL_MS / 4),
    ]


def _firm(
    number: int, plan: Scheme, scenes: list[Scenario], now: datetime
) -> tuple[str, list[str]]:
    """A firm's key and the codes of its needs."""
    firm = accounts.organization()
    for face_fen in (500_000, 200_000):
        grants.voucher(firm, plan, face_fen=face_fen)
    chance = random.Random(number)
    codes = [
        marketplace.need(
            firm,
            scene,
            monthly_volume=chance.randint(1, 30) * 1_000,
            monthly_budget_fen=chance.randint(5, 50) * 100_000,
            region=chance.choice(["", "", "620000"]),
            latency_us=chance.choice([None, None, 20_000]),
        ).code
        for scene in chance.sample(scenes, NEEDS)
    ]
    _key, token = keys.create(
        by=accounts.signatory(firm), name="bench", scopes=[Permission.NEED_MANAGE],
        expires_at=now + timedelta(days=2), at=now,
    )  # fmt: skip
    return token, codes


def _client(url: str, firm: tuple[str, list[str]], asks: int) -> list[float]:
    """Milliseconds of each answer."""
    token, codes = firm
    door = http.client.HTTPConnection(urlsplit(url).netloc)
    headers, waits = {"Authorization": f"Bearer {token}"}, []
    for turn in range(asks):
        path = f"/api/v1/needs/{codes[turn % len(codes)]}/matches/"
        start = time.perf_counter()
        door.request("POST", path, headers=headers)
        answer = door.getresponse()
        content = answer.read()
        waits.append((time.perf_counter() - start) * 1_000)
        if answer.status != 200 or not json.loads(content):
            raise RuntimeError(content[:500])
    door.close()
    return waits


def _busy_ms(web: Application) -> float:
    """Processor time that the web server and its children spent so far."""
    known = web.register.read("web")
    if known is None:
        raise RuntimeError("the web server does not run")
    children = Path(f"/proc/{known.pid}/task/{known.pid}/children").read_text().split()
    ticks = 0
    for pid in (str(known.pid), *children):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return 1_000 * ticks / os.sysconf("SC_CLK_TCK")
