"""docker-compose.yml tells the truth: each service's command runs, on the embedded servers."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.db import connection

from config import env
from config.local import application, place, processes
from config.local.application import COMMANDS, answers, free_port, web_server
from config.local.postgres import Postgres
from config.local.valkey import Valkey

SECONDS = 40
COMPOSE: dict[str, Any] = yaml.safe_load(
    (env.ROOT / "docker-compose.yml").read_text(encoding="utf-8")
)
SERVICES: dict[str, Any] = COMPOSE["services"]


@pytest.fixture(scope="module")
def server_place(tmp_path_factory: pytest.TempPathFactory) -> place.Place:
    """A place for the servers of compose, beside the test servers so that binaries are shared."""
    return place.find(env.run_folder() / "test")


@contextmanager
def running(command: list[str], log: Path, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A command for the length of a block; ended with SIGTERM."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, **options)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=SECONDS)


def wait_for(condition: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        text = log.read_text(encoding="utf-8", errors="replace")
        assert process.poll() is None, text
        assert time.monotonic() < deadline, text
        time.sleep(0.05)


def environment(name: str, tmp_path: Path) -> dict[str, str]:
    """The service's own environment, with the addresses and secrets of this test."""
    given = {
        key: re.sub(r"\$\{\w+:-(.*)\}", r"\1", value)
        for key, value in SERVICES[name]["environment"].items()
        if not value.startswith("${") or ":-" in value
    }
    database = settings.DATABASES["default"]
    host = database["HOST"]
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        **given,
        "DATABASE_URL": f"postgresql://{database['USER']}@/{database['NAME']}?host={host}",
        "REDIS_URL": settings.REDIS_URL,
        "SECRET_KEY": "s" * 60,
        "BEAT_SCHEDULE_FILE": str(tmp_path / "schedule"),
        "GRANIAN_HOST": "127.0.0.1",
        "GRANIAN_PORT": str(free_port(8700)),
        "WORKER_CONCURRENCY": "1",
    }


def test_compose_and_launcher_run_the_same_commands_and_web_server() -> None:
    assert set(SERVICES) == {"db", "redis", "migrate", "web", "worker", "beat"}
    assert {name: SERVICES[name]["command"] for name in COMMANDS} == COMMANDS
    differ = {"GRANIAN_HOST", "GRANIAN_PORT"}
    same = {name: value for name, value in web_server(8000).items() if name not in differ}
    assert same.items() <= SERVICES["web"]["environment"].items()
    assert SERVICES["db"]["image"] == "postgres:18"
    assert SERVICES["redis"]["image"] == "valkey/valkey:9"


@pytest.mark.django_db(transaction=True)
def test_migrate_has_nothing_left_to_do(tmp_path: Path) -> None:
    connection.close()

    done = subprocess.run(
        SERVICES["migrate"]["command"],
        cwd=env.ROOT,
        env=environment("migrate", tmp_path),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "No migrations to apply" in done.stdout


@pytest.mark.django_db(transaction=True)
def test_web_answers(tmp_path: Path) -> None:
    variables = environment("web", tmp_path)
    log = tmp_path / "log"
    address = f"http://127.0.0.1:{variables['GRANIAN_PORT']}/healthz"

    with running(SERVICES["web"]["command"], log, cwd=env.ROOT, env=variables) as process:
        wait_for(lambda: answers(address), process, log)

    assert process.returncode == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("name", "word"), [("worker", "ready."), ("beat", "Sending due task")])
def test_celery_starts(name: str, word: str, tmp_path: Path) -> None:
    log = tmp_path / "log"

    with running(
        SERVICES[name]["command"], log, cwd=env.ROOT, env=environment(name, tmp_path)
    ) as process:
        wait_for(lambda: word in log.read_text(encoding="utf-8"), process, log)

    assert process.returncode == 0


def test_database_command_starts_a_server(server_place: place.Place, tmp_path: Path) -> None:
    here = place.Place(server_place.run, server_place.home / "compose", server_place.identity)
    postgres = Postgres(here)
    log = tmp_path / "log"
    server_place.folder("compose")
    postgres.create()
    command = [*SERVICES["db"]["command"], "-c", "listen_addresses=", "-k", str(here.sockets())]
    ready = [postgres.program("pg_isready"), "-q", "-h", str(here.sockets()), "-U", "puhui"]

    with running(
        [postgres.program(command[0]), *command[1:]],
        log,
        cwd=postgres.data,
        env={"PGDATA": str(postgres.data)},
        **processes.as_user(here.identity),
    ) as process:
        wait_for(lambda: subprocess.run(ready, check=False).returncode == 0, process, log)

    assert process.returncode == 0


def test_broker_command_starts_a_server(server_place: place.Place, tmp_path: Path) -> None:
    valkey = Valkey(server_place)
    port = free_port(8800)
    log = tmp_path / "log"
    command = [valkey.program(), *SERVICES["redis"]["command"][1:], "--port", str(port)]

    with running(command, log, cwd=tmp_path, env={}) as process:
        wait_for(lambda: application.is_taken(port), process, log)

    assert process.returncode == 0
    assert "Ready to accept connections" in log.read_text(encoding="utf-8")
