"""Rows sealed in a second, and rows that the stand-alone verifier holds against their blocks."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from django.db import connection

from bench.figures import Figure, Limits, against
from bench.limits import copied
from tests.factories import ledger
from tests.factories.accounts import NOW
from vouchers.ledger.actions import exports, seals

TRANSFERS = 200_000
EACH = 2_000
"""Rows in one transaction."""
WRITE = """
INSERT INTO vouchers_transfer (id, kind, debit_account_id, credit_account_id, amount_fen, reason, reference, at)
SELECT gen_random_uuid(), 'single', %s, %s, 1 + number %% 900, 'bench', 'bench-' || number, now()
FROM generate_series(1, %s) AS number
"""


def measure(limits: Limits) -> list[Figure]:
    """Seal what other benchmarks left, then TRANSFERS new rows; verify an export of everything."""
    seals.seal(at=NOW)
    debit, credit = ledger.payable(), ledger.payable()
    for _ in range(TRANSFERS // EACH):
        with connection.cursor() as cursor:
            cursor.execute(WRITE, [debit.pk, credit.pk, EACH])
    start = time.perf_counter()
    seals.seal(at=NOW)
    sealed = TRANSFERS / (time.perf_counter() - start)
    raw = copied(limits.address, "vouchers_transfer", 1_000_000)
    return [_figure("seal_rate", sealed, raw), _figure("verify_rate", _verified(), raw)]


def _figure(name: str, rate: float, raw: float) -> Figure:
    return against(
        name=name,
        value=rate,
        unit="rows/s",
        limit_name="raw COPY of the same rows",
        limit=raw,
        goal=0.25,
    )


def _verified() -> float:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "export"
        exports.export(folder=folder, at=NOW)
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-I", str(folder / "verify.py"), str(folder)],
            capture_output=True,
            text=True,
            check=True,
        )
        spent = time.perf_counter() - start
    return int(done.stdout.split()[0]) / spent
