"""What is due: contracts with usage that no bill shows yet, and that usage."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db import connection

from providers.models import SubscriptionStatus
from vouchers.billing.rules.rating import DayUsage
from vouchers.ledger.columns import SEPARATOR, joined, run, unnested

SHARDS = 8
"""Workers that may rate at the same time; an enterprise always belongs to one shard."""

CONTRACT = """
SELECT s.id, wanted.month, s.code, s.status, s.enterprise_id, e.code, s.offering_id,
       (s.starts_at AT TIME ZONE 'Asia/Shanghai')::date, s.prices_held_until, wanted.marks
FROM wanted
JOIN providers_subscription s ON s.id = wanted.subscription_id
JOIN accounts_organization e ON e.id = s.enterprise_id
ORDER BY wanted.month, s.id
"""
_MARKS = "string_agg(u.id::text, chr(31) ORDER BY u.id)"
UNBILLED = f"""
WITH wanted AS (
    SELECT u.subscription_id, u.month, {_MARKS} AS marks
    FROM vouchers_unbilledusage u JOIN providers_subscription s ON s.id = u.subscription_id
    WHERE s.enterprise_id %% {SHARDS} = ANY (%(shards)s)
      AND (%(month)s::date IS NULL OR u.month = %(month)s)
    GROUP BY u.month, u.subscription_id
    ORDER BY u.month, u.subscription_id
    LIMIT %(limit)s
)
{CONTRACT}
"""  # noqa: S608 - constant text, values are parameters
NAMED = f"""
WITH wanted AS (
    SELECT subscription_id, month, (
        SELECT {_MARKS} FROM vouchers_unbilledusage u
        WHERE u.subscription_id = given.subscription_id AND u.month = given.month
    ) AS marks
    FROM {unnested(subscription_id="bigint", month="date")}
)
{CONTRACT}
"""  # noqa: S608 - constant text, values are parameters
BUSY_SHARDS = f"""
SELECT DISTINCT s.enterprise_id %% {SHARDS}
FROM vouchers_unbilledusage u JOIN providers_subscription s ON s.id = u.subscription_id
WHERE %(month)s::date IS NULL OR u.month = %(month)s
ORDER BY 1
"""  # noqa: S608

TAKE = """
DELETE FROM vouchers_unbilledusage WHERE id = ANY(string_to_array(%(marks)s, chr(31))::bigint[])
"""
LEAVE = f"""
INSERT INTO vouchers_unbilledusage (subscription_id, month)
SELECT subscription, month FROM {unnested(subscription="bigint", month="date")}
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

    The prices of its first day hold on the days before `held_until`, on all where that is None. `marks` are the rows of
    UnbilledUsage that say so, joined; None where there are none.
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
    marks: str | None

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
    return [Due._make(row) for row in run(UNBILLED, given)]


def named(keys: Sequence[Key]) -> list[Due]:
    """Those subscriptions' months, due or not."""
    return [Due._make(row) for row in run(NAMED, _columns(keys, "subscription_id"))]


def take(dues: Sequence[Due]) -> None:
    """Remove the marks of what is about to be billed; waits for whoever else is about to.

    Django's own cursor merges the values into the text, so that this is planned anew each time: the table is mostly
    empty when its statistics are gathered, and a plan kept for no rows would compare each with all that is asked.
    """
    marks = [due.marks for due in dues if due.marks]
    if marks:
        with connection.cursor() as cursor:
            cursor.execute(TAKE, {"marks": SEPARATOR.join(marks)})


def leave(dues: Sequence[Due]) -> None:
    """Those could not be billed: they stay due."""
    marked = [due.key for due in dues if due.marks]
    if marked:
        run(LEAVE, _columns(marked))


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
