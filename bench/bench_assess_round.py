"""A round of 2,000 applications: each assessed, its explanation stored."""

import time
from datetime import timedelta

from bench.figures import Figure, Limits, at_most
from tests.factories import accounts, grants, plans
from tests.factories.accounts import NOW
from vouchers.grants.actions import rounds
from vouchers.grants.models import Application, Scheme

APPLICATIONS, FIRMS = 2_000, 20
GOAL_SECONDS = 5.0


def measure(limits: Limits) -> list[Figure]:
    """One round, in one transaction."""
    scheme = grants.scheme(rules=plans.BEIJING, budget_fen=10**11)
    _hand_in(scheme)
    by = accounts.officer(scheme.bureau, "reviewer")
    start = time.perf_counter()
    found = rounds.assess_round(by=by, scheme=scheme, at=NOW)
    seconds = time.perf_counter() - start
    assert found.answered == APPLICATIONS
    assert Application.objects.filter(scheme=scheme, assessment={}).count() == 0
    return [at_most(name="assess_round", value=seconds, unit="s for 2,000", goal=GOAL_SECONDS)]


def _hand_in(scheme: Scheme) -> None:
    first = [grants.application(plan=scheme) for _ in range(FIRMS)]
    rest = []
    for number in range(APPLICATIONS - FIRMS):
        copy = Application.objects.get(pk=first[number % FIRMS].pk)
        copy.pk = None
        copy.code = f"AP-BENCH-{number:05d}"
        copy.submitted_at = NOW + timedelta(seconds=number)
        rest.append(copy)
    Application.objects.bulk_create(rest)
