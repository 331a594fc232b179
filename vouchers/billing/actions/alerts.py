"""Tells enterprises in time that money runs low or that their budget is used up."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.urls import reverse

from accounts.actions import notifications
from accounts.actions.notifications import News
from accounts.models import Organization
from common.periods import local_day, month_start, next_month, start_of_day
from vouchers.billing.actions import spending
from vouchers.billing.actions.spending import Spent
from vouchers.billing.models import Alert, AlertKind
from vouchers.billing.rules import alerts
from vouchers.ledger.columns import joined, unnested

BATCH = 500
"""Alerts in one transaction."""

BUDGETS = """
WITH latest AS (
    SELECT DISTINCT ON (enterprise_id) id, enterprise_id, amount_fen, set_at
    FROM vouchers_monthlybudget
    ORDER BY enterprise_id, id DESC
)
SELECT l.enterprise_id, l.id, l.amount_fen, sum(b.own_fen + b.receivable_fen)::bigint
FROM latest l
JOIN vouchers_bill b ON b.enterprise_id = l.enterprise_id AND b.month = %(month)s
WHERE l.amount_fen IS NOT NULL AND l.set_at < %(end)s
GROUP BY l.enterprise_id, l.id, l.amount_fen
ORDER BY l.enterprise_id
"""

KEEP = f"""
INSERT INTO vouchers_alert (enterprise_id, kind, threshold, episode, sent_at)
SELECT enterprise, kind, threshold, episode, %(at)s
FROM {unnested(enterprise="bigint", kind="text", threshold="smallint", episode="text")}
ON CONFLICT DO NOTHING
RETURNING enterprise_id, kind, threshold, episode
"""  # noqa: S608 - constant text, values are parameters

Mark = tuple[int, str, int, str]
"""Enterprise, kind, threshold and episode: what is told once."""


@dataclass(frozen=True, slots=True)
class Due:
    """A threshold that was reached, and what is said of it."""

    mark: Mark
    topic: str
    data: dict[str, Any]
    url: str


def watch(*, at: datetime) -> int:
    """Tell of every threshold reached and not told of yet; returns how many messages were sent.

    An idempotent tick: run twice, or by two workers, it tells nothing twice. Queries do not grow
    with enterprises but with batches of BATCH alerts, each in its own transaction. What two
    thresholds of one pot say is one message.
    """
    due = sorted(reached(at=at), key=lambda each: each.mark)
    return sum(tell(due[i : i + BATCH], at=at) for i in range(0, len(due), BATCH))


def reached(*, at: datetime) -> list[Due]:
    """Thresholds that were reached by now and are not told of. Five queries."""
    found = [
        *_low(spending.funds(at=at), AlertKind.FUNDS_HOURS, AlertKind.FUNDS_SHARE),
        *_low(spending.vouchers(at=at), AlertKind.VOUCHER_HOURS, AlertKind.VOUCHER_SHARE),
    ]
    this_month = month_start(local_day(at))
    last_month = month_start(date.fromordinal(this_month.toordinal() - 1))
    budgets = [row for month in (last_month, this_month) for row in _budgets(month)]
    episodes = {each.mark[3] for each in found} | {row.episode for row in budgets}
    rows = Alert.objects.filter(episode__in=episodes)
    told = set(rows.values_list("enterprise_id", "kind", "threshold", "episode"))
    steps: dict[str, set[int]] = defaultdict(set)
    for _firm, kind, threshold, episode in told:
        if kind == AlertKind.BUDGET:
            steps[episode].add(threshold)
    fresh = [each for each in found if each.mark not in told]
    return fresh + [each for row in budgets for each in row.due(steps[row.episode])]


@transaction.atomic
def tell(due: Sequence[Due], *, at: datetime) -> int:
    """Write down what is told, and tell those of it that nobody else wrote down meanwhile.

    A second writer of the same alert waits for the first and then leaves it alone.
    """
    columns = zip(*(each.mark for each in due), strict=True)
    names = ("enterprise", "kind", "threshold", "episode")
    given = {name: joined(column) for name, column in zip(names, columns, strict=True)}
    with connection.cursor() as cursor:
        cursor.execute(KEEP, {**given, "at": at})
        kept: set[Mark] = set(cursor.fetchall())
    firms = Organization.objects.in_bulk({mark[0] for mark in kept})
    pots: dict[tuple[int, str], list[Due]] = defaultdict(list)
    for each in due:
        if each.mark in kept:
            pots[each.mark[0], each.mark[3]].append(each)
    news = [
        News(
            topic=each[0].topic,
            to=firms[firm],
            key="/".join(
                [episode, *(f"{mark[1]}-{mark[2]}" for mark in (one.mark for one in each))]
            ),
            data=each[0].data,
            url=each[0].url,
        )
        for (firm, episode), each in pots.items()
    ]
    notifications.send_each(news=news, at=at)
    return len(news)


def _low(spent: Sequence[Spent], hours: AlertKind, share: AlertKind) -> Iterator[Due]:
    for each in spent:
        data: dict[str, Any] = {"left_fen": each.pot.left_fen, "hours": alerts.hours_left(each.pot)}
        topic, page = "funds_low", reverse("vouchers:funds_detail")
        if hours == AlertKind.VOUCHER_HOURS:
            data["code"] = each.episode
            topic, page = "voucher_low", reverse("vouchers:wallet_voucher", args=[each.episode])
        if alerts.lasts_too_short(each.pot):
            mark = each.enterprise, hours.value, alerts.LOW_HOURS, each.episode
            yield Due(mark, topic, data, page)
        if alerts.is_nearly_empty(each.pot):
            mark = each.enterprise, share.value, alerts.LOW_PERCENT, each.episode
            yield Due(mark, topic, data, page)


@dataclass(frozen=True, slots=True)
class _Budget:
    """A budget beside what a month's bills took of own money, in fen."""

    enterprise: int
    episode: str
    month: date
    budget_fen: int
    spent_fen: int

    def due(self, told: set[int]) -> Iterator[Due]:
        step = alerts.budget_step(spent_fen=self.spent_fen, budget_fen=self.budget_fen, told=told)
        if step is None:
            return
        data = {
            "threshold": step, "month": f"{self.month:%Y-%m}",
            "spent_fen": self.spent_fen, "budget_fen": self.budget_fen,
        }  # fmt: skip
        mark = self.enterprise, AlertKind.BUDGET.value, step, self.episode
        yield Due(mark, "budget_used", data, reverse("vouchers:funds_detail"))


def _budgets(month: date) -> list[_Budget]:
    """Budgets set before the month was over beside its bills. One query."""
    with connection.cursor() as cursor:
        cursor.execute(BUDGETS, {"month": month, "end": start_of_day(next_month(month))})
        return [
            _Budget(firm, f"{budget}/{month:%Y-%m}", month, budget_fen, spent_fen)
            for firm, budget, budget_fen, spent_fen in cursor.fetchall()
        ]
