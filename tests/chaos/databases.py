"""The tests' migrated database, moved to a cluster that a test may kill."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections

from config import env
from config.local.postgres import Postgres


@contextmanager
def moved_to(server: Postgres) -> Iterator[str]:
    """Copy the database into the cluster's own and point Django at it for a while; its address."""
    usual = connections["default"].settings_dict
    before = {name: usual[name] for name in ("NAME", "USER", "HOST", "PORT")}
    _copy(server, before)
    connections["default"].close()
    address = env.database(server.url())
    usual.update({name: address[name] for name in before})
    try:
        yield server.url()
    finally:
        connections["default"].close()
        usual.update(before)


def _copy(server: Postgres, source: dict[str, Any]) -> None:
    options = [f"--username={source['USER']}", f"--host={source['HOST']}"]
    options += [f"--port={source['PORT']}"] if source["PORT"] else []
    dump = subprocess.run(
        [server.program("pg_dump"), "--no-owner", *options, str(source["NAME"])],
        check=True,
        capture_output=True,
    )
    subprocess.run(
        [server.program("psql"), "--quiet", "--set=ON_ERROR_STOP=1", server.url()],
        check=True,
        input=dump.stdout,
        stdout=subprocess.DEVNULL,
    )
