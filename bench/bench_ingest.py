"""Usage events taken in a second, through HTTP and in one process, from JSON bytes to commit."""

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import psycopg

from accounts.access import Actor
from accounts.actions import keys
from accounts.permissions import Permission
from bench.figures import Figure, Limits, against, at_most
from bench.limits import copied as copied_per_second
from config import env
from config.local.application import answers, free_port, web_server
from providers.models import Subscription
from tests.factories import providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from vouchers.billing.actions.metering import usage
from vouchers.billing.rules import wire
from vouchers.billing.rules.events import EVENT_TYPE

EVENTS = 100_000
SUBSCRIPTIONS = 50
GOALS = {5_000: 0.35, 1_000: 0.25}
"""Least ratio by batch size."""
ROUNDS = 5
"""Through HTTP and COPY in turn; the middle of each counts, since a second is soon disturbed."""
CLIENTS = 8
"""Connections, which the kernel deals out to the two processes as it likes.

They take the next batch from one queue, as a provider's collectors do: so both processes have work
until the last, however uneven they were dealt.
"""
WARMING = 64
"""Small batches sent before the clock runs: each thread of the server has its connection then."""
MEMORY_GOAL = 300.0
"""Megabytes of the process that takes the events, at its highest."""
BYTES_GOAL = 1_000.0
"""Of the log and of the tables, for each event stored."""
FIRST_PORT = 8_700


def measure(limits: Limits) -> list[Figure]:
    """Batches of 5,000 and of 1,000; a tenth of the events are sent twice."""
    offering = providers.token_offering()
    contracts = [providers.subscription(offered=offering) for _ in range(SUBSCRIPTIONS)]
    by = metered.operator(offering.provider)
    rates = {f"ingest_{size}": _in_process(by, contracts, size) for size in GOALS}
    before = _sizes(limits.address)
    copied = []
    through: dict[int, list[float]] = {size: [] for size in GOALS}
    with _server() as server:
        for turn in range(ROUNDS):
            for size, found in through.items():
                found.append(_through_http(server, by, contracts, size, turn))
            copied.append(copied_per_second(limits.address, "vouchers_usageevent", EVENTS))
        memory = server.peak_megabytes()
    grown = {name: size - before[name] for name, size in _sizes(limits.address).items()}
    rates |= {f"ingest_http_{size}": median(found) for size, found in through.items()}
    return [
        *(
            against(
                name=name,
                value=rate,
                unit="events/s",
                limit_name="raw COPY of the same rows",
                limit=median(copied),
                goal=GOALS[int(name.rpartition("_")[2])],
            )
            for name, rate in rates.items()
        ),
        at_most(name="ingest_memory", value=memory, unit="MB at most", goal=MEMORY_GOAL),
        *(
            at_most(
                name=f"ingest_{name}",
                value=grown[name] / grown["events"],
                unit="bytes/event",
                goal=BYTES_GOAL,
            )
            for name in ("wal", "disk")
        ),
    ]


def _in_process(by: Actor, contracts: list[Subscription], size: int) -> float:
    bodies = _bodies(contracts, size, "process")
    usage.ingest(by=by, events=wire.read_batch(_body(contracts, EVENTS, size, "warm")), at=NOW)
    start = time.perf_counter()
    for body in bodies:
        usage.ingest(by=by, events=wire.read_batch(body), at=NOW)
    return EVENTS / (time.perf_counter() - start)


class Server:
    """A web server like that of `make run`, with two processes for requests."""

    def __init__(self, process: "subprocess.Popen[bytes]", url: str) -> None:
        self.process = process
        self.url = url

    def peak_megabytes(self) -> float:
        """The most memory that one of its working processes ever held."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        lines = (
            line
            for pid in children.split()
            for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        )
        return max(int(line.split()[1]) / 1_000 for line in lines if line.startswith("VmHWM:"))


@contextmanager
def _server() -> Iterator[Server]:
    port = free_port(FIRST_PORT)
    url = f"http://127.0.0.1:{port}/"
    process = subprocess.Popen(
        [
            str(Path(sys.executable).parent / "granian"),
            "--interface",
            "wsgi",
            "config.wsgi:application",
        ],
        env=env.inherited({**web_server(port), "LOG_LEVEL": "WARNING"}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 60
        while not answers(f"{url}healthz"):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the web server does not answer")
            time.sleep(0.1)
        yield Server(process, url)
    finally:
        process.terminate()
        process.wait(30)


def _through_http(
    server: Server, by: Actor, contracts: list[Subscription], size: int, turn: int
) -> float:
    """Several connections send batches from one queue."""
    _key, token = keys.create(
        by=by,
        name=f"bench {size} {turn}",
        scopes=[Permission.USAGE_REPORT],
        expires_at=NOW + timedelta(days=366),
        at=NOW,
    )
    bodies = _bodies(contracts, size, f"http {turn}")
    _together(server, token, [_body(contracts, EVENTS, 100, "http warm")] * WARMING)
    start = time.perf_counter()
    accepted = _together(server, token, bodies)
    seconds = time.perf_counter() - start
    assert accepted >= EVENTS * 0.89, accepted
    return EVENTS / seconds


def _together(server: Server, token: str, bodies: list[bytes]) -> int:
    """All clients send from one queue; how many events were accepted."""
    waiting = iter(bodies)
    with ThreadPoolExecutor(CLIENTS) as pool:
        sent = [pool.submit(_send, server, token, waiting) for _client in range(CLIENTS)]
        return sum(each.result() for each in sent)


def _send(server: Server, token: str, bodies: Iterable[bytes]) -> int:
    """Post each body; how many events were accepted, as the answers say in their first bytes."""
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc)
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/cloudevents-batch+json",
    }
    accepted = 0
    for body in bodies:
        connection.request("POST", "/api/v1/usage/", body, headers)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise RuntimeError(content[:500])
        accepted += int(content[: content.index(b",")].rpartition(b":")[2])
    connection.close()
    return accepted


def _sizes(address: str) -> dict[str, int]:
    """Bytes of log written, bytes of the tables of usage, events stored."""
    with psycopg.connect(address) as connection:
        row = connection.execute(
            """
            SELECT pg_current_wal_insert_lsn() - '0/0',
                   (SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c
                    WHERE relkind = 'r' AND relname ~ '^vouchers_usage(event|key|rollup)'),
                   (SELECT count(*) FROM vouchers_usageevent)
            """
        ).fetchone()
    assert row is not None
    return dict(zip(("wal", "disk", "events"), map(int, row), strict=True))


def _bodies(contracts: list[Subscription], size: int, source: str) -> list[bytes]:
    return [_body(contracts, first, size, source) for first in range(0, EVENTS, size)]


def _body(contracts: list[Subscription], first: int, size: int, source: str) -> bytes:
    """A batch; every tenth number was sent in the batch before."""
    rows = []
    for index in range(size):
        number = first + index - (size if index % 10 == 0 and first else 0)
        rows.append(
            {
                "specversion": "1.0",
                "type": EVENT_TYPE,
                "source": f"/bench/{source}/{size}",
                "id": f"request-{number:09}",
                "time": f"2026-10-{1 + number % 10:02}T10:00:{number % 60:02}+08:00",
                "subject": contracts[number % len(contracts)].code,
                "data": {"input_tokens": 100 + number % 4_000, "output_tokens": 1 + number % 900},
            }
        )
    return json.dumps(rows).encode()
