"""kill -9 of PostgreSQL, of clients and of the deliverer amid holds and captures: nothing lost, nothing double.

Clients call the ledger's actions and die within their own transactions; test_http_kills kills the whole product.

CHAOS_REDEMPTIONS says how many; `make chaos` plays 50,000 on a server with durable commits.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from common import outbox
from common.models import OutboxMessage
from config import env
from config.local import place, processes
from config.local.postgres import Postgres
from config.local.servers import TEST_SETTINGS
from tests.chaos import databases, redeemer
from tests.factories import ledger
from tests.vouchers.ledger.sql import broken
from vouchers.ledger.actions import invariants
from vouchers.ledger.models import Account, Hold, Transfer

REDEMPTIONS = int(os.environ.get("CHAOS_REDEMPTIONS", "1000"))
CLIENTS = 4
VOUCHERS = 8
AFFORDABLE = REDEMPTIONS // VOUCHERS * 9 // 10
"""What each voucher can pay: a tenth of the redemptions must be refused."""
IS_LONG = REDEMPTIONS > 5_000
APART = min(200, REDEMPTIONS // 12)
"""Redemptions between two kills: a slow machine starts no more processes than a quick one."""
WITHIN = timedelta(seconds=60)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Postgres]:
    """A cluster of our own, with the schema of the tests' template."""
    run = tmp_path / "run"
    made = Postgres(place.find(run), {} if IS_LONG else TEST_SETTINGS)
    made.start()
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture
def ours(
    server: Postgres, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[str]:
    """Copy the tests' migrated database into that cluster and point Django at it."""
    with databases.moved_to(server) as address, django_db_blocker.unblock():
        yield address


class Fleet:
    """The processes that are killed and come back."""

    def __init__(self, folder: Path, address: str, vouchers: list[Account], payable: int) -> None:
        self.folder = folder
        self.environment = env.inherited(
            {
                "DATABASE_URL": address,
                "DJANGO_SETTINGS_MODULE": "config.settings.dev",
                "RUN_FOLDER": str(folder),
                "EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend",
            }
        )
        keys = ",".join(str(voucher.pk) for voucher in vouchers)
        share = REDEMPTIONS // CLIENTS
        self.commands = {
            str(first): [str(first), str(first + share), keys, str(payable), str(folder)]
            for first in range(0, REDEMPTIONS, share)
        }
        self.commands["deliver"] = ["deliver"]
        self.running = {name: self.start(name) for name in self.commands}
        self.done = dict.fromkeys(self.commands, 0)

    def start(self, name: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.redeemer", *self.commands[name]],
            cwd=env.ROOT,
            env=self.environment,
        )

    def kill(self, name: str) -> None:
        """Kill -9 and start again; a client that was through is left alone."""
        process = self.running[name]
        if process.poll() is None:
            process.kill()
            process.wait()
            self.running[name] = self.start(name)

    def numbers_done(self, name: str) -> int:
        """What a client wrote down; what the deliverer delivered."""
        if name == "deliver":
            return OutboxMessage.objects.filter(delivered_at__isnull=False).count()
        return len(redeemer.acknowledged(self.folder, int(name)).numbers)

    def is_through(self) -> bool:
        clients = [self.running[name] for name in self.commands if name != "deliver"]
        assert all(process.poll() in {None, 0} for process in clients)
        return all(process.poll() == 0 for process in clients)

    def answers(self) -> dict[int, str]:
        found: dict[int, str] = {}
        for name in self.commands.keys() - {"deliver"}:
            found |= redeemer.acknowledged(self.folder, int(name)).numbers
        return found

    def end(self) -> None:
        for process in self.running.values():
            process.kill()
            process.wait()


def kill_server(server: Postgres) -> None:
    """Kill -9 of the postmaster; the next start replays the log."""
    known = server.running()
    assert known is not None
    processes.send(known, signal.SIGKILL)
    processes.wait_end(known, 10)
    server.start()


def campaign(server: Postgres, fleet: Fleet, chance: random.Random) -> int:
    """Kill until the clients are through; answers how often the server died."""
    deaths = 0
    wanted = APART // 2
    deadline = time.monotonic() + 300 + REDEMPTIONS / 5
    while not fleet.is_through():
        assert time.monotonic() < deadline, f"only {len(fleet.answers())} redemptions"
        time.sleep(chance.uniform(0.02, 0.1))
        done = len(fleet.answers())
        if done < wanted:
            continue
        wanted = done + chance.randint(APART // 2, APART * 3 // 2)
        if not deaths or chance.random() < 0.25:
            kill_server(server)
            connection.close()
            deaths += 1
        else:
            fleet.kill(chance.choice(list(fleet.commands)))
    return deaths


def test_kills_lose_nothing_and_double_nothing(tmp_path: Path, server: Postgres, ours: str) -> None:
    vouchers = [ledger.account(fen=AFFORDABLE * redeemer.PRICE_FEN) for _ in range(VOUCHERS)]
    payable = ledger.payable().pk
    connection.close()
    fleet = Fleet(tmp_path, ours, vouchers, payable)

    try:
        deaths = campaign(server, fleet, random.Random(1))
    finally:
        fleet.end()

    connection.close()
    told = fleet.answers()
    paid = {number for number, word in told.items() if word == "paid"}
    captured = set(Transfer.objects.filter(kind="capture").values_list("reference", flat=True))
    mailed = OutboxMessage.objects.filter(delivered_at__isnull=False)
    until = time.monotonic() + WITHIN.total_seconds()
    while mailed.count() < len(paid) and time.monotonic() < until:
        outbox.deliver_due(at=datetime.now().astimezone() + WITHIN, limit=REDEMPTIONS)
    assert deaths > 0
    assert set(told) == set(range(REDEMPTIONS))
    assert captured == {f"chaos-{number}" for number in paid}
    assert Transfer.objects.filter(kind="capture").count() == len(paid) == AFFORDABLE * VOUCHERS
    assert not Hold.objects.filter(resolved_with__isnull=True).exists()
    assert all(each.available_fen == 0 for each in Account.objects.filter(kind="voucher"))
    assert not [name for name in invariants.QUERIES if broken(name)]
    assert mailed.count() == OutboxMessage.objects.count() == len(paid)
