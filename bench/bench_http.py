"""Redemptions through HTTP: how long a client waits for its report of usage that a voucher pays.

Eight clients on connections of their own report one event after the other, each for a random subscription with a
voucher, to a web server as `make run` starts it. Its answer means durable; the redemption itself is the tick's, which
runs beside them every five seconds as the worker does. Afterwards every accepted event is billed, and the vouchers
paid their share of it.
"""

import http.client
import json
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.db import connection
from django.db.models import Sum

from accounts.actions import keys
from accounts.permissions import Permission
from bench.figures import Figure, Limits, at_most
from config import env
from config.local import servers
from config.local.application import Application
from providers.models import Subscription
from tests.factories import grants, providers
from tests.factories import usage as metered
from vouchers.billing.actions.charging import rating
from vouchers.billing.models import Bill
from vouchers.billing.rules.events import EVENT_TYPE

CLIENTS = 8
REPORTS = env.number("BENCH_HTTP_REPORTS", 400)
"""Of each client; the first tenth warms up."""
CONTRACTS = 200
TICK_SECONDS = 5.0
GOAL_MS = 60.0
PRICE_FEN, SHARE = 200, (3, 10)
"""One million input tokens at 2.00 yuan; the voucher pays three tenths."""


def measure(limits: Limits) -> list[Figure]:
    """Middle and 95th percentile of the answers."""
    contracts = _contracts()
    now = datetime.now().astimezone()
    _key, token = keys.create(
        by=metered.operator(contracts[0].offering.provider),
        name="bench http",
        scopes=[Permission.USAGE_REPORT],
        expires_at=now + timedelta(days=2),
        at=now,
    )
    group = servers.bench()
    web = Application(group.postgres.place, group.addresses | {"DATABASE_URL": limits.address})
    web.start_one("web")
    try:
        waits = sorted(_spend(web.url, token, [each.code for each in contracts]))
    finally:
        web.stop_one("web")
    rating.tick(at=datetime.now().astimezone())
    _agree(contracts)
    return [
        at_most(name=name, value=waits[int(len(waits) * part)], unit="ms", goal=GOAL_MS)
        for name, part in (("redeem_http_p50", 0.5), ("redeem_http_p95", 0.95))
    ]


def _contracts() -> list[Subscription]:
    offering = providers.token_offering()
    plan = grants.scheme(rules=metered.RULES, budget_fen=10**12)
    made = [providers.subscription(offered=offering) for _ in range(CONTRACTS)]
    for contract in made:
        grants.voucher(contract.enterprise, plan, face_fen=10**8)
    return made


def _spend(url: str, token: str, codes: list[str]) -> list[float]:
    """Milliseconds of each report, all clients together."""
    over = threading.Event()
    ticker = threading.Thread(target=_tick_until, args=(over,))
    ticker.start()
    with ThreadPoolExecutor(CLIENTS) as pool:
        waits = list(pool.map(lambda number: _client(url, token, codes, number), range(CLIENTS)))
    over.set()
    ticker.join()
    return [wait for each in waits for wait in each[REPORTS // 10 :]]


def _tick_until(over: threading.Event) -> None:
    try:
        while not over.wait(TICK_SECONDS):
            rating.tick(at=datetime.now().astimezone())
    finally:
        connection.close()


def _client(url: str, token: str, codes: list[str], number: int) -> list[float]:
    door = http.client.HTTPConnection(urlsplit(url).netloc)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/cloudevents+json"}
    chance, waits = random.Random(number), []
    for turn in range(REPORTS):
        event = {
            "specversion": "1.0",
            "type": EVENT_TYPE,
            "source": "/bench/http",
            "id": f"{number}/{turn}",
            "time": datetime.now().astimezone().isoformat(),
            "subject": chance.choice(codes),
            "data": {"input_tokens": 1_000_000},
        }
        body = json.dumps(event).encode()
        start = time.perf_counter()
        door.request("POST", "/api/v1/usage/", body, headers)
        answer = door.getresponse()
        content = answer.read()
        waits.append((time.perf_counter() - start) * 1_000)
        if answer.status != 200 or b'"accepted":1' not in content:
            raise RuntimeError(content[:500])
    door.close()
    return waits


def _agree(contracts: list[Subscription]) -> None:
    """Every accepted event is on a bill, and the vouchers paid their share."""
    sums = Bill.objects.filter(subscription__in=contracts).aggregate(
        total=Sum("total_fen"), voucher=Sum("voucher_fen")
    )
    total_fen = CLIENTS * REPORTS * PRICE_FEN
    assert sums == {"total": total_fen, "voucher": total_fen * SHARE[0] // SHARE[1]}, sums
