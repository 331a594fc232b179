"""Enterprises are told once when money runs low and when their budget is used up."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Notification, Organization
from common.models import OutboxMessage
from providers.models import Subscription
from tests.factories import accounts, grants, providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from tests.threads import together
from vouchers.billing.actions import alerts, budgets, spending
from vouchers.billing.actions.charging import rating
from vouchers.billing.actions.metering import usage
from vouchers.billing.models import Alert, MonthlyBudget
from vouchers.billing.rules import events

pytestmark = pytest.mark.django_db

YUAN = 100
HALF_MILLION = 500_000
"""Input tokens for one yuan."""
HOUR = timedelta(hours=1)


def contract(funds_fen: int = 0, budget_fen: int | None = None) -> Subscription:
    """A subscription of a firm with one signatory, prepaid money and maybe a budget."""
    made = providers.subscription()
    boss = accounts.signatory(made.enterprise)
    if funds_fen:
        grants.funds(made.enterprise, funds_fen)
    if budget_fen:
        budgets.choose(by=boss, amount_fen=budget_fen, at=NOW - HOUR)
    return made


def spend(made: Subscription, yuan: int, at: datetime = NOW) -> None:
    """Use and rate tokens for so many yuan."""
    metered.use(made, at - HOUR, at, input_tokens=yuan * HALF_MILLION)
    rating.tick(at=at)


def told(firm: Organization | None = None) -> list[tuple[str, int]]:
    """Kinds and thresholds written down, in their order."""
    rows = Alert.objects.filter(enterprise=firm) if firm else Alert.objects.all()
    return list(rows.order_by("pk").values_list("kind", "threshold"))


def test_tick_thrice_is_one_message_in_page_and_mail() -> None:
    made = contract(funds_fen=1_000 * YUAN)
    spend(made, 300)

    # 700 yuan left, 300 went in 24 hours: 700 × 24 / 300 = 56 hours; a tenth would be 100 yuan.
    assert [alerts.watch(at=NOW), alerts.watch(at=NOW), alerts.watch(at=NOW + HOUR)] == [1, 0, 0]

    (note,) = Notification.objects.all()
    assert (note.topic, note.organization, note.url) == ("funds_low", made.enterprise, "/funds/")
    assert note.data == {"left_fen": 70_000, "hours": 56}
    assert "¥700.00" in OutboxMessage.objects.get().subject
    assert told() == [("funds_hours", 72)]


def test_nothing_is_told_while_there_is_enough() -> None:
    spend(contract(funds_fen=1_000 * YUAN), 250)  # 750 × 24 / 250 = 72 hours

    assert alerts.watch(at=NOW) == 0
    assert not Alert.objects.exists()


def test_both_thresholds_at_once_are_one_message() -> None:
    spend(contract(funds_fen=1_000 * YUAN), 950)

    assert alerts.watch(at=NOW) == 1
    assert sorted(told()) == [("funds_hours", 72), ("funds_share", 10)]


def test_thresholds_one_after_the_other_and_payment_in_begins_anew() -> None:
    made = contract(funds_fen=1_000 * YUAN)
    spend(made, 300)
    first = alerts.watch(at=NOW)
    spend(made, 650, NOW + 2 * HOUR)
    second = alerts.watch(at=NOW + 2 * HOUR)
    grants.funds(made.enterprise, 500 * YUAN)
    third = alerts.watch(at=NOW + 2 * HOUR)

    assert (first, second, third) == (1, 1, 1)
    # 550 yuan are more than a tenth of 500; at 950 in a day they last for 13 hours.
    assert told() == [("funds_hours", 72), ("funds_share", 10), ("funds_hours", 72)]


def test_rate_forgets_what_is_older_than_a_week() -> None:
    spend(contract(funds_fen=1_000 * YUAN), 300)
    later = NOW + timedelta(days=7)

    assert alerts.watch(at=later - HOUR) == 0  # 700 × 168 / 300 = 392 hours
    assert alerts.watch(at=later + HOUR) == 0


def test_outstanding_is_spending_once_also_when_it_is_settled() -> None:
    made = contract()
    spend(made, 200)
    assert alerts.watch(at=NOW) == 0  # nothing was ever paid in
    grants.funds(made.enterprise, 500 * YUAN)
    rating.tick(at=NOW + HOUR)  # settles the 200

    (spent,) = spending.funds(at=NOW + HOUR)

    assert (spent.pot.left_fen, spent.pot.day_fen, spent.pot.week_fen) == (30_000, 20_000, 20_000)
    assert spending.funds(at=NOW + HOUR, enterprise=accounts.organization().pk) == []


def test_correction_takes_back_what_counted_as_spent() -> None:
    made = contract(funds_fen=1_000 * YUAN)
    by = metered.operator(made.offering.provider)
    original = metered.report(made, quantities={"input_tokens": 300 * HALF_MILLION})
    change = events.report(
        source="/test",
        event_id="c-1",
        time=NOW,
        subscription=made.code,
        quantities={"input_tokens": -100 * HALF_MILLION},
        corrects=original.id,
    )
    for each in (original, change):
        usage.ingest(by=by, events=[each], at=NOW)
        rating.tick(at=NOW)

    (spent,) = spending.funds(at=NOW)

    # 300 booked, 300 undone, 200 booked anew
    assert (spent.pot.left_fen, spent.pot.day_fen, spent.pot.week_fen) == (80_000, 20_000, 20_000)
    assert alerts.watch(at=NOW) == 0  # 800 × 24 / 200 = 96 hours


def test_voucher_is_told_of_by_itself() -> None:
    made = contract()
    voucher = grants.voucher(
        made.enterprise, grants.scheme(rules=metered.RULES), face_fen=100 * YUAN
    )
    spend(made, 310)  # the voucher pays 93 yuan, 217 are outstanding

    assert alerts.watch(at=NOW) == 1
    assert alerts.watch(at=NOW) == 0

    note = Notification.objects.filter(topic="voucher_low").first()
    assert note is not None
    # 7 yuan left, 93 went: 7 × 24 / 93 = 1.8 hours
    assert note.data == {"code": voucher.code, "left_fen": 700, "hours": 1}
    assert note.url == f"/wallet/{voucher.code}/"
    assert sorted(told()) == [("voucher_hours", 72), ("voucher_share", 10)]


@pytest.mark.parametrize("yuan", [[49, 1, 29, 1, 19, 1, 50]])
def test_budget_steps_in_order(yuan: list[int]) -> None:
    made = contract(funds_fen=10**9, budget_fen=100 * YUAN)
    counts = []
    for hour, each in enumerate(yuan):
        spend(made, each, NOW + hour * HOUR)
        counts.append(alerts.watch(at=NOW + hour * HOUR))

    assert counts == [0, 1, 0, 1, 0, 1, 0]
    assert told() == [("budget", 50), ("budget", 80), ("budget", 100)]
    last = Notification.objects.order_by("-pk")[0]
    assert last.data == {
        "threshold": 100, "month": "2026-10", "spent_fen": 10_000, "budget_fen": 10_000,
    }  # fmt: skip


def test_budget_passed_in_one_go_is_one_message_and_vouchers_do_not_count() -> None:
    made = contract(funds_fen=10**9, budget_fen=100 * YUAN)
    grants.voucher(made.enterprise, grants.scheme(rules=metered.RULES), face_fen=10**7)
    spend(made, 114)  # 79.80 of own money

    assert alerts.watch(at=NOW) == 1
    assert told() == [("budget", 50)]
    spend(made, 50, NOW + HOUR)  # 114.80
    assert alerts.watch(at=NOW + HOUR) == 1
    assert told() == [("budget", 50), ("budget", 100)]


def test_next_month_and_another_budget_start_anew() -> None:
    made = contract(funds_fen=10**9, budget_fen=100 * YUAN)
    boss = accounts.signatory(made.enterprise)
    spend(made, 60)
    november = datetime(2026, 11, 2, tzinfo=UTC)

    assert alerts.watch(at=NOW) == 1
    spend(made, 55, november)
    assert alerts.watch(at=november) == 1
    assert alerts.watch(at=november) == 0
    budgets.choose(by=boss, amount_fen=110 * YUAN, at=november)
    assert alerts.watch(at=november) == 1  # 55 of 110


def test_step_passed_at_the_end_of_a_month_is_told_after_it() -> None:
    made = contract(funds_fen=10**9, budget_fen=100 * YUAN)
    spend(made, 60, datetime(2026, 10, 31, 15, 59, tzinfo=UTC))  # 23:59 in Shanghai

    assert alerts.watch(at=datetime(2026, 10, 31, 16, 5, tzinfo=UTC)) == 1
    assert Notification.objects.get().data["month"] == "2026-10"


def test_budget_taken_away_is_not_watched() -> None:
    made = contract(funds_fen=10**9, budget_fen=100 * YUAN)
    boss = accounts.signatory(made.enterprise)
    spend(made, 60)
    budgets.choose(by=boss, amount_fen=None, at=NOW)

    assert alerts.watch(at=NOW) == 0


def test_queries_do_not_grow_with_enterprises() -> None:
    counts = []
    for more in (1, 2):
        for _ in range(more):
            made = contract(funds_fen=100 * YUAN, budget_fen=100 * YUAN)
            spend(made, 95)
        with CaptureQueriesContext(connection) as captured:
            assert alerts.watch(at=NOW) == 2 * more
        counts.append(len(captured))

    assert counts[0] == counts[1]


def test_alerts_and_budgets_are_facts() -> None:
    spend(contract(funds_fen=100 * YUAN, budget_fen=100 * YUAN), 95)
    alerts.watch(at=NOW)

    for model in (Alert, MonthlyBudget):
        with pytest.raises(Exception, match="Cannot update or delete"), transaction.atomic():
            model.objects.all().delete()
    row = Alert.objects.all()[0]
    row.pk = None
    with pytest.raises(IntegrityError, match="vouchers_alert_once"), transaction.atomic():
        row.save()


@pytest.mark.django_db(transaction=True)
def test_ticks_at_once_tell_once() -> None:
    made = contract(funds_fen=100 * YUAN, budget_fen=100 * YUAN)
    spend(made, 95)

    # The race is there: two ticks that looked before either wrote both find everything due.
    looks = [alerts.reached(at=NOW) for _ in range(8)]
    assert [len(look) for look in looks] == [3] * 8
    counts = together([lambda look=look: alerts.tell(look, at=NOW) for look in looks])  # type: ignore[misc]

    assert sorted(count for count in counts if isinstance(count, int)) == [0] * 7 + [2]
    assert Alert.objects.count() == 3
    assert Notification.objects.count() == OutboxMessage.objects.count() == 2
    assert together([lambda: alerts.watch(at=NOW)] * 4) == [0] * 4
