"""`manage.py archive_usage --before YYYY-MM --folder PATH`: move old months of events to files."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from common.errors import DomainError
from vouchers.billing.actions.metering import archives


class Command(BaseCommand):
    """Archive each month before the one named; their keys and sums stay in the database."""

    help = "write the events of closed months to gzipped CSV files and drop them"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the first month that stays, and the folder of the files."""
        parser.add_argument("--before", required=True, help="first month that stays, as 2026-05")
        parser.add_argument("--folder", required=True, type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Archive month by month, oldest first."""
        try:
            before = date.fromisoformat(f"{options['before']}-01")
        except ValueError as error:
            raise CommandError("Give the month as 2026-05.") from error
        for month in archives.archivable(before=before):
            try:
                made = archives.archive(month=month, folder=options["folder"], at=timezone.now())
            except DomainError as error:
                raise CommandError(str(error.message)) from error
            digest = bytes(made.file_sha256).hex()
            self.stdout.write(f"{digest}  {made.file_name}  {made.events}\n")
