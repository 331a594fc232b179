"""Usage events taken in a second, from JSON bytes to commit, in one process."""

import json
import time

from accounts.access import Actor
from bench.figures import Figure, Limits
from providers.models import Subscription
from tests.factories import providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from vouchers.billing.actions import usage
from vouchers.billing.rules import events
from vouchers.billing.rules.events import EVENT_TYPE

EVENTS = 100_000
SUBSCRIPTIONS = 50
GOALS = {5_000: 0.05, 1_000: 0.04}


def measure(limits: Limits) -> list[Figure]:
    """Batches of 5,000 and of 1,000; a tenth of the events are sent twice."""
    offering = providers.token_offering()
    contracts = [providers.subscription(offered=offering) for _ in range(SUBSCRIPTIONS)]
    by = metered.operator(offering.provider)
    return [
        limits.against_copy(
            name=f"ingest in batches of {size:,}",
            value=_per_second(by, contracts, size),
            unit="events/s",
            goal=goal,
        )
        for size, goal in GOALS.items()
    ]


def _per_second(by: Actor, contracts: list[Subscription], size: int) -> float:
    bodies = [_body(contracts, first, size) for first in range(0, EVENTS, size)]
    usage.ingest(by=by, events=events.read_batch(_body(contracts, EVENTS, size)), at=NOW)
    start = time.perf_counter()
    for body in bodies:
        usage.ingest(by=by, events=events.read_batch(body), at=NOW)
    return EVENTS / (time.perf_counter() - start)


def _body(contracts: list[Subscription], first: int, size: int) -> bytes:
    """A batch; every tenth number was sent in the batch before."""
    rows = []
    for index in range(size):
        number = first + index - (size if index % 10 == 0 and first else 0)
        rows.append(
            {
                "specversion": "1.0",
                "type": EVENT_TYPE,
                "source": f"/bench/{size}",
                "id": f"request-{number:09}",
                "time": f"2026-10-{1 + number % 10:02}T10:00:{number % 60:02}+08:00",
                "subject": contracts[number % len(contracts)].code,
                "data": {"input_tokens": 100 + number % 4_000, "output_tokens": 1 + number % 900},
            }
        )
    return json.dumps(rows).encode()
