"""`manage.py risk_scan [--new]`: hold the risk rules against everything, or only when something is new."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from common.errors import DomainError
from vouchers.audit.actions import risk_scans


class Command(BaseCommand):
    """Prints each rule as it goes, then what is new."""

    help = "hold the risk rules against all redemptions and keep what they point at"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One choice."""
        parser.add_argument("--new", action="store_true", help="only when something came since")

    def handle(self, *args: Any, **options: Any) -> None:
        """Scan, with progress."""
        if options["new"]:
            made = risk_scans.scan_new(at=timezone.now())
            if made is None:
                self.stdout.write("nothing is new since the last scan")
                return
        else:
            try:
                made = risk_scans.scan(at=timezone.now(), progress=self._progress)
            except DomainError as error:
                raise CommandError(str(error), returncode=1) from error
        self.stdout.write(
            f"{made.redemptions} redemptions in {made.duration_ms / 1000:.1f} s: "
            f"{sum(made.flagged.values())} flags, {made.new_flags} new, {made.gone_flags} gone"
        )

    def _progress(self, name: str, count: int) -> None:
        self.stdout.write(f"{name}: {count}")
        self.stdout.flush()
