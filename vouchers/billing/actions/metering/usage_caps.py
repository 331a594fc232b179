"""Caps of subscriptions: what may be reported of a meter in all, and what was."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from common.statements import plain_cursor
from providers.models import Subscription
from vouchers.billing.actions.metering import rollups
from vouchers.billing.models import UsageCap

Cap = tuple[int, str]
"""Subscription, meter."""

LOCK = """
SELECT subscription_id, meter, most_units - used_units FROM vouchers_usagecap
WHERE subscription_id = ANY(%s) ORDER BY subscription_id, meter FOR NO KEY UPDATE
"""
ADD = """
UPDATE vouchers_usagecap SET used_units = used_units + %s, passed_at = coalesce(passed_at, %s)
WHERE subscription_id = %s AND meter = %s
"""


class BoundPassed(Exception):
    """A cap or a capacity is passed by now: undo what was written, write less."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What was used of a cap, in base units, and whether a report was refused for it."""

    used_units: int
    is_passed: bool


@transaction.atomic
def state(*, subscription: Subscription, units: Mapping[str, int]) -> None:
    """Let no more than so many base units of each meter ever be reported on a new subscription."""
    UsageCap.objects.bulk_create(
        UsageCap(subscription=subscription, meter=meter, most_units=most)
        for meter, most in sorted(units.items())
    )


def standings(*, subscription_ids: Collection[int]) -> dict[int, dict[str, Standing]]:
    """What was used, by subscription and meter. One query."""
    rows = UsageCap.objects.filter(subscription__in=subscription_ids).order_by("pk")
    found: dict[int, dict[str, Standing]] = defaultdict(dict)
    for row in rows:
        found[row.subscription_id][row.meter] = Standing(row.used_units, row.passed_at is not None)
    return found


def left(subscription_ids: Collection[int]) -> dict[Cap, int]:
    """What is left of the caps of the subscriptions, as committed by now."""
    rows = UsageCap.objects.filter(subscription__in=subscription_ids)
    return {(row.subscription_id, row.meter): row.most_units - row.used_units for row in rows}


def add(
    *, summed: Iterable[rollups.Row], capped: Collection[int], passed: Collection[Cap], at: datetime
) -> None:
    """Add what rollups took in to the caps of the capped subscriptions; note those that were passed.

    Locks the caps in order until commit, after rollups and before what offerings delivered. Raises
    BoundPassed, also when batches that ran at the same time pass a cap only together.
    """
    sums: Counter[Cap] = Counter()
    for row in summed:
        if row.subscription_id in capped:
            sums[row.subscription_id, row.meter] += row.quantity
    touched = {*sums, *passed}
    if not touched:
        return
    with plain_cursor() as cursor:
        subscriptions = sorted({subscription for subscription, _meter in touched})
        rows = cursor.execute(LOCK, [subscriptions]).fetchall()
        if any(sums[subscription, meter] > max(room, 0) for subscription, meter, room in rows):
            raise BoundPassed
        for key in sorted(touched):
            cursor.execute(ADD, [sums[key], at if key in passed else None, *key])
