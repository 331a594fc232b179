"""The two servers together, and the addresses under which the product finds them."""

import contextlib
import fcntl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config import env
from config.local import place
from config.local.postgres import APPLICATION, Postgres
from config.local.valkey import Valkey

RUN = env.run_folder()
TEST_RUN = RUN / "test"
# Only the test server may lose data when the power goes out.
TEST_SETTINGS = {"fsync": "off", "full_page_writes": "off", "max_connections": "500"}


@dataclass(frozen=True)
class Servers:
    """PostgreSQL and Valkey of one `run` folder; one chosen elsewhere is left alone."""

    postgres: Postgres
    valkey: Valkey
    foreign_database: str | None = None
    foreign_redis: str | None = None

    @property
    def addresses(self) -> dict[str, str]:
        """DATABASE_URL and REDIS_URL for every process of the product."""
        return {
            "DATABASE_URL": self.foreign_database or self.postgres.url(),
            "REDIS_URL": self.foreign_redis or self.valkey.url,
        }

    @property
    def role(self) -> str | None:
        """The database role of web, worker and beat on our own PostgreSQL: it cannot change facts."""
        return None if self.foreign_database else APPLICATION

    @property
    def application_addresses(self) -> dict[str, str]:
        """The addresses for web, worker and beat; commands and migrations are the owner's."""
        if self.role is None:
            return self.addresses
        return {**self.addresses, "DATABASE_URL": self.postgres.url(role=self.role)}

    def start(self) -> list[str]:
        """Start what is not running; return the names of what was started."""
        started = []
        if not self.foreign_database and self.postgres.start():
            started.append("postgres")
        if not self.foreign_redis and self.valkey.start():
            started.append("valkey")
        return started

    def stop(self) -> list[str]:
        """Stop what this checkout started; return the names."""
        stopped = []
        if self.valkey.stop():
            stopped.append("valkey")
        if self.postgres.stop():
            stopped.append("postgres")
        return stopped


def local() -> Servers:
    """The servers of `make run`."""
    home = place.find(RUN)
    return Servers(
        Postgres(home), Valkey(home), env.chosen("DATABASE_URL"), env.chosen("REDIS_URL")
    )


def test() -> Servers:
    """The servers of the tests: another cluster, other data."""
    place.find(RUN)
    home = place.find(TEST_RUN)
    return Servers(
        Postgres(home, TEST_SETTINGS),
        Valkey(home),
        env.chosen("TEST_DATABASE_URL"),
        env.chosen("TEST_REDIS_URL"),
    )


def bench() -> Servers:
    """The servers of the benchmarks: durable, always ours, so that their limits can be measured."""
    place.find(RUN)
    home = place.find(RUN / "bench")
    return Servers(Postgres(home), Valkey(home))


@contextlib.contextmanager
def alone(run: Path, name: str = "launcher") -> Iterator[None]:
    """Let one launcher at a time start or stop processes of `run`; others wait."""
    run.mkdir(parents=True, exist_ok=True)
    with (run / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def borrowed(group: Servers) -> Iterator[Servers]:
    """Start servers for a while; whoever leaves last stops them."""
    run = group.postgres.place.run
    with (run / "in-use.lock").open("w") as use:
        with alone(run):
            fcntl.flock(use, fcntl.LOCK_SH)
            group.start()
        try:
            yield group
        finally:
            with alone(run):
                fcntl.flock(use, fcntl.LOCK_UN)
                with contextlib.suppress(BlockingIOError):
                    fcntl.flock(use, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    group.stop()
