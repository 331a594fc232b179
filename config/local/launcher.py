"""What the verbs of the command line do."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from config import env
from config.local import servers
from config.local.application import COMMANDS, Application
from config.local.processes import LauncherError
from config.local.servers import RUN, Servers

POLL_SECONDS = 0.3


def say(line: str) -> None:
    """Write a line for the person at the terminal at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _record(group: Servers) -> None:
    """Tell commands run by hand where our own servers are."""
    ours = {}
    if not group.foreign_database:
        ours["DATABASE_URL"] = group.addresses["DATABASE_URL"]
    if not group.foreign_redis:
        ours["REDIS_URL"] = group.addresses["REDIS_URL"]
    text = "".join(f"{name}={value}\n" for name, value in ours.items())
    (RUN / "local.env").write_text(text, encoding="utf-8")


def _application(group: Servers) -> Application:
    return Application(group.postgres.place, group.application_addresses)


def _prepare(group: Servers) -> None:
    """Bring the database up to date as its owner."""
    name = "config.local.prepare"
    owner = Application(group.postgres.place, group.addresses)
    done = subprocess.run(
        [sys.executable, "-m", name, *([group.role] if group.role else [])],
        check=False,
        cwd=env.ROOT,
        env=owner.environment(),
    )
    if done.returncode:
        raise LauncherError(f"{name} failed with exit code {done.returncode}.")


def _start(group: Servers, started: list[str]) -> None:
    """Start everything that is missing; `started` grows as we go, so a failure can be undone."""
    started += group.start()
    _record(group)
    _prepare(group)
    application = _application(group)
    for name in COMMANDS:
        if application.start_one(name):
            started.append(name)
    say(f"Ready: {application.url}")


def _stop(group: Servers, names: list[str]) -> None:
    """End the named processes, the product's before the servers they use."""
    ends: dict[str, Callable[[], bool]] = {
        "valkey": group.valkey.stop,
        "postgres": group.postgres.stop,
    }
    application = _application(group)
    for name in reversed(names):
        if ends[name]() if name in ends else application.stop_one(name):
            say(f"Stopped {name}.")


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def run() -> int:
    """Start what is missing, show the logs, and on Ctrl-C end exactly what was started here."""
    # A shell starts background jobs with SIGINT ignored; Ctrl-C must work all the same.
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    group = servers.local()
    started: list[str] = []
    try:
        with servers.alone(RUN):
            _start(group, started)
        say(f"Ctrl-C stops: {', '.join(started) or 'nothing, all of it was running before'}.")
        _follow(group, started)
    except KeyboardInterrupt:
        say("")
        return 0
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with servers.alone(RUN):
            _stop(group, started)
    return 0


def _follow(group: Servers, names: list[str]) -> None:
    """Copy new log lines to the terminal and start again what ended by itself."""
    application = _application(group)
    logs = {name: group.postgres.place.log / f"{name}.log" for name in COMMANDS}
    read = {name: log.stat().st_size if log.exists() else 0 for name, log in logs.items()}
    while True:
        for name, log in logs.items():
            read[name] += _copy(name, log, read[name])
        for name in names:
            _revive(group, application, name)
        time.sleep(POLL_SECONDS)


def _copy(name: str, log: Path, start: int) -> int:
    """Print whole lines of `log` from byte `start` on; return how many bytes they were."""
    try:
        with log.open("rb") as source:
            source.seek(start)
            whole, newline, _rest = source.read().rpartition(b"\n")
    except FileNotFoundError:
        return 0
    for line in whole.decode("utf-8", "replace").splitlines():
        say(f"{name:8}| {line}")
    return len(whole) + len(newline)


def _revive(group: Servers, application: Application, name: str) -> None:
    """Start a process again that ended by itself: its record is still there."""
    register = application.register
    if register.last(name) is None or register.read(name):
        return
    say(f"{name} ended; starting it again.")
    time.sleep(1)
    with servers.alone(RUN):
        if name == "postgres":
            group.postgres.start()
        elif name == "valkey":
            group.valkey.start()
        elif register.last(name):
            application.start_one(name)


def up() -> int:
    """Start everything in the background; what runs already is left as it is."""
    group = servers.local()
    started: list[str] = []
    with servers.alone(RUN):
        try:
            _start(group, started)
        except BaseException:
            _stop(group, started)
            raise
    say(f"Started: {', '.join(started) or 'nothing, all of it was running'}.")
    return 0


def stop() -> int:
    """End everything this checkout started; data stay."""
    if not RUN.is_dir():
        return 0
    group = servers.local()
    with servers.alone(RUN):
        stopped = _application(group).stop() + group.stop()
    say(f"Stopped: {', '.join(stopped) or 'nothing, nothing was running'}.")
    return 0


def services() -> int:
    """Start the two servers only, for commands run by hand; print their addresses."""
    group = servers.local()
    with servers.alone(RUN):
        group.start()
        _record(group)
    for name, value in group.addresses.items():
        say(f"{name}={value}")
    return 0


def status() -> int:
    """Say what runs; exit code 1 when something does not."""
    group = servers.local()
    application = _application(group)
    marks = {"postgres": group.postgres.running(), "valkey": group.valkey.running()}
    marks |= {name: application.register.read(name) for name in COMMANDS}
    for name, known in marks.items():
        say(f"{name:9} {'pid ' + str(known.pid) if known else 'not running'}")
    if marks["web"]:
        say(application.url)
    return 0 if all(marks.values()) else 1
