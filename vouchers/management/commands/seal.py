"""`manage.py seal [--verify | --restored]`: seal now, hold all rows against the seal, or begin anew after a dump."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from common.errors import DomainError
from vouchers.ledger.actions import seal_checks, seals

SHOWN = 20


class Command(BaseCommand):
    """Without options seals what was committed and prints the head."""

    help = "seal committed facts into a block and print its number and hash"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One of three things."""
        one = parser.add_mutually_exclusive_group()
        one.add_argument(
            "--verify", action="store_true", help="verify all blocks; exit 1 on a fault"
        )
        one.add_argument(
            "--restored",
            action="store_true",
            help="once after a dump was restored, before anything writes: number transactions on",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it and say what came of it."""
        try:
            if options["verify"]:
                self._verify()
            elif options["restored"]:
                self.stdout.write(f"transactions are numbered with {seals.resume()} added")
            else:
                self._seal()
        except DomainError as error:
            raise CommandError(str(error), returncode=1) from error

    def _seal(self) -> None:
        written = seals.seal(at=timezone.now())
        last = seals.head()
        words = f"block {last.number} {last.algorithm} {last.hash}" if last else "nothing sealed"
        self.stdout.write(f"{written} new blocks; {words}")

    def _verify(self) -> None:
        faults = seal_checks.verify(at=timezone.now(), full=True)
        for fault in faults[:SHOWN]:
            self.stdout.write(str(fault))
        if faults:
            raise CommandError(f"{len(faults)} faults", returncode=1)
        self.stdout.write("clean")
