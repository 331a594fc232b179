"""The launcher from the outside: up, run and stop, in a folder of its own, no demo data."""

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import env
from config.local import processes
from config.local.processes import Mark, Register

PARTS = ["beat", "postgres", "valkey", "web", "worker"]


class Checkout:
    """Calls the launcher for one RUN_FOLDER."""

    def __init__(self, run: Path) -> None:
        self.run = run
        self.register = Register(run / "processes")
        ours = (
            "DATABASE_URL",
            "REDIS_URL",
            "DJANGO_SETTINGS_MODULE",
            "SECRET_KEY",
            "ALLOWED_HOSTS",
        )
        self.environment = {
            **{name: value for name, value in os.environ.items() if name not in ours},
            "RUN_FOLDER": str(run),
            "DEMO_CITY": "no",
            "WEB_PORT": "8600",
            "WORKER_CONCURRENCY": "1",
        }

    def command(self, verb: str) -> list[str]:
        return [sys.executable, "-m", "config.local", verb]

    def call(self, verb: str) -> str:
        done = subprocess.run(
            self.command(verb),
            cwd=env.ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def marks(self) -> dict[str, Mark]:
        found = {name: self.register.read(name) for name in PARTS}
        return {name: known for name, known in found.items() if known}

    def remove(self) -> None:
        """Delete the files that root's launcher keeps outside the folder."""
        record = self.run / "place"
        if record.exists() and (home := record.read_text(encoding="utf-8").strip()) != str(
            self.run
        ):
            shutil.rmtree(home)

    def page(self, path: str) -> str:
        port = (self.run / "web-port").read_text(encoding="ascii").strip()
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://127.0.0.1:{port}/{path}", timeout=10) as answer:
            return str(answer.read().decode())


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    found = Checkout(tmp_path_factory.mktemp("checkout") / ".run")
    yield found
    found.call("stop")
    found.remove()


def test_up_starts_all_and_a_second_one_nothing(checkout: Checkout) -> None:
    checkout.call("up")
    first = checkout.marks()

    again = checkout.call("up")

    assert sorted(first) == PARTS
    assert checkout.marks() == first
    assert "nothing, all of it was running" in again
    assert checkout.page("healthz") == "ok\n"
    assert "pid" in checkout.call("status")


def test_stop_ends_also_the_children_of_a_killed_web_server(checkout: Checkout) -> None:
    checkout.call("up")
    parent = checkout.marks()["web"]
    token = f"PUHUI_PROCESS={checkout.run}:web".encode()
    family = [known for known in processes.owned() if token in processes.environment(known)]
    processes.send(parent, signal.SIGKILL)

    checkout.call("stop")

    assert len(family) > 1
    assert not [known for known in family if processes.is_alive(known)]
    assert checkout.marks() == {}


def test_stop_leaves_a_reused_pid_alone(checkout: Checkout) -> None:
    stranger = subprocess.Popen(["sleep", "60"])
    known = processes.mark(stranger.pid)
    assert known is not None
    record = {"pid": known.pid, "ticks": known.ticks - 1, "boot": known.boot}
    checkout.register.folder.mkdir(parents=True, exist_ok=True)
    (checkout.register.folder / "web.json").write_text(json.dumps(record), encoding="utf-8")

    checkout.call("stop")

    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_run_ends_on_ctrl_c_exactly_what_it_started(checkout: Checkout) -> None:
    checkout.call("services")
    servers = checkout.marks()
    process = subprocess.Popen(
        checkout.command("run"),
        cwd=env.ROOT,
        env=checkout.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    said = next(line for line in process.stdout if line.startswith("Ctrl-C stops"))
    started = checkout.marks()

    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)

    assert process.returncode == 0
    assert said.strip() == "Ctrl-C stops: web, worker, beat."
    assert sorted(started) == PARTS
    assert checkout.marks() == servers


def test_other_servers_are_used_and_left_alone(checkout: Checkout) -> None:
    theirs = checkout.call("services")
    addresses = dict(line.split("=", 1) for line in theirs.splitlines())
    other = Checkout(checkout.run.parent / "other")
    other.environment.update(addresses)

    said = other.call("services")
    other.call("stop")

    other.remove()

    assert said == theirs
    assert other.marks() == {}
    assert sorted(checkout.marks()) == ["postgres", "valkey"]
