"""kill -9 of everything at random while thousands of redemptions come in through HTTP: none lost, none double.

PostgreSQL, Valkey, web, worker, beat and clients die and come back. Clients report usage that vouchers pay, record
deposits and issue vouchers, and repeat what was not answered with the same ids. CHAOS_REDEMPTIONS says how many;
`make chaos` plays 50,000 on a server with durable commits.
"""

import json
import os
import random
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django import DjangoDbBlocker

from accounts.access import Actor
from accounts.actions import keys
from accounts.models import Role
from accounts.permissions import Permission
from common.models import OutboxMessage
from config.local import place
from config.local.postgres import Postgres
from config.local.servers import TEST_SETTINGS, Servers
from config.local.valkey import Valkey
from providers.models import Meter
from tests.chaos import databases
from tests.chaos.client import Wanted
from tests.chaos.fleet import Fleet
from tests.factories import accounts, grants, providers
from tests.factories import usage as metered
from tests.vouchers.ledger.sql import broken_anywhere
from vouchers.billing.models import Bill, UnbilledUsage, UsageEvent
from vouchers.billing.rules.events import EVENT_TYPE
from vouchers.grants.models import Application, ApplicationStatus, Voucher
from vouchers.grants.rules import drafting
from vouchers.ledger.kinds import AccountKind
from vouchers.ledger.models import Account

REDEMPTIONS = int(os.environ.get("CHAOS_REDEMPTIONS", "5000"))
IS_LONG = REDEMPTIONS > 5_000
CLIENTS = 4
FIRMS = 8
PRICE_FEN = 100
REPORT_SIZE = 5
"""Redemptions in one request, as a meter sends them."""
ISSUES = 40
DEPOSITS_OF_A_FIRM = 10
OF_A_FIRM = REDEMPTIONS // FIRMS
FACE_FEN = OF_A_FIRM * PRICE_FEN * 8 // 10
DEPOSIT_FEN = OF_A_FIRM * PRICE_FEN * 2 // 10 // DEPOSITS_OF_A_FIRM
"""A firm's voucher pays four fifths of what it uses, its deposits the rest to the fen."""
WITHIN_SECONDS = 60

RULES = drafting.draft(
    source="test", article="1", rate="100%", validity_months=12, notice_days=0, minimum_yuan="1"
)


@pytest.fixture
def group(
    tmp_path: Path, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Servers]:
    """Servers of our own with the schema of the tests' template; Django is pointed at them."""
    found = place.find(tmp_path / "run")
    made = Servers(Postgres(found, {} if IS_LONG else TEST_SETTINGS), Valkey(found))
    made.start()
    try:
        with databases.moved_to(made.postgres), django_db_blocker.unblock():
            call_command("application_role", str(made.role), verbosity=0)
            yield made
    finally:
        made.stop()
        if found.home != found.run:
            shutil.rmtree(found.home)


