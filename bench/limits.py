"""The limits: pgbench's TPC-B, and raw COPY of the rows that a benchmark wrote, on its server."""

import re
import subprocess
import time

import psycopg

from bench.figures import Limits
from config.local.postgres import Postgres

DATABASE = "bench_limits"
SCALE = 10
CLIENTS = 8
SECONDS = 10


def measure(server: Postgres, address: str) -> Limits:
    """Measure TPC-B, in about SECONDS plus a few; `address` is the benchmarks' own database."""
    server.create_database(DATABASE)
    return Limits(tpcb(server), address)


def tpcb(server: Postgres) -> float:
    """Transactions per second of pgbench's TPC-B-like script, durable commits, CLIENTS clients."""
    program, address = server.program("pgbench"), server.url(DATABASE)
    subprocess.run(
        [program, "--initialize", "--quiet", f"--scale={SCALE}", address],
        check=True,
        capture_output=True,
    )
    done = subprocess.run(
        [program, f"--client={CLIENTS}", "--jobs=2", f"--time={SECONDS}", address],
        check=True,
        capture_output=True,
        text=True,
    )
    found = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
    if found is None:
        raise ValueError(f"pgbench printed no figure:\n{done.stdout}")
    return float(found[1])


def copied(address: str, table: str, most: int) -> float:
    """Rows per second of raw COPY of up to `most` of a table's own rows into a bare one, commit included.

    The bare table has the columns and nothing else: no key, no index, no trigger.
    """
    with psycopg.connect(address) as connection:
        with connection.cursor().copy(
            f"COPY (SELECT * FROM {table} LIMIT {most}) TO STDOUT"
        ) as out:
            rows = [bytes(row) for row in out]
        connection.execute(f"CREATE TABLE bare_copy (LIKE {table})")
        connection.commit()
        start = time.perf_counter()
        with connection.cursor().copy("COPY bare_copy FROM STDIN") as into:
            into.write(b"".join(rows))
        connection.commit()
        spent = time.perf_counter() - start
        connection.execute("DROP TABLE bare_copy")
    return len(rows) / spent
