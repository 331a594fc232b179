"""Pytest plugin: start the test servers before Django reads its settings, and end them after.

Several runs at a time may share the servers; the last one to finish stops them.
"""

import fcntl
import os
from collections.abc import Generator
from typing import IO

import pytest

from config.local import servers

IN_USE = pytest.StashKey[IO[str]]()


def worker() -> str:
    """Name of this pytest-xdist worker; `main` without xdist."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    """Start PostgreSQL and Valkey and hand their addresses to the settings and to the workers."""
    if worker() == "main":
        group = servers.test()
        with servers.alone(servers.TEST_RUN):
            use = (servers.TEST_RUN / "in-use.lock").open("w")
            fcntl.flock(use, fcntl.LOCK_SH)
            early_config.stash[IN_USE] = use
            group.start()
        os.environ.update(group.addresses)
    else:
        number = int(worker().removeprefix("gw")) + 1
        os.environ["REDIS_URL"] = os.environ["REDIS_URL"].replace("db=0", f"db={number}")
    yield


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers unless another run still uses them."""
    use = config.stash.get(IN_USE, None)
    if use is None:
        return
    with servers.alone(servers.TEST_RUN):
        fcntl.flock(use, fcntl.LOCK_UN)
        try:
            fcntl.flock(use, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        finally:
            use.close()
        servers.test().stop()
