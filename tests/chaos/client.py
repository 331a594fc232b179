"""`python -m tests.chaos.client PLAN FIRST END`: one client of the HTTP API that may be killed at any moment.

Sends the requests from FIRST to END of a plan, one after the other, each until the server has answered it with
success: with the same body and the same Idempotency-Key as before. Only then it writes the number down; when it
is killed, its successor begins behind what is written down. Nothing but the standard library: it starts at once.
"""

import http.client
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PAUSE_SECONDS = 0.1
PATIENCE_SECONDS = 15
AGAIN = frozenset({409, 429, 500, 502, 503, 504})
"""Answers that are worth another attempt: still being worked on, or a server is away."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One request of a plan; `key` is its Idempotency-Key."""

    path: str
    token: str
    content_type: str
    body: str
    key: str


def main() -> None:
    """Work through a part of the plan."""
    folder, first, end = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    known = acknowledged(folder, first)
    lines = (folder / "plan.jsonl").read_text(encoding="utf-8").splitlines()
    door = Door(folder / "run" / "web-port")
    with (folder / f"{first}.done").open("a", encoding="utf-8") as notes:
        notes.write("\n")  # ends the line that a killed client tore
        for number in range(first, end):
            if number in known:
                continue
            said = door.ask(Wanted(*json.loads(lines[number])))
            notes.write(json.dumps([number, said]) + "\n")
            notes.flush()


def acknowledged(folder: Path, first: int) -> dict[int, Any]:
    """What the client that begins at `first` was told, by number; a torn line counts as nothing."""
    path = folder / f"{first}.done"
    found: dict[int, Any] = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        try:
            number, said = json.loads(line)
        except ValueError:
            continue
        found[number] = said
    return found


class Door:
    """A connection to the web server, which may come back on another port."""

    def __init__(self, port_file: Path) -> None:
        self.port_file = port_file
        self.connection: http.client.HTTPConnection | None = None

    def ask(self, wanted: Wanted) -> Any:
        """Send until the answer is a success; a refusal ends the client."""
        while True:
            try:
                status, content = self._send(wanted)
            except (OSError, ValueError, http.client.HTTPException):
                status, content = 503, b""
                self._hang_up()
            if status < 300:
                return json.loads(content)
            if status not in AGAIN:
                raise SystemExit(f"{wanted.path} answered {status}: {content[:500]!r}")
            time.sleep(PAUSE_SECONDS)

    def _send(self, wanted: Wanted) -> tuple[int, bytes]:
        if self.connection is None:
            port = int(self.port_file.read_text(encoding="ascii"))
            self.connection = http.client.HTTPConnection(
                "127.0.0.1", port, timeout=PATIENCE_SECONDS
            )
        headers = {
            "Authorization": f"Bearer {wanted.token}",
            "Content-Type": wanted.content_type,
            "Idempotency-Key": wanted.key,
        }
        self.connection.request("POST", wanted.path, wanted.body.encode(), headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def _hang_up(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None


if __name__ == "__main__":
    main()
