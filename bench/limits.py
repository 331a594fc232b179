"""The limits: pgbench's TPC-B and raw COPY on the server that the benchmarks use."""

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
COPIED_ROWS = 300_000


def measure(server: Postgres) -> Limits:
    """Measure both; takes about SECONDS plus a few."""
    server.create_database(DATABASE)
    return Limits(tpcb(server), copied(server))


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


def copied(server: Postgres) -> float:
    """Rows per second of COPY into a logged table as wide as a usage event, commit included."""
    row = b"%d\t42\t2024-05-11 08:00:00+08\tinput_tokens\t1374\t0123456789abcdef0123456789abcdef\n"
    block = b"".join(row % number for number in range(COPIED_ROWS))
    with psycopg.connect(server.url(DATABASE)) as connection:
        connection.execute("DROP TABLE IF EXISTS copied")
        connection.execute(
            "CREATE TABLE copied (id bigint PRIMARY KEY, owner bigint, at timestamptz,"
            " meter text, quantity bigint, digest text)"
        )
        connection.commit()
        start = time.perf_counter()
        with connection.cursor().copy("COPY copied FROM STDIN") as copy:
            copy.write(block)
        connection.commit()
        return COPIED_ROWS / (time.perf_counter() - start)
