"""`manage.py match_round FILE [--json]`: clear a round that stands in a file; nothing is kept."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError

from marketplace.clearing.actions import solving
from marketplace.clearing.rules import filing
from marketplace.matching.rules import rounds_clearing, rounds_protocol
from marketplace.matching.rules.rounds import BadRound
from marketplace.matching.rules.rounds_flow import FlowFailed
from marketplace.matching.rules.rounds_repair import FloorOutOfReach


class Command(BaseCommand):
    """Clear the input file of a round and print figures, hashes and who gets what."""

    help = "clear a round from its input file (- for standard input) without keeping it"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file and the form of the answer."""
        parser.add_argument("file", help="input file of a round, or - for standard input")
        parser.add_argument("--json", action="store_true", help="answer as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, clear, print."""
        try:
            name = options["file"]
            content = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
            found = filing.read(content)
            plan = rounds_clearing.clear(found)
        except (OSError, BadRound, FloorOutOfReach, FlowFailed) as error:
            raise CommandError(str(error)) from error
        figures = solving.figures_of(rounds_protocol.protocol(found, plan))
        served = {
            found.needs[need]: found.offerings[int(found.offering_of[plan.pairs[need]])]
            for need in np.flatnonzero(plan.pairs >= 0).tolist()
        }
        told = {
            **figures,
            "input_sha256": plan.input_digest,
            "plan_sha256": plan.digest(),
            "plan": served,
        }
        if options["json"]:
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2, sort_keys=True))
            return
        for key in ("needs", "served", "value", "bound", "greedy", "first_come"):
            self.stdout.write(f"{key}: {figures[key]:,}")
        self.stdout.write(f"input {plan.input_digest}\nplan {plan.digest()}")
