"""Where the servers keep their files, and whose they are.

Servers started by root run as `nobody`. When that user cannot walk into `.run/` (a clone under a
0700 home), the files live in a folder of our own below /var/lib and `.run/place` says where. No
folder that the product did not make is ever changed.
"""

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from config.local.processes import Identity, LauncherError, as_user

SHARED_PARENT = Path("/var/lib/puhui")
SERVANT = "nobody"
# A socket's path may have 107 bytes (unix(7)); PostgreSQL adds `/.s.PGSQL.5432.lock`.
LONGEST_SOCKET_FOLDER = 107 - 20


@dataclass(frozen=True)
class Place:
    """One set of servers: `run` is the checkout's own folder, `home` holds data and binaries."""

    run: Path
    home: Path
    identity: Identity | None

    @property
    def log(self) -> Path:
        """Folder of log files."""
        return self.run / "log"

    def folder(self, name: str) -> Path:
        """A private folder in `home` that belongs to the servers' user; made when missing."""
        wanted = self.home / name
        if not wanted.is_dir():
            wanted.mkdir(mode=0o700)
            self.give(wanted)
        return wanted

    def give(self, made: Path) -> None:
        """Hand a folder that was just made to the servers' user."""
        if self.identity:
            os.chown(made, self.identity.uid, self.identity.gid)

    def sockets(self) -> Path:
        """Folder of the servers' sockets, with a path short enough for the kernel."""
        near = self.home / "sockets"
        if len(os.fsencode(near)) <= LONGEST_SOCKET_FOLDER:
            return self.folder("sockets")
        record = self.run / "sockets-place"
        if record.exists():
            far = Path(record.read_text(encoding="utf-8").strip())
            if far.is_dir() and far.stat().st_uid == (self.identity or me()).uid:
                return far
        far = Path(tempfile.mkdtemp(prefix="puhui-"))
        self.give(far)
        record.write_text(f"{far}\n", encoding="utf-8")
        return far

    def package(self, name: str, *siblings: str, probe: str) -> Path:
        """Folder of an installed package's files, copied when the servers' user cannot run them."""
        spec = find_spec(name)
        if spec is None or spec.origin is None:
            raise LauncherError(f"{name} is not installed. Run `make setup`.")
        installed = Path(spec.origin).parent
        if self._can_run(installed / probe):
            return installed
        target = self.home / f"{name}-{version(name)}"
        if not target.is_dir():
            draft = Path(tempfile.mkdtemp(prefix="copy-", dir=self.home))
            draft.chmod(0o755)
            for source in (installed, *(installed.parent / sibling for sibling in siblings)):
                shutil.copytree(source, draft / source.name)
            draft.rename(target)
        copied = target / name
        if not self._can_run(copied / probe):
            raise LauncherError(f"{copied / probe} cannot be run by the user {SERVANT}.")
        return copied

    def _can_run(self, program: Path) -> bool:
        return _as(self.identity, [str(program), "--version"])


def me() -> Identity:
    """The user that runs the launcher."""
    return Identity(os.getuid(), os.getgid())


def _as(identity: Identity | None, command: list[str]) -> bool:
    """Tell whether `command` succeeds for that user."""
    try:
        done = subprocess.run(
            command,
            check=False,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **as_user(identity),
        )
    except OSError:
        return False
    return done.returncode == 0


def _make(folder: Path) -> None:
    """Make a folder that others may walk through; leave an existing one alone."""
    if not folder.is_dir():
        folder.mkdir(parents=True)
        folder.chmod(0o755)


def find(run: Path) -> Place:
    """The place for the servers of `run`, made on first use and remembered in `run/place`."""
    _make(run)
    if os.getuid() != 0:
        return Place(run, run, None)
    entry = pwd.getpwnam(SERVANT)
    servant = Identity(entry.pw_uid, entry.pw_gid)
    record = run / "place"
    if record.exists():
        home = Path(record.read_text(encoding="utf-8").strip())
    elif _as(servant, ["/usr/bin/test", "-x", str(run)]):
        home = run
    else:
        digest = hashlib.sha256(os.fsencode(run)).hexdigest()[:12]
        _make(SHARED_PARENT)
        home = SHARED_PARENT / digest
    _make(home)
    if not _as(servant, ["/usr/bin/test", "-x", str(home)]):
        raise LauncherError(
            f"The user {SERVANT} cannot reach {home}. Let others walk through its parent folders, "
            f"or move the data and write the new folder into {record}."
        )
    record.write_text(f"{home}\n", encoding="utf-8")
    return Place(run, home, servant)
