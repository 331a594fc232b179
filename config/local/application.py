"""The product's own processes: web, worker and beat. docker-compose.yml runs the same commands."""

import os
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config import env
from config.local import processes
from config.local.place import Place
from config.local.processes import LauncherError, Mark, Register

COMMANDS = {
    "web": ["granian", "--interface", "wsgi", "config.wsgi:application"],
    "worker": ["celery", "--app", "config.celery", "worker", "--loglevel", "info"],
    "beat": ["celery", "--app", "config.celery", "beat", "--loglevel", "info"],
}
FIRST_PORT = 8000
START_SECONDS = 60


def web_server(port: int) -> dict[str, str]:
    """Settings of granian on the loopback address; docker-compose.yml has the same numbers."""
    return {
        "GRANIAN_HOST": "127.0.0.1",
        "GRANIAN_PORT": str(port),
        # Each thread keeps a database connection; granian alone would start up to 512.
        "GRANIAN_BLOCKING_THREADS": "3",
        # The Python of one process keeps one core busy at most, and connections that stay open are
        # dealt out by chance: of two processes one often had most of them.
        "GRANIAN_WORKERS": "3",
        "MALLOC_ARENA_MAX": "2",  # arenas of every thread only hold on to memory
    }


def is_taken(port: int) -> bool:
    """Tell whether somebody listens on that port of the loopback address."""
    with socket.socket() as probe:
        # As the servers do: a closed connection's remains do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def free_port(first: int) -> int:
    """The first port from `first` on that nobody uses on the loopback address."""
    for port in range(first, first + 100):
        if not is_taken(port):
            return port
    raise LauncherError(f"No free port between {first} and {first + 99}. Set WEB_PORT.")


@dataclass(frozen=True)
class Application:
    """Web, worker and beat of one checkout, on the servers named in `addresses`."""

    place: Place
    addresses: Mapping[str, str]

    @property
    def register(self) -> Register:
        """Where the processes are recorded."""
        return Register(self.place.run / "processes")

    @property
    def port_file(self) -> Path:
        """Holds the port of the running web server."""
        return self.place.run / "web-port"

    @property
    def url(self) -> str:
        """Address of the pages."""
        return f"http://127.0.0.1:{self.port_file.read_text(encoding='ascii').strip()}/"

    def environment(self, **changes: str) -> dict[str, str]:
        """Environment of every process of the product."""
        programs = f"{Path(sys.executable).parent}{os.pathsep}{env.text('PATH', os.defpath)}"
        return env.inherited({**self.addresses, "PATH": programs, **changes})

    def start(self) -> list[str]:
        """Start what is not running and wait for the web server; return the names."""
        return [name for name in COMMANDS if self.start_one(name)]

    def start_one(self, name: str) -> bool:
        """Start one process; False when it was running already."""
        if self.register.read(name):
            return False
        self.sweep(name)
        changes = {}
        if name == "web":
            port = free_port(env.number("WEB_PORT", FIRST_PORT))
            self.port_file.write_text(f"{port}\n", encoding="ascii")
            changes = {
                **web_server(port),
                "SITE_URL": f"http://127.0.0.1:{port}",
            }
        known = self.register.start(
            name,
            COMMANDS[name],
            log=self.place.log / f"{name}.log",
            environment=self.environment(PUHUI_PROCESS=self.token(name), **changes),
            folder=env.ROOT,
        )
        if name == "web":
            self._wait(known)
        return True

    def stop_one(self, name: str) -> bool:
        """End one process and the children it left."""
        known = self.register.read(name)
        if known:
            processes.end(known, patience=15)
        swept = self.sweep(name)
        self.register.forget(name)
        return known is not None or swept

    def stop(self) -> list[str]:
        """End web, beat and worker; return the names."""
        return [name for name in ("web", "beat", "worker") if self.stop_one(name)]

    def token(self, name: str) -> str:
        """Word in a process's environment that says which checkout and part it belongs to."""
        return f"{self.place.run}:{name}"

    def sweep(self, name: str) -> bool:
        """End children that outlived a killed parent; they carry the part's token."""
        wanted = f"PUHUI_PROCESS={self.token(name)}".encode()
        left = [known for known in processes.owned() if wanted in processes.environment(known)]
        for known in left:
            processes.end(known, patience=5)
        return bool(left)

    def _wait(self, known: Mark) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not answers(f"{self.url}healthz"):
            if not processes.is_alive(known):
                raise LauncherError(f"The web server ended. Read {self.place.log / 'web.log'}.")
            if time.monotonic() > deadline:
                raise LauncherError(f"The web server gives no answer after {START_SECONDS} s.")
            time.sleep(0.05)


def answers(url: str) -> bool:
    """Tell whether a page answers without a server error."""
    # An environment proxy must not stand between us and the loopback address.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=5):
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False
