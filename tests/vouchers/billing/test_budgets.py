"""The monthly budget: who sets it, what the page and the API say of it."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.access import Actor
from accounts.models import Event, Notification
from common.errors import Forbidden
from common.money import MAX_FEN
from providers.models import Subscription
from tests.factories import accounts, grants, providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from tests.threads import together
from vouchers.billing.actions import alerts, budgets
from vouchers.billing.actions.charging import rating
from vouchers.billing.models import MonthlyBudget

pytestmark = pytest.mark.django_db

YUAN = 100
FUNDS, EDIT = "/funds/", "/funds/budget/"


@pytest.fixture(autouse=True)
def frozen() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def contract() -> Subscription:
    """1,000 yuan were paid in, 300 of it are spent within the last hour."""
    made = providers.subscription()
    grants.funds(made.enterprise, 1_000 * YUAN)
    metered.use(made, input_tokens=150_000_000)
    rating.tick(at=NOW)
    return made


def browser(actor: Actor, language: str = "en") -> Client:
    client = Client(headers={"Accept-Language": language})
    client.force_login(actor.user)
    return client


def put(client: Client, amount: Any) -> Any:
    body = {"amount": amount if amount is None else {"amount": amount, "currency": "CNY"}}
    return client.put(reverse("api-budget"), body, "application/json")


def test_outlook_says_month_budget_and_hours(contract: Subscription) -> None:
    boss = accounts.signatory(contract.enterprise)
    budgets.choose(by=boss, amount_fen=900 * YUAN, at=NOW)

    found = budgets.outlook(enterprise=contract.enterprise, at=NOW)

    assert (found.spent_fen, found.budget_fen, found.percent) == (30_000, 90_000, 33)
    assert found.hours_left == 56  # 700 × 24 / 300
    assert budgets.outlook(enterprise=boss.own(), at=NOW.replace(month=11)).spent_fen == 0


def test_outlook_of_a_new_enterprise_is_empty() -> None:
    found = budgets.outlook(enterprise=accounts.organization(), at=NOW)

    assert (found.spent_fen, found.budget_fen, found.percent, found.hours_left) == (
        0, None, None, None,
    )  # fmt: skip


def test_same_budget_again_changes_nothing() -> None:
    boss = accounts.signatory()

    first, again = (budgets.choose(by=boss, amount_fen=100, at=NOW) for _ in range(2))
    other = budgets.choose(by=boss, amount_fen=None, at=NOW)

    assert first.pk == again.pk != other.pk
    assert Event.objects.filter(verb="budget.set", subject_code=boss.own().code).count() == 2


@pytest.mark.django_db(transaction=True)
def test_same_budget_from_many_at_once_is_set_once() -> None:
    boss = accounts.signatory()

    made = together([lambda: budgets.choose(by=boss, amount_fen=100, at=NOW)] * 8)

    assert len({row.pk for row in made if isinstance(row, MonthlyBudget)}) == 1
    assert MonthlyBudget.objects.count() == 1


@pytest.mark.parametrize("fen", [0, -1, MAX_FEN + 1])
def test_budget_that_makes_no_sense_is_refused(fen: int) -> None:
    with pytest.raises(budgets.InvalidBudget):
        budgets.choose(by=accounts.signatory(), amount_fen=fen, at=NOW)


def test_budget_is_set_by_signatories_only(contract: Subscription) -> None:
    preparer = accounts.preparer(contract.enterprise)

    with pytest.raises(Forbidden):
        budgets.choose(by=preparer, amount_fen=100, at=NOW)

    assert browser(preparer).get(EDIT).status_code == 403
    assert put(browser(preparer), "1.00").status_code == 403
    assert EDIT not in browser(preparer).get(FUNDS).content.decode()


def test_page_sets_shows_and_takes_away(contract: Subscription) -> None:
    client = browser(accounts.signatory(contract.enterprise))

    before = client.get(FUNDS).content.decode()
    wrong = client.post(EDIT, {"amount": "1.234"})
    saved = client.post(EDIT, {"amount": "２50"}, follow=True).content.decode()
    form = client.get(EDIT).content.decode()
    client.post(EDIT, {"amount": ""})

    assert "No budget is set" in before
    assert "56 hours" in before
    assert wrong.status_code == 422
    assert "¥300.00 of ¥250.00, 120%" in saved
    assert '<progress value="30000" max="25000"' in saved
    assert 'style="' not in saved
    assert 'value="250.00"' in form
    assert "¥300.00" in form
    assert "No budget is set" in client.get(FUNDS).content.decode()


def test_page_speaks_chinese_and_alert_leads_to_it(contract: Subscription) -> None:
    boss = accounts.signatory(contract.enterprise)
    budgets.choose(by=boss, amount_fen=375 * YUAN, at=NOW)
    alerts.watch(at=NOW)
    client = browser(boss, "zh-hans")

    shown = client.get(FUNDS).content.decode()
    note = Notification.objects.get(topic="budget_used")
    listed = client.get(reverse("accounts:notification_list")).content.decode()

    assert "已用 ¥300.00，预算 ¥375.00，占 80%" in shown
    assert "56 小时" in shown
    assert note.url == FUNDS
    assert "2026-10 的预算已达 80%" in listed
    assert "自有资金不足：余额 ¥700.00" in listed


def test_api_reads_and_sets_the_own_budget(contract: Subscription) -> None:
    client = browser(accounts.signatory(contract.enterprise))

    set_to = put(client, "400.00")
    read = browser(accounts.preparer(contract.enterprise)).get(reverse("api-budget")).json()
    stranger = browser(accounts.signatory()).get(reverse("api-budget")).json()
    refused = [put(client, wrong).status_code for wrong in ("0", "-1", "NaN", "1.001")]
    gone = put(client, None)

    assert set_to.status_code == 200
    assert read == {
        "month": "2026-10-01",
        "amount": {"amount": "400.00", "currency": "CNY"},
        "spent": {"amount": "300.00", "currency": "CNY"},
        "percent": 75,
        "hours_left": 56,
    }
    assert (stranger["amount"], stranger["hours_left"]) == (None, None)
    assert refused == [400] * 4
    assert (gone.status_code, gone.json()) == (200, {"amount": None})
    assert client.get(reverse("api-budget")).json()["percent"] is None


def test_page_takes_the_same_queries_for_any_number(contract: Subscription) -> None:
    client = browser(accounts.signatory(contract.enterprise))
    client.get(FUNDS)
    counts = []
    for more in (1, 2):
        for _ in range(more):
            metered.use(providers.subscription(contract.enterprise), input_tokens=500_000)
        rating.tick(at=NOW)
        with CaptureQueriesContext(connection) as captured:
            client.get(FUNDS)
        counts.append(len(captured))

    assert counts[0] == counts[1]
