"""The embedded PostgreSQL: private, and unimpressed by kill -9."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config.local import place, processes
from config.local.postgres import Postgres


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home that nobody else may enter, as root's is."""
    folder = tmp_path_factory.mktemp("home", numbered=True)
    folder.chmod(0o700)
    yield folder
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[Postgres]:
    """A running server of a checkout below that home."""
    found = Postgres(place.find(home / "checkout" / ".run"))
    found.start()
    yield found
    found.stop()
    if found.place.home != found.place.run:
        shutil.rmtree(found.place.home)


def rows(server: Postgres) -> int:
    with psycopg.connect(server.url()) as connection:
        found = connection.execute("SELECT count(*) FROM kept").fetchone()
    assert found is not None
    return int(found[0])


def kill(server: Postgres) -> int:
    known = server.running()
    assert known is not None
    processes.send(known, signal.SIGKILL)
    assert processes.wait_end(known, 5)
    return known.pid


def test_server_is_private_and_durable(server: Postgres) -> None:
    with psycopg.connect(server.url()) as connection:
        settings = {
            name: connection.execute(f"SHOW {name}").fetchone()
            for name in ("fsync", "listen_addresses", "server_encoding", "data_checksums")
        }

    assert settings == {
        "fsync": ("on",),
        "listen_addresses": ("",),
        "server_encoding": ("UTF8",),
        "data_checksums": ("on",),
    }
    assert server.place.sockets().stat().st_mode & 0o077 == 0
    assert server.data.stat().st_uid == (server.place.identity or place.me()).uid


def test_second_start_changes_nothing(server: Postgres) -> None:
    before = server.running()

    started = server.start()

    assert started is False
    assert server.running() == before


def test_start_after_kill_keeps_committed_rows(server: Postgres) -> None:
    with psycopg.connect(server.url()) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (id int)")
        connection.execute("INSERT INTO kept SELECT generate_series(1, 1000)")
    before = rows(server)
    kill(server)

    started = server.start()

    assert started is True
    assert rows(server) == before


def test_start_after_kill_while_an_orphan_still_works(server: Postgres) -> None:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        busy = subprocess.Popen(
            [
                server.program("psql"),
                server.url(),
                "-c",
                "SELECT count(*) FROM generate_series(1, 10000000000)",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while not connection.execute(
            "SELECT 1 FROM pg_stat_activity "
            "WHERE query LIKE '%10000000000%' AND pid <> pg_backend_pid()"
        ).fetchone():
            pass
    kill(server)

    started = server.start()

    assert started is True
    assert busy.wait(10) != 0


def test_start_when_the_lock_file_names_a_stranger(server: Postgres) -> None:
    pid = kill(server)
    identity = server.place.identity
    stranger = subprocess.Popen(
        ["sleep", "60"],
        user=identity.uid if identity else None,
        group=identity.gid if identity else None,
    )
    lock = server.data / "postmaster.pid"
    lock.write_text(
        lock.read_text(encoding="ascii").replace(str(pid), str(stranger.pid), 1), encoding="ascii"
    )

    try:
        started = server.start()
    finally:
        untouched = stranger.poll() is None
        stranger.kill()
        stranger.wait()

    assert started is True
    assert untouched


def test_lost_record_does_not_hide_a_running_server(server: Postgres) -> None:
    before = server.running()
    server.register.forget("postgres")

    started = server.start()

    assert started is False
    assert server.running() == before


def test_stop_ends_it_and_data_stay(server: Postgres) -> None:
    known = server.running()
    assert known is not None
    before = rows(server)

    stopped, again = server.stop(), server.stop()

    assert (stopped, again) == (True, False)
    assert not processes.is_alive(known)
    server.start()
    assert rows(server) == before


@pytest.mark.skipif(os.getuid() != 0, reason="only root drops to another user")
def test_files_move_out_of_a_home_that_the_server_user_cannot_enter(server: Postgres) -> None:
    record = server.place.run / "place"

    assert record.read_text(encoding="utf-8").strip() == str(server.place.home)
    assert server.place.home.parent == place.SHARED_PARENT
