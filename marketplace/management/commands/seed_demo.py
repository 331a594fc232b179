"""`manage.py seed_demo`: one believable city, played through the actions."""

import json
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.models import Organization
from common.codes import repeatable
from common.periods import local_day
from marketplace.demo import story, trace
from marketplace.demo.days import Calendar
from marketplace.demo.sign_ins import SIGN_INS
from marketplace.demo.usage import BadTrace
from vouchers.audit.actions import budget_days

STEPS = {
    "city": "bureaus, schemes, providers, bundles",
    "firms": "enterprises and applications",
    "orders": "needs, matches, orders",
    "months": "usage, bills, claims, settlements",
}


class Command(BaseCommand):
    """Plays the demonstration; with --trace one voucher's life on a file of requests."""

    help = "Load the demonstration city, or play one voucher's life on a trace of requests."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing but on an empty database"
        )
        parser.add_argument(
            "--today", type=date.fromisoformat, help="the day on which the story ends"
        )
        parser.add_argument(
            "--trace", type=Path, help="CSV with TIMESTAMP, ContextTokens, GeneratedTokens"
        )
        parser.add_argument("--report", type=Path, help="where the figures of --trace go, as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Play in one transaction, so that a broken play leaves nothing behind."""
        calendar = Calendar(options["today"] or local_day(timezone.now()))
        if options["trace"]:
            self._trace(calendar, options["trace"], options["report"])
            return
        if Organization.objects.exists():
            if not options["if_empty"]:
                raise CommandError("The database is not empty. Use an empty one, or --trace.")
        else:
            with transaction.atomic(), repeatable(story.SEED):
                story.tell(calendar=calendar, progress=self._progress)
            budget_days.fold(at=timezone.now())  # reads only what is committed
        for role, email, password in SIGN_INS:
            self.stdout.write(f"  {role:<34} {email:<44} {password}")

    def _trace(self, calendar: Calendar, path: Path, report: Path | None) -> None:
        if not path.is_file():
            raise CommandError(f"{path}: no such file")
        try:
            with transaction.atomic():
                figures = trace.play(path=path, calendar=calendar)
        except BadTrace as error:
            raise CommandError(str(error)) from error
        text = json.dumps(figures, ensure_ascii=False, indent=2)
        if report:
            report.write_text(text + "\n", encoding="utf-8")
        self.stdout.write(text)

    def _progress(self, step: str, done: int, total: int) -> None:
        """One line a step that counts up; only its end where the output is no terminal."""
        ending = "\n" if done == total else "\r"
        if done == total or self.stdout.isatty():
            self.stdout.write(f"{STEPS[step]}: {done}/{total}", ending=ending)
            self.stdout.flush()
