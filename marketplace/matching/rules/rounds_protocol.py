"""What a bureau publishes of a round: whole figures, nothing that is not checked again here."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from marketplace.matching.rules import rounds_baselines, rounds_reasons
from marketplace.matching.rules.rounds import Round
from marketplace.matching.rules.rounds_clearing import Plan
from marketplace.matching.rules.rounds_reasons import Outcome


class BrokenPlan(ValueError):
    """A plan that breaks a limit or a floor, or is not of this round; `code` says which."""

    def __init__(self, code: str, subject: str = "") -> None:
        super().__init__(f"{code}: {subject}" if subject else code)
        self.code = code
        self.subject = subject


@dataclass(frozen=True, slots=True)
class Protocol:
    """The figures of a round. Money in fen, values in points, shares as exact fractions.

    `spent_fen` and `budgets_fen` by scheme; `served_by_section` by letter, zero included.
    `greedy` and `first_come`: points those simpler ways would reach without any floor.
    """

    needs: int
    served: int
    value: int
    bound: int
    gap: Fraction
    greedy: int
    first_come: int
    spent_fen: Mapping[str, int]
    budgets_fen: Mapping[str, int]
    full_offerings: int
    served_by_section: Mapping[str, int]
    shares: Mapping[str, Fraction]
    outcomes: Mapping[Outcome, int]
    seed: int
    input_digest: str
    plan_digest: str


def protocol(found: Round, plan: Plan) -> Protocol:
    """Check the plan against the round, then state its figures. Raises BrokenPlan."""
    check(found, plan)
    left = rounds_reasons.standing(found, plan.pairs)
    served = np.flatnonzero(plan.pairs >= 0)
    by_section = np.bincount(found.section_of[served], minlength=len(found.sections))
    budgets = dict(zip(found.schemes, found.budgets_fen.tolist(), strict=True))
    remaining = dict(zip(found.schemes, left.money[:-1].tolist(), strict=True))
    counts = Counter(rounds_reasons.outcomes(found, left))
    return Protocol(
        needs=len(found.needs),
        served=len(served),
        value=plan.value,
        bound=plan.bound,
        gap=plan.gap,
        greedy=rounds_baselines.value_of(found, rounds_baselines.greedy(found)),
        first_come=rounds_baselines.value_of(found, rounds_baselines.first_come(found)),
        spent_fen={scheme: budgets[scheme] - remaining[scheme] for scheme in budgets},
        budgets_fen=budgets,
        full_offerings=int((left.places <= 0).sum()),
        served_by_section=dict(zip(found.sections, by_section.tolist(), strict=True)),
        shares={
            share.group: Fraction(int(found.members[share.group][served].sum()), len(served) or 1)
            for share in found.floors.shares
        },
        outcomes={outcome: counts[outcome] for outcome in Outcome},
        seed=plan.seed,
        input_digest=plan.input_digest,
        plan_digest=plan.digest(),
    )


def check(found: Round, plan: Plan) -> None:
    """Hold a plan against its round: input, pairs, value, places, money, floors. Raises BrokenPlan."""
    if plan.input_digest != found.digest():
        raise BrokenPlan("input_changed")
    needs = np.flatnonzero(plan.pairs >= 0)
    served = plan.pairs[needs]
    if len(plan.pairs) != len(found.needs) or not np.array_equal(found.need_of[served], needs):
        raise BrokenPlan("pair_of_another_need")
    if plan.value != int(found.value[served].sum()) or plan.value > plan.bound:
        raise BrokenPlan("value_wrong")
    left = rounds_reasons.standing(found, plan.pairs)
    if np.any(left.places < 0):
        raise BrokenPlan("places_exceeded", found.offerings[int(left.places.argmin())])
    if np.any(left.money < 0):
        raise BrokenPlan("budget_exceeded", found.schemes[int(left.money.argmin())])
    if len(np.unique(found.section_of[needs])) < found.floors.sections:
        raise BrokenPlan("floor_broken", "sections")
    for share, slack in zip(found.floors.shares, left.slack, strict=True):
        if slack < 0:
            raise BrokenPlan("floor_broken", share.group)
