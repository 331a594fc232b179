"""Collect and clear a round in the background: what is left to do is found in the database."""

import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import translation

from common import jobs, states
from common.models import Job, JobStatus
from marketplace.catalog.models import Bundle
from marketplace.clearing import wording
from marketplace.clearing.actions import collecting
from marketplace.clearing.models import (
    ClearingRound,
    Outcome,
    RoundInput,
    RoundOutcome,
    RoundStatus,
)
from marketplace.clearing.rules import filing
from marketplace.matching.models import Need
from marketplace.matching.rules import rounds_clearing, rounds_protocol, rounds_reasons
from marketplace.matching.rules.rounds import BadRound, Round
from marketplace.matching.rules.rounds_clearing import Plan
from marketplace.matching.rules.rounds_flow import FlowFailed
from marketplace.matching.rules.rounds_repair import FloorOutOfReach
from vouchers.grants.models import Scheme

KIND = "clearing"
TASK = "marketplace.clearing.carry_out"
PATIENCE = timedelta(seconds=30)
LONGEST = timedelta(minutes=30)
"""A round still running after this was left by a dead worker; doing it twice has one effect."""

TOLD_MISSED = 5
LANGUAGE = "zh-hans"

TRANSITIONS: states.Transitions = {
    RoundStatus.DRAFT: frozenset({RoundStatus.COLLECTED, RoundStatus.VOID}),
    RoundStatus.COLLECTED: frozenset({RoundStatus.SOLVED, RoundStatus.VOID}),
    RoundStatus.SOLVED: frozenset({RoundStatus.SIGNED_ONCE, RoundStatus.VOID}),
    RoundStatus.SIGNED_ONCE: frozenset({RoundStatus.APPLIED, RoundStatus.VOID}),
}


def left_behind(*, at: datetime) -> list[str]:
    """Jobs of rounds that nobody took up, or that a dead worker left. Oldest first."""
    rows = ClearingRound.objects.filter(
        status__in=[RoundStatus.DRAFT, RoundStatus.COLLECTED], job__isnull=False
    )
    waiting = rows.filter(job__status=JobStatus.WAITING, job__created_at__lt=at - PATIENCE)
    stuck = rows.filter(job__status=JobStatus.RUNNING, job__created_at__lt=at - LONGEST)
    return list((waiting | stuck).order_by("pk").values_list("job__code", flat=True))


def carry_out(*, code: str, at: datetime) -> ClearingRound | None:
    """Freeze the input and clear it; None when there is nothing left to do for that job.

    Both steps move the state by a conditional update, so that two workers have one effect. What cannot be cleared
    fails the job and says why on the round.
    """
    rows = ClearingRound.objects.select_related("bureau", "job")
    clearing = rows.filter(job__code=code).first()
    if clearing is None or clearing.job is None or clearing.job.status == JobStatus.FAILED:
        return None
    jobs.take(kind=KIND, code=code)
    job = clearing.job
    job.refresh_from_db()
    with translation.override(LANGUAGE):
        try:
            if clearing.status == RoundStatus.DRAFT:
                _freeze(clearing, job, at)
            if clearing.status == RoundStatus.COLLECTED:
                _solve(clearing, job, at)
        except states.WrongState:
            clearing.refresh_from_db()
        except (BadRound, FloorOutOfReach, FlowFailed) as error:
            _fail(clearing, job, str(wording.refusal(error)), at)
    return clearing


def _freeze(clearing: ClearingRound, job: Job, at: datetime) -> None:
    needs = collecting.open_needs(clearing=clearing)
    if not needs:
        raise BadRound("no_needs")
    content = collecting.collect(
        clearing=clearing,
        needs=needs,
        at=at,
        progress=lambda number: jobs.advance(job=job, done_count=number),
    )
    digest = filing.read(content).digest()
    with transaction.atomic():
        states.move(
            clearing,
            to=RoundStatus.COLLECTED,
            transitions=TRANSITIONS,
            collected_at=at,
            input_sha256=digest,
        )
        RoundInput.objects.create(round=clearing, content=zlib.compress(content))


