"""What is due: contracts with usage that no bill shows yet, and that usage."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from providers.models import SubscriptionStatus
from vouchers.billing.rules.rating import DayUsage
from vouchers.ledger.columns import joined, run, unnested

SHARDS = 8
"""Workers that may rate at the same time; an enterprise always belongs to one shard."""

CONTRACT = """
SELECT s.id, wanted.month, s.code, s.status, s.enterprise_id, e.code, s.offering_id,
       (s.starts_at AT TIME ZONE 'Asia/Shanghai')::date, s.prices_held_until
FROM wanted
JOIN providers_subscription s ON s.id = wanted.subscription_id
JOIN accounts_organization e ON e.id = s.enterprise_id
ORDER BY wanted.month, s.id
"""
DIRTY = f"""
WITH wanted AS (
    SELECT r.subscription_id, r.month
    FROM vouchers_usagerollup r JOIN providers_subscription s ON s.id = r.subscription_id
    WHERE r.is_dirty AND s.enterprise_id %% {SHARDS} = ANY (%(shards)s)
      AND (%(month)s::date IS NULL OR r.month = %(month)s)
    GROUP BY r.month, r.subscription_id
    ORDER BY r.month, r.subscription_id
    LIMIT %(limit)s
)
{CONTRACT}
"""  # noqa: S608 - constant text, values are parameters
NAMED = f"""
WITH wanted AS (
    SELECT subscription_id, month FROM {unnested(subscription_id="bigint", month="date")}
)
{CONTRACT}
"""  # noqa: S608 - constant text, values are parameters
BUSY_SHARDS = f"""
SELECT DISTINCT s.enterprise_id %% {SHARDS}
FROM vouchers_usagerollup r JOIN providers_subscription s ON s.id = r.subscription_id
WHERE r.is_dirty AND (%(month)s::date IS NULL OR r.month = %(month)s)
ORDER BY 1
"""  # noqa: S608

# The order of the unique index, in which reports lock their rows too. Statistics are mostly gathered
# while nothing is dirty; CASE keeps the planner from counting on that, and so from comparing each
# dirty row with all that is asked.
TAKE = f"""
WITH taken AS MATERIALIZED (
    SELECT r.id
    FROM {unnested(subscription="bigint", month="date")}
    JOIN vouchers_usagerollup r
      ON r.subscription_id = given.subscription AND r.month = given.month
    WHERE CASE WHEN r.is_dirty THEN true ELSE false END
    ORDER BY r.subscription_id, r.month, r.meter COLLATE "C", r.context_from, r.day
    FOR NO KEY UPDATE OF r
)
UPDATE vouchers_usagerollup r SET is_dirty = false
FROM taken WHERE r.id = taken.id
RETURNING r.id, r.subscription_id, r.month
"""  # noqa: S608
LEAVE = f"""
UPDATE vouchers_usagerollup r SET is_dirty = true
FROM {unnested(id="bigint")} WHERE r.id = given.id
"""  # noqa: S608
USED = f"""
SELECT r.subscription_id, given.month, date_trunc('month', r.day)::date, r.meter,
       CASE WHEN given.by_day OR r.day < given.month THEN r.day ELSE given.month END,
       r.context_from, sum(r.quantity)::bigint
FROM {unnested(subscription="bigint", month="date", by_day="boolean")}
JOIN vouchers_usagerollup r
  ON r.subscription_id = given.subscription AND r.month = given.month
GROUP BY 1, 2, 3, 4, 5, 6
"""  # noqa: S608
BILLED_BEFORE = f"""
SELECT r.subscription_id, given.month, given.origin, r.meter, r.day, r.context_from,
       sum(r.quantity)::bigint
FROM {unnested(subscription="bigint", month="date", origin="date")}
JOIN vouchers_usagerollup r
  ON r.subscription_id = given.subscription AND r.month >= given.origin AND r.month < given.month
 AND r.day >= given.origin AND r.day < given.origin + interval '1 month'
GROUP BY 1, 2, 3, 4, 5, 6
"""  # noqa: S608

Key = tuple[int, date]
"""A subscription's primary key and the month of a bill."""


class Due(NamedTuple):
    """One subscription's month to be rated, with what is asked of the contract.

    The prices of its first day hold on the days before `held_until`, on all where that is None.
    """

    subscription: int
    month: date
    code: str
    status: str
    enterprise: int
    enterprise_code: str
    offering: int
    starts_on: date
    held_until: date | None

    @property
    def key(self) -> Key:
        """What names the bill."""
        return self.subscription, self.month

    @property
    def is_running(self) -> bool:
        """Tell whether a stop signal would change anything."""
        return self.status == SubscriptionStatus.ACTIVE


Usage = dict[Key, dict[date, list[DayUsage]]]
"""By bill, then by the month of origin."""


def shards(month: date | None) -> list[int]:
    """The shards that have something due, in order."""
    return [shard for (shard,) in run(BUSY_SHARDS, {"month": month})]


def of_shards(shards: Sequence[int], *, month: date | None, limit: int) -> list[Due]:
    """What is due of those shards, oldest month first."""
    given = {"shards": list(shards), "month": month, "limit": limit}
    return [Due._make(row) for row in run(DIRTY, given)]


def named(keys: Sequence[Key]) -> list[Due]:
    """Those subscriptions' months, due or not."""
    return [Due._make(row) for row in run(NAMED, _columns(keys, "subscription_id"))]


def take(dues: Sequence[Due]) -> dict[Key, list[int]]:
    """Lock the days that no bill shows yet and mark them as billed; their primary keys by bill."""
    found: dict[Key, list[int]] = defaultdict(list)
    for pk, subscription, month in run(TAKE, _columns([due.key for due in dues])):
        found[subscription, month].append(pk)
    return found


def leave(pks: Sequence[int]) -> None:
    """Those of the days taken could not be billed: they stay due."""
    if pks:
        run(LEAVE, {"id": joined(pks)})


def used(keys: Sequence[Key], *, by_day: Sequence[bool]) -> Usage:
    """The usage that those bills show, by origin.

    Where prices do not change amid a bill's month, the database adds up its days already.
    """
    return _usage(run(USED, {**_columns(keys), "by_day": joined(by_day)}))


def billed_before(slices: Sequence[tuple[Key, date]]) -> Usage:
    """Usage of the origins that earlier bills show, by the bill that adjusts it."""
    given = {
        **_columns([key for key, _ in slices]),
        "origin": joined(origin for _, origin in slices),
    }
    return _usage(run(BILLED_BEFORE, given))


def _usage(rows: list[Any]) -> Usage:
    found: Usage = {}
    for subscription, month, origin, *day in rows:
        origins = found.setdefault((subscription, month), {})
        origins.setdefault(origin, []).append(DayUsage(*day))
    return found


def _columns(keys: Sequence[Key], name: str = "subscription") -> dict[str, str]:
    return {name: joined(key[0] for key in keys), "month": joined(key[1] for key in keys)}
