"""What comes after use in the demonstration: figures with marks, ratings, a trial, a need ranked anew."""

from collections.abc import Mapping
from datetime import timedelta

from accounts.models import Role
from marketplace.catalog.models import Scenario
from marketplace.demo import usage
from marketplace.demo.cast import Team
from marketplace.demo.days import Calendar, moment
from marketplace.demo.market import Market
from marketplace.experience.actions import folding, ratings
from marketplace.matching.actions import needs
from marketplace.orders.models import Order
from marketplace.trials.actions import terms, trials
from providers.actions import figures
from providers.models import Figure
from vouchers.billing.rules.events import report

FIGURES: dict[str, dict[str, int]] = {
    "edge-card": {"uptime_millionths": 999_500, "days_to_first_use": 2},
    "doubao-lite": {"uptime_millionths": 999_000, "tokens_per_second": 60, "days_to_first_use": 1},
    "glm": {"tokens_per_second": 45},
    "inspect": {"days_to_first_use": 3},
    "maintain": {"days_to_first_use": 7},
}
"""What providers declare, by offering."""

VERIFIED = {
    ("edge-card", "uptime_millionths"): "机房巡检记录（演示）第 18 号",
    ("doubao-lite", "tokens_per_second"): "第三方压力测试报告（演示）2026-07",
}
"""What the bureau looked at, with its evidence."""

SAID: dict[int, tuple[int, bool, str]] = {
    1: (5, True, "漏检明显减少，夜班也能用。"),
    4: (4, True, "疵点识别稳定，换品种要重新标定。"),
    8: (4, True, "照片光线不好时误判偏多，调好灯光后正常。"),
    19: (3, True, "常见问题能答，退换货还要人工。"),
    26: (5, True, "补全很快，单元测试省了不少时间。"),
    5: (4, True, "下料说明初稿可用，尺寸仍需复核。"),
    38: (4, True, "高峰期偶有排队，总体满意。"),
    39: (5, True, "接入当天就能用。"),
    30: (2, False, "长合同条款比对漏项，仍靠人工复核。"),
    40: (4, True, "审阅时间缩短一半。"),
}
"""Firm -> stars, whether the outcome was reached, words."""

ANSWER = "已增加长文本分段比对，下月起免费更新。"
ANSWERED = 30
TRIED_BY = 9
ASKS_AGAIN = 1
TRIAL_SOURCE = "urn:puhui:demo:trial"


def declare(*, market: Market, bureau: Team, calendar: Calendar) -> None:
    """Providers declare figures; the bureau verifies two of them."""
    at = moment(calendar.launch + timedelta(days=1), 10)
    for key, values in FIGURES.items():
        offering = market.offerings[key]
        by = market.seller_of(offering)[Role.OPERATOR]
        figures.declare(by=by, offering=offering, values=values, at=at)
    for (key, name), evidence in VERIFIED.items():
        found = Figure.objects.standing().get(offering=market.offerings[key], name=name)
        day = calendar.launch + timedelta(days=9)
        officer = bureau[Role.SCHEME_OFFICER]
        figures.verify(by=officer, figure=found, evidence=evidence, at=moment(day, 15))


def rate(
    *, market: Market, firms: Mapping[int, Team], orders: Mapping[int, Order], calendar: Calendar
) -> None:
    """Ten firms rate what they used for three months; one publisher answers."""
    day = calendar.today - timedelta(days=1)
    for minute, (number, (stars, is_reached, words)) in enumerate(SAID.items()):
        ratings.rate(
            by=firms[number][Role.SIGNATORY],
            order=orders[number],
            stars=stars,
            is_outcome_reached=is_reached,
            words=words,
            at=moment(day, 9, minute),
        )
    publisher = orders[ANSWERED].bundle.publisher.organization_id
    seller = next(team for team in market.sellers.values() if team.organization.pk == publisher)
    at = moment(day, 16)
    ratings.answer(by=seller[Role.OPERATOR], order=orders[ANSWERED], words=ANSWER, at=at)
    folding.fold_due(at=moment(calendar.today, 0, 20))


def try_out(*, market: Market, firms: Mapping[int, Team], calendar: Calendar) -> None:
    """Quality inspection can be tried; one firm has been trying it for three days."""
    offering = market.offerings["inspect"]
    seller, firm = market.seller_of(offering), firms[TRIED_BY]
    terms.state(
        by=seller[Role.OPERATOR],
        offering=offering,
        days=14,
        units={"images": 2_000},
        at=moment(calendar.today - timedelta(days=20), 10),
    )
    begun = calendar.today - timedelta(days=3)
    trial = trials.take(by=firm[Role.SIGNATORY], offering=offering, at=moment(begun, 11))
    events = [
        report(
            source=TRIAL_SOURCE,
            event_id=f"trial-{number}",
            time=moment(begun + timedelta(days=number), 14),
            subscription=trial.subscription.code,
            quantities={"images": 180 + 70 * number},
        )
        for number in range(3)
    ]
    usage.send(by=seller[Role.OPERATOR], events=events, at=moment(calendar.today, 0, 5))


def ask_again(*, firm: Team, calendar: Calendar) -> None:
    """A firm states a further need, whose answer shows what use has changed."""
    needs.state(
        by=firm[Role.SIGNATORY],
        scenario=Scenario.objects.get(slug="visual-inspection"),
        monthly_volume=60_000,
        monthly_budget_fen=3_000_000,
        region="",
        latency_us=None,
        needs_domestic_chip=False,
        at=moment(calendar.today, 0, 45),
    )