@pytest.fixture
def surroundings(group: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the product's processes find in their environment."""
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    monkeypatch.setenv("RUN_FOLDER", str(group.postgres.place.run))
    monkeypatch.setenv("WORKER_CONCURRENCY", "1")
    monkeypatch.setenv("WEB_PORT", "8900")
    monkeypatch.setenv("LOG_LEVEL", "WARNING")


def key(by: Actor, *scopes: Permission) -> str:
    now = datetime.now().astimezone()
    expires_at = now + timedelta(days=30)
    return keys.create(by=by, name="chaos", scopes=scopes, expires_at=expires_at, at=now)[1]


class City:
    """Firms with a voucher each, an offering at 1 yuan a call, applications whose vouchers wait to be issued."""

    def __init__(self) -> None:
        supplier = providers.provider()
        offering = providers.offering(supplier)
        providers.rate(offering, Meter.CALLS, "1.00", 1)
        self.office = accounts.bureau()
        plan = grants.scheme(self.office, rules=RULES, budget_fen=10**12)
        self.contracts = [providers.subscription(offered=offering) for _ in range(FIRMS)]
        for contract in self.contracts:
            grants.voucher(
                contract.enterprise,
                plan,
                FACE_FEN,
                share_numerator=1,
                share_denominator=1,
                expires_at=datetime.now().astimezone() + timedelta(days=365),
            )
        self.applications = [
            grants.application(plan=plan, status=ApplicationStatus.APPROVED, granted_fen=70_000)
            for _ in range(ISSUES)
        ]
        clerk = accounts.officer(self.office, Role.SCHEME_OFFICER, Role.SETTLEMENT_OFFICER)
        self.meter_key = key(metered.operator(supplier), Permission.USAGE_REPORT)
        self.money_key = key(clerk, Permission.FUNDS_RECORD, Permission.VOUCHER_ISSUE)

    def plan(self, chance: random.Random) -> list[Wanted]:
        """All requests in random order."""
        calls = FIRMS * OF_A_FIRM
        wanted = [self._report(first) for first in range(0, calls, REPORT_SIZE)]
        wanted += [self._deposit(number) for number in range(FIRMS * DEPOSITS_OF_A_FIRM)]
        wanted += [self._issue(each) for each in self.applications]
        chance.shuffle(wanted)
        return wanted

    def _report(self, first: int) -> Wanted:
        events = [
            {
                "specversion": "1.0",
                "type": EVENT_TYPE,
                "source": "/chaos",
                "id": f"call-{number}",
                "time": datetime.now().astimezone().isoformat(),
                "subject": self.contracts[number % FIRMS].code,
                "data": {"calls": 1},
            }
            for number in range(first, first + REPORT_SIZE)
        ]
        kind = "application/cloudevents-batch+json"
        return Wanted("/api/v1/usage/", self.meter_key, kind, json.dumps(events), "")

    def _deposit(self, number: int) -> Wanted:
        said = {
            "enterprise": self.contracts[number % FIRMS].enterprise.code,
            "amount": {"amount": f"{DEPOSIT_FEN / 100:.2f}", "currency": "CNY"},
            "reference": f"bank-{number}",
        }
        return self._post("/api/v1/deposits/", said, f"deposit-{number}", self.money_key)

    def _issue(self, asked: Application) -> Wanted:
        path = f"/api/v1/applications/{asked.code}/voucher/"
        return self._post(path, {}, f"issue-{asked.code}", self.money_key)

    def _post(self, path: str, said: Mapping[str, object], once: str, token: str) -> Wanted:
        return Wanted(path, token, "application/json", json.dumps(said), once)


@pytest.fixture
def city(group: Servers) -> City:
    return City()


def wait(what: Callable[[], bool], until: float) -> None:
    """Look again and again until it is true; raises when it is not in time."""
    while not what():
        assert time.monotonic() < until, what
        time.sleep(0.2)


def everything_is_told_and_paid() -> bool:
    waiting = OutboxMessage.objects.filter(delivered_at__isnull=True).exists()
    unbilled = UnbilledUsage.objects.exists()
    return not waiting and not unbilled and not Bill.objects.filter(receivable_fen__gt=0).exists()


def counted(told: dict[int, Any], name: str) -> int:
    return sum(isinstance(said, dict) and name in said for said in told.values())


@pytest.mark.usefixtures("surroundings")
def test_kills_of_everything_lose_nothing_and_double_nothing(
    tmp_path: Path, group: Servers, city: City
) -> None:
    chance = random.Random(1)
    plan = city.plan(chance)
    lines = [
        json.dumps([each.path, each.token, each.content_type, each.body, each.key]) for each in plan
    ]
    (tmp_path / "plan.jsonl").write_text("\n".join(lines), encoding="utf-8")
    connection.close()
    fleet = Fleet(tmp_path, group, len(plan), CLIENTS)

    try:
        fleet.start()
        last = fleet.campaign(chance, seconds=300 + REDEMPTIONS / 5)
        wait(everything_is_told_and_paid, last + WITHIN_SECONDS)
    finally:
        fleet.end_processes()

    told = fleet.answers()
    reports = [said for said in told.values() if "accepted" in said]
    assert len(told) == len(plan)
    assert {said["accepted"] + said["duplicates"] for said in reports} == {REPORT_SIZE}
    assert len(reports) * REPORT_SIZE == OF_A_FIRM * FIRMS == UsageEvent.objects.count()
    assert min(fleet.deaths.values()) > 0, fleet.deaths
    for bill in Bill.objects.all():
        paid = (bill.total_fen, bill.voucher_fen, bill.own_fen)
        assert paid == (OF_A_FIRM * PRICE_FEN, FACE_FEN, OF_A_FIRM * PRICE_FEN - FACE_FEN)
    assert Bill.objects.count() == FIRMS
    for kind in (AccountKind.VOUCHER, AccountKind.ENTERPRISE_FUNDS):
        spent = Account.objects.filter(kind=kind, debits_posted_fen__gt=0)
        assert [each.available_fen for each in spent] == [0] * FIRMS
    assert {said["code"] for said in told.values() if "code" in said} == set(
        Voucher.objects.filter(application__in=city.applications).values_list("code", flat=True)
    )
    issued = OutboxMessage.objects.filter(key__startswith="voucher_issued")
    assert issued.count() == 2 * ISSUES  # to preparer and signatory
    assert not broken_anywhere()
