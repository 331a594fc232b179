"""Everything that `make run` starts, in a folder of its own, and the clients: killed at random, started again."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from config import env
from config.local import processes
from config.local.application import COMMANDS, Application
from config.local.processes import Mark
from config.local.servers import Servers
from tests.chaos import client

SERVERS = ("postgres", "valkey")
PARTS = (*SERVERS, *COMMANDS)
EVERY = 150
"""Requests between two kills."""


class Fleet:
    """The product's processes, and clients that send parts of a plan of `requests` requests."""

    def __init__(self, folder: Path, group: Servers, requests: int, clients: int) -> None:
        self.folder = folder
        self.group = group
        self.application = Application(group.postgres.place, group.application_addresses)
        share = -(-requests // clients)
        self.spans = {
            f"client {number}": (number * share, min((number + 1) * share, requests))
            for number in range(clients)
        }
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.deaths = dict.fromkeys((*PARTS, "clients"), 0)

    def start(self) -> None:
        """Start what is missing."""
        self.group.start()
        self.application.start()
        for name in self.spans:
            self._send_client(name)

    def _send_client(self, name: str) -> None:
        first, end = self.spans[name]
        self.running[name] = subprocess.Popen(
            [sys.executable, "-m", client.__name__, str(self.folder), str(first), str(end)],
            cwd=env.ROOT,
        )

    def is_through(self) -> bool:
        """Tell whether every client has ended; one that was refused fails the campaign."""
        codes = [process.poll() for process in self.running.values()]
        assert set(codes) <= {None, 0}, codes
        return codes == [0] * len(codes)

    def answers(self) -> dict[int, Any]:
        """What all clients were told, by number."""
        told: dict[int, Any] = {}
        for first, _end in self.spans.values():
            told |= client.acknowledged(self.folder, first)
        return told

    def kill(self, name: str) -> None:
        """Kill -9 one part and start it again; a client that is through is left alone."""
        if name in self.spans:
            process = self.running[name]
            if process.poll() is None:
                process.kill()
                process.wait()
                self.deaths["clients"] += 1
                self._send_client(name)
            return
        known = self._mark(name)
        assert known is not None, name
        processes.send(known, signal.SIGKILL)
        processes.wait_end(known, 10)
        self.deaths[name] += 1
        if name in SERVERS:
            getattr(self.group, name).start()
        else:
            self.application.start_one(name)

    def _mark(self, name: str) -> Mark | None:
        if name in SERVERS:
            found: Mark | None = getattr(self.group, name).running()
            return found
        return self.application.register.read(name)

    def campaign(self, chance: random.Random, seconds: float) -> float:
        """Kill one part for every EVERY requests answered, all parts by turns, until the clients are through.

        Answers when the last one died.
        """
        deadline = time.monotonic() + seconds
        queue: list[str] = []
        killed, last = 0, time.monotonic()
        while not self.is_through():
            answered = len(self.answers())
            assert time.monotonic() < deadline, f"only {answered} requests answered"
            if answered >= killed * EVERY:
                if not queue:
                    queue = [*PARTS, *chance.sample(sorted(self.spans), 2)]
                    chance.shuffle(queue)
                last = time.monotonic()
                self.kill(queue.pop())
                killed += 1
            time.sleep(chance.uniform(0.1, 0.5))
        return last

    def end_processes(self) -> None:
        """End clients, web, worker and beat; the servers stay."""
        for process in self.running.values():
            process.kill()
            process.wait()
        self.application.stop()