def _solve(clearing: ClearingRound, job: Job, at: datetime) -> None:
    found = filing.read(content_of(clearing=clearing))
    plan = rounds_clearing.clear(found)
    figures = rounds_protocol.protocol(found, plan)
    with transaction.atomic():
        states.move(
            clearing,
            to=RoundStatus.SOLVED,
            transitions=TRANSITIONS,
            solved_at=at,
            plan_sha256=plan.digest(),
            figures=figures_of(figures),
            refusal="",
        )
        RoundOutcome.objects.bulk_create(_outcomes(clearing, found, plan), batch_size=1_000)
        jobs.finish(job=job, result={"plan": plan.digest()}, at=at)


@transaction.atomic
def _fail(clearing: ClearingRound, job: Job, reason: str, at: datetime) -> None:
    ClearingRound.objects.filter(pk=clearing.pk).update(refusal=reason[:300])
    clearing.refresh_from_db()
    jobs.fail(job=job, reason=reason, at=at)


def content_of(*, clearing: ClearingRound) -> bytes:
    """The frozen input as canonical JSON."""
    return zlib.decompress(clearing.input.content)


def plan_of(*, clearing: ClearingRound) -> tuple[Round, Plan]:
    """The plan as its rows tell it today, over the frozen input: what the hash is checked against."""
    found = filing.read(content_of(clearing=clearing))
    rows = {
        (found.needs[need], found.offerings[offering]): pair
        for pair, (need, offering) in enumerate(
            zip(found.need_of.tolist(), found.offering_of.tolist(), strict=True)
        )
    }
    pairs = np.full(len(found.needs), -1, dtype=np.int64)
    number = {code: index for index, code in enumerate(found.needs)}
    served = clearing.outcomes.filter(bundle__isnull=False)
    for need, bundle in served.values_list("need__code", "bundle__code"):
        pairs[number[need]] = rows[need, bundle]
    figures = clearing.figures
    return found, Plan(pairs, figures["value"], figures["bound"], found.seed, found.digest())


def figures_of(figures: rounds_protocol.Protocol) -> dict[str, Any]:
    """The protocol's figures as plain data; shares in hundredths of a percent, rounded down."""
    return {
        "needs": figures.needs,
        "served": figures.served,
        "value": figures.value,
        "bound": figures.bound,
        "gap_millionths": _part(figures.gap, 1_000_000),
        "greedy": figures.greedy,
        "first_come": figures.first_come,
        "spent_fen": dict(figures.spent_fen),
        "budgets_fen": dict(figures.budgets_fen),
        "full_offerings": figures.full_offerings,
        "served_by_section": dict(figures.served_by_section),
        "shares": {name: _part(share, 10_000) for name, share in figures.shares.items()},
        "outcomes": {outcome.value: count for outcome, count in figures.outcomes.items()},
        "seed": figures.seed,
    }


def _part(share: Fraction, parts: int) -> int:
    return int(share * parts)


def _outcomes(clearing: ClearingRound, found: Round, plan: Plan) -> list[RoundOutcome]:
    left = rounds_reasons.standing(found, plan.pairs)
    needs = dict(Need.objects.filter(code__in=found.needs).values_list("code", "pk"))
    bundles = dict(Bundle.objects.filter(code__in=found.offerings).values_list("code", "pk"))
    funds = dict(Scheme.objects.filter(code__in=found.schemes).values_list("code", "pk"))
    return [
        RoundOutcome(
            round=clearing,
            need_id=needs[found.needs[number]],
            outcome=Outcome(outcome.value),
            missed=_missed(found, left, number),
            **_served(found, int(plan.pairs[number]), bundles, funds),
        )
        for number, outcome in enumerate(rounds_reasons.outcomes(found, left))
    ]


def _served(
    found: Round, pair: int, bundles: dict[str, int], funds: dict[str, int]
) -> dict[str, Any]:
    if pair < 0:
        return {}
    scheme = int(found.scheme_of[pair])
    return {
        "bundle_id": bundles[found.offerings[int(found.offering_of[pair])]],
        "scheme_id": funds[found.schemes[scheme]] if scheme >= 0 else None,
        "value": int(found.value[pair]),
        "subsidy_fen": int(found.subsidy_fen[pair]),
    }


def _missed(found: Round, left: rounds_reasons.Standing, need: int) -> Sequence[dict[str, Any]]:
    return [
        {
            "bundle": row.offering,
            "scheme": row.scheme,
            "value": row.value,
            "block": row.block.value,
            "short": row.short,
            "least": row.least,
        }
        for row in rounds_reasons.missed(found, left, need)[:TOLD_MISSED]
    ]
