"""Holds the invariants of all wings against the database: each is SQL that must return no rows."""

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from providers.actions.bank_invariants import I12
from vouchers.audit.actions import budget_days, debt_invariants
from vouchers.audit.actions.claim_invariants import I8
from vouchers.ledger.actions import seal_checks
from vouchers.ledger.actions.invariants import Query

WINGS = ("ledger", "grants", "billing", "audit")
SEAL = "I9"
"""The one that SQL alone cannot tell: rows are held against their blocks."""
MOST_ROWS = 1_000
"""More broken rows than these are not read: the first ones tell enough."""

I11 = """
WITH moved AS (
    SELECT t.amount_fen, d.kind AS debit_kind, d.key AS debit_key,
           c.kind AS credit_kind, c.key AS credit_key
    FROM vouchers_transfer t
    JOIN vouchers_account d ON d.id = t.debit_account_id
    JOIN vouchers_account c ON c.id = t.credit_account_id
    WHERE t.kind IN ('single', 'capture')
      AND (d.kind IN ('provider_payable', 'enterprise_payable', 'paid_out')
           OR c.kind IN ('provider_payable', 'enterprise_payable', 'paid_out'))
), redeemed AS (
    SELECT scheme, sum(fen) AS fen FROM (
        SELECT split_part(credit_key, '/', 1) AS scheme, amount_fen AS fen
        FROM moved WHERE debit_kind = 'voucher' AND credit_kind IN ('provider_payable', 'enterprise_payable')
        UNION ALL
        SELECT split_part(debit_key, '/', 1), -amount_fen
        FROM moved WHERE debit_kind IN ('provider_payable', 'enterprise_payable') AND credit_kind = 'voucher'
    ) r GROUP BY scheme
), paid AS (
    SELECT scheme, sum(fen) AS fen FROM (
        SELECT credit_key AS scheme, amount_fen AS fen FROM moved WHERE credit_kind = 'paid_out'
        UNION ALL
        SELECT debit_key, -amount_fen FROM moved WHERE debit_kind = 'paid_out'
    ) p GROUP BY scheme
), settled AS (
    SELECT scheme_id, sum(total_fen - again) AS fen
    FROM (SELECT s.scheme_id, s.total_fen,
                 (SELECT coalesce(sum(p.amount_fen), 0) FROM vouchers_payment p
                  WHERE p.settlement_id = s.id AND p.replaces_id IS NOT NULL) AS again
          FROM vouchers_settlement s) b
    GROUP BY scheme_id
)
SELECT s.code AS scheme, coalesce(r.fen, 0) AS redeemed_fen, coalesce(b.fen, 0) AS settled_fen,
       coalesce(p.fen, 0) AS paid_fen
FROM vouchers_scheme s
LEFT JOIN redeemed r ON r.scheme = s.code
LEFT JOIN settled b ON b.scheme_id = s.id
LEFT JOIN paid p ON p.scheme = s.code
WHERE coalesce(r.fen, 0) < coalesce(b.fen, 0) OR coalesce(b.fen, 0) < coalesce(p.fen, 0)
UNION ALL
SELECT s.code || ' ' || s.status, sum(p.amount_fen), sum(p.amount_fen),
       coalesce(sum(t.amount_fen), 0)
FROM vouchers_settlement s
JOIN vouchers_payment p ON p.settlement_id = s.id
LEFT JOIN vouchers_transfer t ON t.id = p.transfer_id
GROUP BY s.id, s.code, s.status
HAVING (s.status = 'paid') <> bool_and(p.status <> 'waiting')
    OR (s.status NOT IN ('signed', 'paid') AND bool_or(p.status <> 'waiting'))
"""

QUERIES: dict[str, Query] = {
    "I8": Query(
        "I8",
        "Each redeemed fen is in at most one claim; claims, settlements and payments add up",
        I8,
    ),
    "I8 debts": Query("I8", "A debt = paid back + written off + left", debt_invariants.BROKEN),
    "I11": Query("I11", "Each scheme: redeemed is at least settled, settled at least paid", I11),
    "I11 by day": Query("I11", "Each scheme: burn-down by day = its transfers", budget_days.BROKEN),
    "I12": Query("I12", "Compute bank: card-seconds drawn never exceed those deposited", I12),
}

TITLES: dict[str, str | Promise] = {
    "I1": _("Sum of debits equals sum of credits, pending and posted"),
    "I2": _("Counters of each account equal the fold of its transfers"),
    "I3": _("No guarded account is overdrawn"),
    "I4": _("Each hold is resolved at most once, none open past its expiry and grace"),
    "I5": _("Usage rollups equal the fold of usage events"),
    "I6": _("Each bill equals its lines, its payers and its charges"),
    "I7": _("Vouchers paid in burn-down order"),
    "I8": _("Each redeemed fen is in at most one claim; claims, settlements and payments add up"),
    "I9": _("Sealed rows are as they were sealed, and no block is missing"),
    "I10": _("Each voucher: face = available + held + redeemed + expired + revoked"),
    "I11": _("Each scheme: appropriated ≥ issued ≥ redeemed ≥ settled ≥ paid"),
    "I12": _("Compute bank: card-seconds drawn never exceed those deposited"),
}
"""Plain titles for people, in their language; without one the query's own title is shown."""


@dataclass(frozen=True, slots=True)
class Result:
    """One invariant held against the database; no rows means that it holds."""

    name: str
    title: str | Promise
    rows: list[dict[str, Any]]
    duration_ms: int

    @property
    def holds(self) -> bool:
        """Tell whether nothing broke it."""
        return not self.rows


def title_of(name: str, fallback: str = "") -> str | Promise:
    """The plain title of an invariant."""
    return TITLES.get(name, fallback or name)


def queries() -> dict[str, list[Query]]:
    """The queries of all wings by invariant, in order of number; I11 has three parts, I9 has none."""
    found: dict[str, list[Query]] = {}
    for wing in WINGS:
        module = f"vouchers.{wing}.actions.invariants"
        if find_spec(module) is not None:
            for query in import_module(module).QUERIES.values():
                found.setdefault(query.name, []).append(query)
    found[SEAL] = []
    return dict(sorted(found.items(), key=lambda pair: _number(pair[0])))


def check(
    *, at: datetime, full: bool = False, progress: Callable[[int], None] | None = None
) -> list[Result]:
    """Run every invariant once, each query on one snapshot. Changes nothing but the seal's log of checks.

    I9 is held against blocks since the last good check, with `full` against all. `progress` is told
    after each how many are done. `at` is the moment for the record; queries use the clock of the
    database. Reads at most MOST_ROWS rows of each query.
    """
    results = []
    for done, (name, parts) in enumerate(queries().items(), start=1):
        started = time.monotonic()
        rows = [row for query in parts for row in _rows(query.sql)]
        if name == SEAL:
            rows = [asdict(fault) for fault in seal_checks.verify(at=at, full=full)]
        spent = int((time.monotonic() - started) * 1000)
        fallback = parts[0].title if parts else name
        results.append(Result(name, title_of(name, fallback), rows, spent))
        if progress is not None:
            progress(done)
    return results


def _rows(sql: str) -> Iterator[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        columns = [column.name for column in cursor.description or ()]
        for row in cursor.fetchmany(MOST_ROWS):
            yield dict(zip(columns, row, strict=True))


def _number(name: str) -> tuple[int, str]:
    digits = "".join(symbol for symbol in name if symbol.isdigit())
    return int(digits or 0), name
