"""The demonstration's clearing round, what its bureau recognized, and the board over all of it."""

from datetime import timedelta

from accounts.models import Role
from marketplace.board.actions import folding, recognitions
from marketplace.catalog.models import Scenario
from marketplace.clearing.actions import clearings, signing, solving
from marketplace.demo.cast import Team
from marketplace.demo.days import Calendar, moment
from marketplace.matching.actions import needs
from vouchers.grants.models import Scheme

WANTED: dict[int, tuple[str, int, int]] = {
    9: ("customer-service", 12_000, 200_000),
    10: ("contract-review", 3_000, 150_000),
    12: ("customer-service", 8_000, 100_000),
    13: ("contract-review", 2_000, 100),
    14: ("short-video", 300, 200_000),
    29: ("customer-service", 15_000, 150_000),
    34: ("contract-review", 4_000, 200_000),
}
"""Firm -> (scenario, monthly volume, monthly budget in fen). The fourth can pay almost nothing."""

RECOGNIZED = (
    ("agent", "羊绒织物疵点识别智能体", "621002"),
    ("benchmark", "庆阳市西峰区轴承质检应用标杆", "621002"),
    ("carrier", "庆阳数据信息产业园", "621002"),
)


def play(*, teams: dict[int, Team], bureau: Team, scheme: Scheme, calendar: Calendar) -> None:
    """Firms without an order state needs; a round gives out places and money; the board is folded."""
    day = calendar.today - timedelta(days=4)
    for number, (slug, volume, budget_fen) in WANTED.items():
        needs.state(
            by=teams[number][Role.SIGNATORY],
            scenario=Scenario.objects.get(slug=slug),
            monthly_volume=volume,
            monthly_budget_fen=budget_fen,
            region="",
            latency_us=None,
            needs_domestic_chip=False,
            at=moment(day, 10),
        )
    _clear(bureau, scheme, calendar)
    for kind, name, region in RECOGNIZED:
        recognitions.record(
            by=bureau[Role.SCHEME_OFFICER],
            kind=kind,
            name=name,
            region=region,
            document="示范名单（演示数据）",
            recognized_on=day.replace(day=1),
            at=moment(day, 15),
        )
    folding.fold(at=moment(calendar.today, 1))


def _clear(bureau: Team, scheme: Scheme, calendar: Calendar) -> None:
    day = calendar.today - timedelta(days=3)
    made = clearings.create(
        by=bureau[Role.SCHEME_OFFICER],
        name=f"{day.year} 年第一轮撮合（演示）",
        section_floor=2,
        micro_percent=10,
        manufacturing_percent=0,
        term_months=12,
        offer_days=14,
        seed=day.year,
        budgets_fen={scheme.code: 2_000_000},
        at=moment(day, 9),
    )
    started = clearings.start(by=bureau[Role.SCHEME_OFFICER], clearing=made, at=moment(day, 10))
    assert started.job is not None  # noqa: S101  # start gives it one
    done = solving.carry_out(code=started.job.code, at=moment(day, 11))
    for hour, role in ((14, Role.SCHEME_OFFICER), (16, Role.REVIEWER)):
        if done is not None and done.plan_sha256:
            signing.sign(
                by=bureau[role],
                clearing=done,
                plan_sha256=done.plan_sha256,
                at=moment(day, hour),
            )
