"""Bills rated and burned down in a second: each rates two meters and debits a voucher and funds."""

import time
from threading import Thread

from django.db import connection

from bench.figures import Figure, Limits
from providers.models import Subscription
from tests.factories import grants, providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from vouchers.billing.actions.charging import rating
from vouchers.billing.actions.metering import usage
from vouchers.billing.models import Bill, UnbilledUsage

BILLS = 100
ROUNDS = 3
QUANTITIES = {"input_tokens": 1_000_000, "output_tokens": 100_000}


def measure(limits: Limits) -> list[Figure]:
    """One worker, then two at the same time."""
    rating.tick(at=NOW)  # what other benchmarks left behind
    offering = providers.token_offering()
    plan = grants.scheme(rules=metered.RULES, budget_fen=10**12)
    contracts = [providers.subscription(offered=offering) for _ in range(BILLS)]
    for contract in contracts:
        grants.voucher(contract.enterprise, plan, face_fen=10**8)
        grants.funds(contract.enterprise, 10**8)
    return [
        limits.against_tpcb(
            name=f"redemptions, {workers} worker{'s' * (workers > 1)}",
            value=_per_second(contracts, workers),
            unit="bills/s",
            goal=0.02,
        )
        for workers in (1, 2)
    ]


def _per_second(contracts: list[Subscription], workers: int) -> float:
    by = metered.operator(contracts[0].offering.provider)
    spent = 0.0
    for _ in range(ROUNDS):
        usage.ingest(
            by=by,
            events=[metered.report(each, quantities=QUANTITIES) for each in contracts],
            at=NOW,
        )
        threads = [Thread(target=_tick, args=(part, workers)) for part in range(workers)]
        start = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        spent += time.perf_counter() - start
        rating.tick(at=NOW)
        assert not UnbilledUsage.objects.exists()
    assert Bill.objects.filter(subscription__in=contracts).count() == len(contracts)
    return ROUNDS * len(contracts) / spent


def _tick(part: int, parts: int) -> None:
    try:
        rating.tick(at=NOW, part=part, parts=parts)
    finally:
        connection.close()
