"""`manage.py scheme validate|load|assess|dry-run FILE`: schemes as files, for people and for CI."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation

from common.errors import DomainError
from vouchers.grants import wording
from vouchers.grants.actions import rehearsals, scheme_files
from vouchers.grants.rules import cases, files, spelling
from vouchers.grants.rules.assessment import assess
from vouchers.grants.rules.files import SchemeFile, SchemeFileInvalid
from vouchers.grants.rules.schemes import SchemeRules

FAULTY, INCOMPLETE = 1, 3


class Command(BaseCommand):
    """Exit codes: 0 done, 1 the file or the case cannot stand, 2 wrong use, 3 valid but figures are missing."""

    help = "check, load, try and rehearse schemes written as YAML (see docs/schemes.md)"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One verb, one file, and what the verb needs."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        for verb, words in (
            ("validate", "tell whether the file can stand; exit 3 when figures are missing"),
            ("load", "write the file as the next version, a draft of a bureau"),
            ("assess", "answer one case as JSON"),
            ("dry-run", "tell which past decisions the file would change, and why"),
        ):
            below = verbs.add_parser(verb, help=words)
            below.add_argument("file", type=Path, help="the scheme, YAML")
            below.add_argument("--language", choices=["en", "zh-hans"], default="en")
            if verb == "assess":
                below.add_argument("--case", type=Path, required=True, help="the case, JSON")
            if verb == "load":
                below.add_argument("--bureau", required=True, help="code of the bureau")
                below.add_argument(
                    "--officer", required=True, help="email of the officer who writes it"
                )
                below.add_argument("--budget", help="yuan, where the file states none")
                below.add_argument("--opens", help="first day, where the file states none")
                below.add_argument("--closes", help="last day, where the file states none")
            if verb == "dry-run":
                below.add_argument("--json", action="store_true", help="one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the file, then do as the verb says."""
        with translation.override(options["language"]):
            rules, found = self._read(options["file"])
            verb = options["verb"].replace("-", "_")
            getattr(self, f"_{verb}")(rules, found, options)

    def _read(self, path: Path) -> tuple[SchemeRules, SchemeFile]:
        try:
            return files.read(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{path}: {error}", returncode=FAULTY) from error
        except SchemeFileInvalid as error:
            for line, fault in zip(error.lines, error.faults, strict=True):
                words = wording.fault(fault.code, fault.hint)
                self.stderr.write(f"{path}:{line}: {fault.path or '.'}: {words} [{fault.code}]")
            count = len(error.faults)
            raise CommandError(f"{path}: {count} faults.", returncode=FAULTY) from error

    def _validate(self, rules: SchemeRules, _found: SchemeFile, options: dict[str, Any]) -> None:
        name = f"{options['file']}: {rules.id} version {rules.version}"
        for each in rules.missing:
            self.stdout.write(
                f"{options['file']}: missing: {each.path}: {wording.said(each.words)}"
            )
        if rules.missing:
            raise CommandError(
                f"{name}: incomplete, it can be saved and shown but never published.",
                returncode=INCOMPLETE,
            )
        asked = ", ".join(fact.name for fact in rules.facts)
        self.stdout.write(f"{name}: valid. It asks: {asked}.")

    def _load(self, _rules: SchemeRules, found: SchemeFile, options: dict[str, Any]) -> None:
        try:
            made = scheme_files.load(
                bureau=options["bureau"],
                officer=options["officer"],
                data=found.data,
                stated={name: options[name] for name in ("budget", "opens", "closes")},
                at=timezone.now(),
                text=options["file"].read_text(encoding="utf-8"),
            )
        except DomainError as error:
            for path, words in error.errors.items():
                self.stderr.write(f"{path}: {words}")
            raise CommandError(str(error), returncode=FAULTY) from error
        self.stdout.write(f"{made.code}: {made.slug} version {made.version}, {made.status}.")

    def _assess(self, rules: SchemeRules, _found: SchemeFile, options: dict[str, Any]) -> None:
        path = options["case"]
        try:
            case = cases.read(rules, json.loads(path.read_text(encoding="utf-8"), parse_float=str))
        except (OSError, ValueError) as error:
            faults = getattr(error, "faults", None)
            for fault in faults or ():
                words = wording.fault(fault.code, fault.hint)
                self.stderr.write(f"{path}: {fault.path}: {words} [{fault.code}]")
            raise CommandError(
                f"{path}: {'faults' if faults else error}", returncode=FAULTY
            ) from error
        answer = spelling.as_json(assess(rules, case), rules)
        self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2))

    def _dry_run(self, rules: SchemeRules, found: SchemeFile, options: dict[str, Any]) -> None:
        result = rehearsals.rehearse(slug=rules.id, data=found.data)
        if options["json"]:
            self.stdout.write(json.dumps(result.as_json(), ensure_ascii=False, indent=2))
            return
        for change in result.changes:
            self.stdout.write(
                f"{change.application}: {change.before} → {change.after}: {change.why}"
            )
        self.stdout.write(f"{result.changed} of {result.seen} past decisions would change.")
