"""The hourly check of all invariants on a ledger of a million transfers.

BENCH_TRANSFERS says how many. Half are holds with their captures, half single ones, between vouchers and providers;
they are written by INSERT … SELECT and the counters follow by their sums, so that every invariant holds.
"""

from time import perf_counter
from typing import Any

from django.db import connection

from bench.figures import Figure, Limits, at_most
from config import env
from tests.factories import ledger
from tests.factories.accounts import NOW
from vouchers.audit.actions import invariants
from vouchers.ledger.actions import accounts, transfers
from vouchers.ledger.kinds import AccountKind

TRANSFERS = env.number("BENCH_TRANSFERS", 1_000_000)
OWNERS, PROVIDERS = 5_000, 50
FACE_FEN = 10**9
GOAL_SECONDS = 60.0
BATCH = 100_000

SINGLES = """
INSERT INTO vouchers_transfer
    (id, kind, debit_account_id, credit_account_id, amount_fen, reason, reference, at)
SELECT gen_random_uuid(), 'single', (%(owners)s::bigint[])[1 + n %% %(own)s],
       (%(providers)s::bigint[])[1 + n %% %(sold)s], 1 + n %% 900, 'bench', n::text, %(at)s
FROM generate_series(%(first)s, %(last)s) n
"""
HOLDS = """
WITH held AS (
    INSERT INTO vouchers_transfer
        (id, kind, debit_account_id, credit_account_id, amount_fen, reason, reference, at)
    SELECT gen_random_uuid(), 'hold', (%(owners)s::bigint[])[1 + n %% %(own)s],
           (%(providers)s::bigint[])[1 + n %% %(sold)s], 1 + n %% 900, 'bench', n::text, %(at)s
    FROM generate_series(%(first)s, %(last)s, 2) n
    RETURNING *
), captured AS (
    INSERT INTO vouchers_transfer
        (id, kind, debit_account_id, credit_account_id, amount_fen, hold_id, reason, reference, at)
    SELECT gen_random_uuid(), 'capture', debit_account_id, credit_account_id,
           (amount_fen + 1) / 2, id, reason, reference, at FROM held
    RETURNING id, hold_id
)
INSERT INTO vouchers_hold (transfer_id, expires_at, resolved_with_id)
SELECT hold_id, %(at)s::timestamptz + interval '1 hour', id FROM captured
"""
COUNTERS = """
UPDATE vouchers_account a SET debits_posted_fen = f.fen
FROM (SELECT debit_account_id AS id, sum(amount_fen) AS fen FROM vouchers_transfer
      WHERE kind IN ('single', 'capture') AND debit_account_id = ANY(%s) GROUP BY 1) f
WHERE a.id = f.id
"""


def measure(limits: Limits) -> list[Figure]:
    """Seconds of the whole check; the slowest invariant by name."""
    fill()
    start = perf_counter()
    results = invariants.check(at=NOW)
    spent = perf_counter() - start
    broken = {result.name: result.rows[:3] for result in results if not result.holds}
    assert not broken, broken
    slowest = max(results, key=lambda result: result.duration_ms)
    return [
        at_most(name="invariants_1m", value=spent, unit="s", goal=GOAL_SECONDS),
        at_most(
            name=f"invariants_1m_slowest_{slowest.name}",
            value=slowest.duration_ms / 1_000,
            unit="s",
            goal=GOAL_SECONDS,
        ),
    ]


def fill() -> None:
    """A million transfers besides what other benchmarks left behind."""
    treasury = accounts.get_or_open(kind=AccountKind.TREASURY, key="bench-invariants")
    funds = [
        accounts.get_or_open(kind=AccountKind.ENTERPRISE_FUNDS, key=f"bench-invariants-{number}")
        for number in range(OWNERS)
    ]
    transfers.post_sets(sets=[[ledger.entry(treasury, each, FACE_FEN)] for each in funds], at=NOW)
    owners = [each.pk for each in funds]
    providers = [ledger.account(AccountKind.PROVIDER_INCOME).pk for _ in range(PROVIDERS)]
    given: dict[str, Any] = {
        "owners": owners,
        "own": OWNERS,
        "providers": providers,
        "sold": PROVIDERS,
        "at": NOW,
    }
    with connection.cursor() as cursor:
        for first in range(0, TRANSFERS, BATCH):
            statement = HOLDS if first // BATCH % 2 else SINGLES
            last = min(first + BATCH, TRANSFERS) - 1
            cursor.execute(statement, {**given, "first": first, "last": last})
        cursor.execute(COUNTERS, [owners])
        cursor.execute("ANALYZE")
