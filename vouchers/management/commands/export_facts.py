"""`manage.py export_facts FOLDER`: all sealed facts, blocks and balances as files, with their verifier."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from common.errors import DomainError
from vouchers.ledger.actions import exports


class Command(BaseCommand):
    """Exit 1 when the folder is taken or the file of an archived month is missing."""

    help = "write facts, blocks and balances into a new folder; verify it there with `python verify.py .`"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the folder."""
        parser.add_argument("folder", type=Path, help="a new or empty folder")
        parser.add_argument("--archives", type=Path, help="folder of the files of archived usage")

    def handle(self, *args: Any, **options: Any) -> None:
        """Export."""
        try:
            written = exports.export(
                folder=options["folder"], archives=options["archives"], at=timezone.now()
            )
        except DomainError as error:
            raise CommandError(str(error), returncode=1) from error
        self.stdout.write(f"{written} blocks in {options['folder']}")
