"""`manage.py audit_sample CODE [--seed SEED] [--export FILE]`: repeat the draw of a stored sample."""

import hashlib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.errors import DomainError
from vouchers.audit.actions import samples
from vouchers.audit.models import Sample


class Command(BaseCommand):
    """Prints the sample byte for byte; exits 1 when the recorded seed does not give the recorded draw."""

    help = "repeat the draw of a sample from its frozen list"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which sample, which seed, and whether to write what the stand-alone script reads."""
        parser.add_argument("code")
        parser.add_argument("--seed", help="another seed than the recorded one")
        parser.add_argument("--export", type=Path, metavar="FILE", help="write plan and list there")

    def handle(self, *args: Any, **options: Any) -> None:
        """Draw again and write it out."""
        sample = Sample.objects.select_related("frame").filter(code=options["code"]).first()
        if sample is None:
            raise CommandError("no such sample", returncode=2)
        seed = options["seed"] or sample.seed
        if not seed:
            raise CommandError("the seed is not known yet: give --seed or draw first", returncode=2)
        try:
            content = samples.redraw(sample=sample, seed=seed).as_bytes()
        except DomainError as error:
            raise CommandError(str(error), returncode=1) from error
        if options["export"]:
            options["export"].write_bytes(samples.export(sample=sample))
        if seed == sample.seed and hashlib.sha256(content).hexdigest() != sample.sample_sha256:
            raise CommandError("DIFFERENT from the recorded draw", returncode=1)
        self.stdout.write(content.decode(), ending="")
