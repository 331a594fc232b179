"""The stock as this process keeps it, looked at again when the database has changed."""

import threading
import time
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import connection

from common.periods import local_day
from marketplace.matching.actions import stock
from marketplace.matching.actions.stock import Stock

TABLES = (
    "accounts_organization",
    "marketplace_bundle",
    "marketplace_bundle_scenarios",
    "marketplace_bundleitem",
    "marketplace_compatibility",
    "marketplace_composingterms",
    "marketplace_composingterms_scenarios",
    "marketplace_offeringexperience",
    "providers_capacity",
    "providers_facility",
    "providers_offering",
    "providers_provider",
    "providers_rate",
)
SQL = "SELECT {number}, count(*), coalesce(sum(hashtid(ctid)::bigint), 0), coalesce(sum(xmin::text::bigint), 0) FROM "
PUBLISHED = "IN (SELECT id FROM marketplace_bundle WHERE status = 'published')"
ONLY = {
    "accounts_organization": " WHERE kind = 'provider'",
    "marketplace_bundle": f" WHERE id {PUBLISHED}",
    "marketplace_bundle_scenarios": f" WHERE bundle_id {PUBLISHED}",
    "marketplace_bundleitem": f" WHERE bundle_id {PUBLISHED}",
}
"""Firms that register, and bundles that the platform composes for a need, are no stock."""
STAMP = " UNION ALL ".join(
    SQL.format(number=number) + table + ONLY.get(table, "") for number, table in enumerate(TABLES)
)
"""Every new, changed or deleted row changes count, places or writers: an update is a new row.

Large tables are looked at in parallel, so the answers come in any order: each bears its number.
"""

Stamp = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class _Kept:
    day: date
    stamp: Stamp
    looked: float
    stock: Stock


_lock = threading.Lock()
_kept: dict[str, _Kept] = {}


def current(*, at: datetime, is_exact: bool = False) -> Stock:
    """The stock for the civil day of `at`, at most settings.MATCH_STOCK_SECONDS old; 0 keeps none.

    Exact ones, as an order asks for, are of now: the stamp is looked at whatever its age. The
    stamp is read before the stock, so that a change between the two is seen at the next look.
    """
    day = local_day(at)
    if not settings.MATCH_STOCK_SECONDS:
        return stock.read(at=at)
    with _lock:
        kept, now = _kept.get(connection.alias), time.monotonic()
        is_young = kept and now - kept.looked < settings.MATCH_STOCK_SECONDS
        if kept and kept.day == day and is_young and not is_exact:
            return kept.stock
        stamp = _stamp()
        goods = kept.stock if kept and (kept.day, kept.stamp) == (day, stamp) else stock.read(at=at)
        _kept[connection.alias] = _Kept(day, stamp, now, goods)
        return goods


def _stamp() -> Stamp:
    with connection.cursor() as cursor:
        cursor.execute(STAMP)
        return tuple(sorted(tuple(map(int, row)) for row in cursor.fetchall()))
