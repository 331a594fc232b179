"""Pytest plugin: start the test servers before Django reads its settings, and end them after.

Several runs at a time may share the servers; the last one to finish stops them.
"""

import os
from collections.abc import Generator
from contextlib import ExitStack

import pytest

from config.local import servers

BORROWED = pytest.StashKey[ExitStack]()


def worker() -> str:
    """Name of this pytest-xdist worker; `main` without xdist."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    """Start PostgreSQL and Valkey and hand their addresses to the settings and to the workers."""
    if worker() == "main":
        stack = early_config.stash[BORROWED] = ExitStack()
        group = stack.enter_context(servers.borrowed(servers.test()))
        os.environ.update(group.addresses)
    else:
        number = int(worker().removeprefix("gw")) + 1
        os.environ["REDIS_URL"] = os.environ["REDIS_URL"].replace("db=0", f"db={number}")
    return (yield)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Give the servers back."""
    if BORROWED in config.stash:
        config.stash[BORROWED].close()
