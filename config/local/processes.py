"""Start processes, remember who they are, and end exactly those.

A process is known by its pid, its start time in clock ticks and the boot it belongs to, so a pid
that the kernel gave to somebody else is never signaled. A zombie counts as ended.
"""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

BOOT_FILE = Path("/proc/sys/kernel/random/boot_id")
POLL_SECONDS = 0.02
# Position in /proc/<pid>/stat after the command's closing bracket (proc_pid_stat(5)).
STATE, START_TICKS = 0, 19


class LauncherError(RuntimeError):
    """Something could not be started or ended; the message says what to do next."""


@dataclass(frozen=True)
class Identity:
    """The user that servers run as when the launcher itself is root."""

    uid: int
    gid: int


def as_user(identity: Identity | None) -> dict[str, Any]:
    """Arguments that make `subprocess` drop user, group and all further groups."""
    if identity is None:
        return {}
    return {"user": identity.uid, "group": identity.gid, "extra_groups": []}


@dataclass(frozen=True)
class Mark:
    """What tells one process from every other, past and present."""

    pid: int
    ticks: int
    boot: str


def mark(pid: int) -> Mark | None:
    """The living process with this pid; None when there is none or only a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat.rpartition(")")[2].split()
    if fields[STATE] in "ZX":
        return None
    return Mark(pid, int(fields[START_TICKS]), BOOT_FILE.read_text(encoding="ascii").strip())


def is_alive(known: Mark) -> bool:
    """Tell whether this very process still runs."""
    return mark(known.pid) == known


def occupants(folder: Path) -> Iterator[Mark]:
    """Living processes whose working folder is `folder`: a server's, when it is its data folder."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            if (entry / "cwd").readlink() == folder and (found := mark(int(entry.name))):
                yield found


def send(known: Mark, number: signal.Signals) -> bool:
    """Signal this very process; False when it is gone. A pidfd excludes a reused pid."""
    try:
        descriptor = os.pidfd_open(known.pid)
    except ProcessLookupError:
        return False
    try:
        if not is_alive(known):
            return False
        signal.pidfd_send_signal(descriptor, number)
    except ProcessLookupError:
        return False
    finally:
        os.close(descriptor)
    return True


def wait_end(known: Mark, seconds: float) -> bool:
    """Wait until the process has ended; False when it still runs after `seconds`."""
    deadline = time.monotonic() + seconds
    while is_alive(known):
        with contextlib.suppress(ChildProcessError):
            os.waitpid(known.pid, os.WNOHANG)
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def end(known: Mark, first: signal.Signals = signal.SIGTERM, patience: float = 10) -> None:
    """End this very process: `first`, and after `patience` seconds SIGKILL."""
    if send(known, first) and not wait_end(known, patience):
        send(known, signal.SIGKILL)
        if not wait_end(known, 5):
            raise LauncherError(
                f"Process {known.pid} does not end. Look at it with `ps {known.pid}`."
            )


@dataclass(frozen=True)
class Register:
    """A folder of records, one file per process that this checkout started."""

    folder: Path

    def read(self, name: str) -> Mark | None:
        """The living process recorded as `name`, else None."""
        try:
            record = json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))
            known = Mark(**record)
        except (FileNotFoundError, ValueError, TypeError):
            return None
        return known if is_alive(known) else None

    def last(self, name: str) -> Mark | None:
        """The process recorded as `name`, whether it lives or not."""
        try:
            return Mark(**json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def write(self, name: str, known: Mark) -> None:
        """Record a process; the file appears whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = self.folder / f".{name}.{os.getpid()}"
        draft.write_text(json.dumps(asdict(known)), encoding="utf-8")
        draft.replace(self.folder / f"{name}.json")

    def forget(self, name: str) -> None:
        """Remove the record."""
        (self.folder / f"{name}.json").unlink(missing_ok=True)

    def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str],
        folder: Path,
        identity: Identity | None = None,
    ) -> Mark:
        """Start `command` in its own session, so Ctrl-C in a terminal does not reach it."""
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            child = subprocess.Popen(
                list(command),
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **as_user(identity),
            )
        known = mark(child.pid)
        if known is None:
            raise LauncherError(f"{name} ended at once. Read {log}.")
        self.write(name, known)
        return known


def owned() -> Iterator[Mark]:
    """Living processes of this user, without this one."""
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            pid = int(entry.name)
            if entry.stat().st_uid == os.getuid() and pid != os.getpid() and (found := mark(pid)):
                yield found


def environment(known: Mark) -> list[bytes]:
    """Variables the process was started with; empty when they may not be read."""
    try:
        return Path(f"/proc/{known.pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []
