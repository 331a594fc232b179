"""A round of matching: firms that have no order yet state needs; two officers sign the plan."""

from collections.abc import Mapping

from accounts.models import Role
from marketplace.catalog.models import Scenario
from marketplace.clearing.actions import clearings, signing, solving
from marketplace.clearing.models import ClearingRound
from marketplace.demo.cast import Team
from marketplace.demo.days import Calendar, moment
from marketplace.demo.opening import City
from marketplace.matching.actions import needs

ASKED: dict[int, tuple[str, int]] = {
    13: ("visual-inspection", 20_000),
    18: ("customer-service", 15_000),
    23: ("cold-chain", 2_000),
    28: ("short-video", 300),
    34: ("literature-review", 400),
    35: ("customer-service", 8_000),
}
"""Firm -> scenario and monthly volume in the scenario's unit."""

BUDGET_FEN = 20_000_000
LAST_MINUTE = 56
"""Of today's first hour, in which the bureau clears."""


class RoundFailed(RuntimeError):
    """The story's own round has no plan, or its input changed: figures and supply do not fit."""


def share_out(*, city: City, firms: Mapping[int, Team], calendar: Calendar) -> ClearingRound:
    """State the needs, clear them, sign twice: each served firm has an offer for fourteen days."""
    bureau, scheme = city.bureaus["qingyang"], city.schemes["qingyang"]
    for number, (scenario, volume) in ASKED.items():
        needs.state(
            by=firms[number][Role.SIGNATORY],
            scenario=Scenario.objects.get(slug=scenario),
            monthly_volume=volume,
            monthly_budget_fen=3_000_000,
            region="",
            latency_us=None,
            needs_domestic_chip=False,
            at=moment(calendar.today, 0, 46),
        )
    at, officer = moment(calendar.today, 0, LAST_MINUTE), bureau[Role.SCHEME_OFFICER]
    made = clearings.create(
        by=officer,
        name="第四季度算力匹配轮次",
        section_floor=3,
        micro_percent=0,
        manufacturing_percent=10,
        term_months=12,
        offer_days=14,
        seed=2026,
        budgets_fen={scheme.code: BUDGET_FEN},
        at=at,
    )
    started = clearings.start(by=officer, clearing=made, at=at)
    if started.job is None or not solving.carry_out(code=started.job.code, at=at):
        raise RoundFailed(made.code)
    made.refresh_from_db()
    for person in (officer, bureau[Role.REVIEWER]):
        made = signing.sign(by=person, clearing=made, plan_sha256=made.plan_sha256, at=at)
    if made.status != "applied":
        raise RoundFailed(f"{made.code}: {made.status} {made.refusal}{made.void_reason}")
    return made
