"""Usage events taken in a second, from JSON bytes to commit, in one process."""

import json
import time

from accounts.access import Actor
from bench.figures import Figure, Limits, against
from bench.limits import copied as copied_per_second
from providers.models import Subscription
from tests.factories import providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from vouchers.billing.actions import usage
from vouchers.billing.rules import events
from vouchers.billing.rules.events import EVENT_TYPE

EVENTS = 100_000
SUBSCRIPTIONS = 50
GOALS = {5_000: 0.35, 1_000: 0.25}
"""Least ratio by batch size."""


def measure(limits: Limits) -> list[Figure]:
    """Batches of 5,000 and of 1,000; a tenth of the events are sent twice."""
    offering = providers.token_offering()
    contracts = [providers.subscription(offered=offering) for _ in range(SUBSCRIPTIONS)]
    by = metered.operator(offering.provider)
    rates = {size: _per_second(by, contracts, size) for size in GOALS}
    copied = copied_per_second(limits.address, "vouchers_usageevent")
    return [
        against(
            name=f"ingest_{size}",
            value=rate,
            unit="events/s",
            limit_name="raw COPY of the same rows",
            limit=copied,
            goal=GOALS[size],
        )
        for size, rate in rates.items()
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
