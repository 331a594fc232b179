"""`manage.py check_ledger [--json]`: do all invariants hold?"""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from vouchers.audit.actions import invariants

SHOWN = 5


class Command(BaseCommand):
    """Print each invariant with its title and what breaks it; exit 1 when one does."""

    help = "hold the invariants against the database; exit 1 when one breaks"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the form of the answer."""
        parser.add_argument("--json", action="store_true", help="one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check and report."""
        results = invariants.check(at=timezone.now(), full=True)
        if options["json"]:
            self.stdout.write(_document(results))
        else:
            for result in results:
                self._report(result)
        broken = [result.name for result in results if not result.holds]
        if broken:
            raise CommandError(f"Broken: {', '.join(broken)}", returncode=1)

    def _report(self, result: invariants.Result) -> None:
        word = "ok" if result.holds else "BROKEN"
        count = len(result.rows)
        self.stdout.write(
            f"{result.name:4} {word:7} {count:6} rows {result.duration_ms:6} ms  {result.title}"
        )
        for row in result.rows[:SHOWN]:
            self.stdout.write("       " + ", ".join(f"{key}={row[key]}" for key in row))


def _document(results: list[invariants.Result]) -> str:
    return json.dumps(
        [
            {
                "name": result.name,
                "title": str(result.title),
                "ok": result.holds,
                "rows": result.rows,
            }
            for result in results
        ],
        cls=DjangoJSONEncoder,
        ensure_ascii=False,
        indent=2,
    )
