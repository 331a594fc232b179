"""`manage.py match --need FILE [--json]`: what fits a need that stands in a file; nothing is kept."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Organization, OrganizationKind
from common.api_fields import CodeField
from common.display import money_text
from common.errors import DomainError
from marketplace.matching import cards, explaining
from marketplace.matching.actions import matches
from marketplace.matching.models import Match, Need
from marketplace.matching.serializers import MatchSerializer, NewNeedSerializer


class FiledNeedSerializer(NewNeedSerializer):
    """A need as the API takes it, and the code of the enterprise that has it."""

    enterprise = CodeField(prefix="OR")


class Command(BaseCommand):
    """Match a need in the API's form plus `enterprise`, and print the ranked and the excluded."""

    help = "match a need from a JSON file (- for standard input) without keeping it"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file and the form of the answer."""
        parser.add_argument("--need", required=True, help="JSON file, or - for standard input")
        parser.add_argument("--json", action="store_true", help="answer as the API does")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, match, print."""
        need = _read(options["need"])
        try:
            found, _told = matches.answer(need=need, at=timezone.now())
        except DomainError as error:
            raise CommandError(f"{error.code}: {error.message}") from error
        if options["json"]:
            rows = MatchSerializer(found, many=True).data
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2, default=str))
            return
        for match in found:
            self.stdout.write(_line(match))


def _read(name: str) -> Need:
    try:
        content = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
        asked = FiledNeedSerializer(data=json.loads(content))
    except (OSError, ValueError) as error:
        raise CommandError(f"cannot read the need: {error}") from error
    if not asked.is_valid():
        raise CommandError(json.dumps(asked.errors, ensure_ascii=False, default=str))
    values = asked.values()
    firms = Organization.objects.filter(kind=OrganizationKind.ENTERPRISE)
    enterprise = firms.filter(code=values.pop("enterprise")).first()
    if enterprise is None:
        raise CommandError("there is no enterprise with that code")
    return Need(enterprise=enterprise, **values)


def _line(match: Match) -> str:
    name = f"{match.bundle.code} {match.bundle.name}"
    if match.rank is None:
        told = explaining.exclusions_of(match)
        return f"-  {name}: " + " ".join(f"{row.title}: {row.detail}" for row in told)
    money = "{} - {} = {}".format(
        *map(money_text, (match.price_fen, match.voucher_fen, match.own_fen))
    )
    return f"{match.rank}. {name}: {money} ({cards.score_text(match)})"
