"""Processes are known by more than their pid."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from config import env
from config.local import processes
from config.local.processes import Mark, Register

STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(1, flush=True)
time.sleep(60)
"""


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process that the launcher did not start."""
    process = subprocess.Popen(["sleep", "60"])
    yield process
    process.kill()
    process.wait()


def living(pid: int) -> Mark:
    found = processes.mark(pid)
    assert found is not None
    return found


def test_end_leaves_a_reused_pid_alone(stranger: subprocess.Popen[bytes]) -> None:
    recorded = replace(living(stranger.pid), ticks=1)

    processes.end(recorded)

    assert stranger.poll() is None


def test_end_leaves_a_pid_of_an_earlier_boot_alone(stranger: subprocess.Popen[bytes]) -> None:
    recorded = replace(living(stranger.pid), boot="another")

    processes.end(recorded)

    assert stranger.poll() is None


def test_end_kills_what_ignores_the_first_signal() -> None:
    process = subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()

    processes.end(living(process.pid), patience=0.3)

    assert not processes.mark(process.pid)
    process.stdout.close()


def test_zombie_counts_as_ended() -> None:
    process = subprocess.Popen(["true"])
    deadline = time.monotonic() + 5
    while "\nState:\tZ" not in Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8"):
        assert time.monotonic() < deadline
        time.sleep(0.01)

    found = processes.mark(process.pid)

    assert found is None
    process.wait()


def test_register_forgets_what_is_gone(tmp_path: Path) -> None:
    register = Register(tmp_path / "processes")
    known = register.start(
        "part", ["sleep", "60"], log=tmp_path / "log", environment={}, folder=tmp_path
    )
    assert register.read("part") == known

    processes.end(known, signal.SIGKILL)

    assert register.read("part") is None
    assert register.last("part") == known


def test_register_survives_a_broken_record(tmp_path: Path) -> None:
    (tmp_path / "part.json").write_text('{"pid": 1', encoding="utf-8")

    assert Register(tmp_path).read("part") is None


def test_env_reads_lines_as_people_write_them() -> None:
    values = env.parse("# note\n\nA=1\nexport B='two words'\nC = x=y \nnothing\n")

    assert values == {"A": "1", "B": "two words", "C": "x=y"}


def test_env_reads_a_socket_from_a_database_url() -> None:
    entry = env.database("postgresql://u:p%40ss@/name?host=/a/folder")

    assert (entry["USER"], entry["PASSWORD"], entry["HOST"]) == ("u", "p@ss", "/a/folder")
    assert (entry["NAME"], entry["PORT"], entry["OPTIONS"]) == ("name", "", {})


def test_env_spells_a_socket_for_the_broker() -> None:
    assert env.broker("unix:///a/b.sock?db=3") == "redis+socket:///a/b.sock?virtual_host=3"
    assert env.broker("redis://host:6379/0") == "redis://host:6379/0"
