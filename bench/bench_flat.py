"""What a redemption and a wallet page cost in a small city and in one a hundred times as large.

BENCH_FLAT_VOUCHERS and BENCH_FLAT_EVENTS name both sizes; `BENCH_FLAT_VOUCHERS=1000,10000
BENCH_FLAT_EVENTS=10000,100000` takes seconds. Rows are written by INSERT … SELECT and billed by the tick, so that all
constraints and invariants hold; then ANALYZE. A redemption is one reported event and the tick that bills it.
"""

import random
import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import Organization
from bench import orders
from bench.figures import Figure, Limits, at_most
from config import env
from providers.models import Subscription
from tests.factories import accounts
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from vouchers.billing.actions.charging import rating
from vouchers.billing.actions.metering import usage

VOUCHERS = [int(word) for word in env.words("BENCH_FLAT_VOUCHERS", "10000,1000000")]
EVENTS = [int(word) for word in env.words("BENCH_FLAT_EVENTS", "100000,10000000")]
BUSY = 200
"""Subscriptions that share the events."""
SAMPLES = 40
GOAL = 1.3

FILL = """
WITH made AS (
    INSERT INTO vouchers_usagekey (key, content, received_at)
    SELECT gen_random_uuid(), gen_random_uuid(), %(at)s FROM generate_series(%(first)s, %(last)s)
    RETURNING key, received_at
), numbered AS (
    SELECT key, received_at, row_number() OVER () + %(first)s AS number FROM made
), stored AS (
    INSERT INTO vouchers_usageevent
        (key, provider_id, source, event_id, subscription_id, occurred_at, received_at, month,
         quantities)
    SELECT n.key, o.provider_id, '/bench/flat', n.number::text, s.id,
           %(day)s::date + interval '12 hours', n.received_at, date_trunc('month', %(day)s::date),
           '{"input_tokens": 1000}'
    FROM numbered n
    JOIN providers_subscription s ON s.id = (%(busy)s::bigint[])[1 + n.number %% %(count)s]
    JOIN providers_offering o ON o.id = s.offering_id
    RETURNING subscription_id, month
), summed AS (
    INSERT INTO vouchers_usagerollup AS old
        (subscription_id, month, meter, context_from, day, quantity, events)
    SELECT subscription_id, month, 'input_tokens', 0, %(day)s, count(*) * 1000, count(*)
    FROM stored GROUP BY subscription_id, month
    ON CONFLICT (subscription_id, month, meter, context_from, day) DO UPDATE
    SET quantity = old.quantity + excluded.quantity, events = old.events + excluded.events
    RETURNING subscription_id, month
)
INSERT INTO vouchers_unbilledusage (subscription_id, month) SELECT subscription_id, month FROM summed
"""


def measure(limits: Limits) -> list[Figure]:
    """Milliseconds in the large city, and as a multiple of those in the small one."""
    rating.tick(at=NOW)  # what other benchmarks left behind
    costs: list[dict[str, float]] = []
    had = dict.fromkeys(("vouchers", "events"), 0)
    for vouchers, events in zip(VOUCHERS, EVENTS, strict=True):
        city = grow(vouchers - had["vouchers"], events - had["events"])
        had = {"vouchers": vouchers, "events": events}
        chance = random.Random(vouchers)
        chosen = chance.sample(city.subscriptions, SAMPLES)
        costs.append({"flat_redeem": redeem(chosen), "flat_wallet_page": page(chosen)})
    small, large = costs
    return [
        figure
        for name in small
        for figure in (
            at_most(name=f"{name}_ms", value=large[name], unit="ms", goal=1_000),
            at_most(name=name, value=large[name] / small[name], unit="× small", goal=GOAL),
        )
    ]


def grow(vouchers: int, events: int) -> orders.City:
    """Add firms, vouchers and billed events."""
    city = orders.city(orders=vouchers * 2 // 3, vouchers=vouchers)
    busy = city.subscriptions[:BUSY]
    with connection.cursor() as cursor:
        for first in range(0, events, 100_000):
            last = min(first + 100_000, events) - 1
            given: dict[str, Any] = {"first": first, "last": last, "at": NOW, "day": orders.DAY}
            cursor.execute(FILL, {**given, "busy": busy, "count": len(busy)})
    rating.tick(at=NOW)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return city


def redeem(chosen: list[int]) -> float:
    """Middle milliseconds of one event reported and billed."""
    contracts = list(Subscription.objects.filter(pk__in=chosen).select_related("offering"))
    by = metered.operator(contracts[0].offering.provider)

    def one(contract: Subscription) -> None:
        event = metered.report(contract, quantities={"input_tokens": 1_000_000})
        usage.ingest(by=by, events=[event], at=NOW)
        assert rating.tick(at=NOW).rated == 1

    return timed([partial(one, each) for each in contracts])


def page(chosen: list[int]) -> float:
    """Middle milliseconds of the wallet's page, in this process."""
    firms = Organization.objects.filter(pk__in=_firms(chosen))
    clients = []
    for firm in firms:
        client = Client()
        client.force_login(accounts.signatory(firm).user)
        clients.append(client)
    return timed([partial(_look, each) for each in clients])


def _look(client: Client) -> None:
    answer = client.get(reverse("vouchers:wallet"), headers={"host": "127.0.0.1"})
    assert answer.status_code == 200, answer.status_code


def _firms(chosen: list[int]) -> list[int]:
    rows = Subscription.objects.filter(pk__in=chosen)
    return list(rows.values_list("enterprise_id", flat=True))


def timed(works: list[Callable[[], None]]) -> float:
    """Middle milliseconds; the first tenth warms up."""
    spent = []
    for work in works:
        start = time.perf_counter()
        work()
        spent.append((time.perf_counter() - start) * 1_000)
    return median(spent[len(works) // 10 :])
