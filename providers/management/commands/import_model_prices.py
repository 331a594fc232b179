"""Draft offerings and prices from a public list of model prices (JSON, US dollars)."""

from argparse import ArgumentParser
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.access import Actor
from accounts.actions import actors
from accounts.models import Membership, Role
from common.errors import DomainError
from common.periods import local_day
from providers.actions import model_prices
from providers.models import Provider
from providers.rules import price_files


class Command(BaseCommand):
    """`manage.py import_model_prices FILE --usd-cny 7.10 --provider PV-….`"""

    help = "Draft token offerings of a provider from a JSON list of model prices in US dollars."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the file, the exchange rate, the provider, and optionally who and from when."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--usd-cny", required=True, help="yuan for one dollar, e.g. 7.10")
        parser.add_argument("--provider", required=True, help="code of the provider")
        parser.add_argument("--by", default="", help="mail address of one of its operators")
        parser.add_argument("--from-day", default="", help="first day of the prices, YYYY-MM-DD")
        parser.add_argument("--dry-run", action="store_true", help="answer, but keep nothing")
        parser.add_argument("--model", action="append", default=[], help="import only this model")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, import, report each entry; exit 1 when nothing could be read."""
        now = timezone.now()
        try:
            answers = model_prices.import_rows(
                by=_actor(options["provider"], options["by"]),
                rows=_rows(options["file"], options["model"]),
                exchange_rate=_decimal(options["usd_cny"]),
                from_day=_day(options["from_day"]) or local_day(now),
                dry_run=options["dry_run"],
                at=now,
            )
        except DomainError as error:
            raise CommandError(f"{error.code}: {error.message}") from error
        for answer in answers:
            reason = f" {answer.code}: {answer.message}" if answer.code else ""
            self.stdout.write(f"{answer.outcome} {answer.model}{reason}")
        counts = {
            outcome: sum(answer.outcome == outcome for answer in answers)
            for outcome in ("imported", "unchanged", "refused")
        }
        self.stdout.write(", ".join(f"{count} {outcome}" for outcome, count in counts.items()))


def _rows(file: Path, only: list[str]) -> list[dict[str, Any]]:
    """The list's entries with exact decimals."""
    try:
        data = price_files.read(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"{file} cannot be read: {error}") from error
    return [row for row in data if not only or row.get("model") in only]


def _actor(code: str, address: str) -> Actor:
    provider = Provider.objects.filter(code=code).select_related("organization").first()
    if provider is None:
        raise CommandError(f"There is no provider {code}.")
    members = Membership.objects.filter(
        organization=provider.organization, role=Role.OPERATOR, ended_at__isnull=True
    ).select_related("user")
    if address:
        members = members.filter(user__email=address)
    member = members.order_by("pk").first()
    if member is None:
        raise CommandError(f"{code} has no such operations engineer.")
    return actors.for_member(user=member.user, organization=provider.organization)


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise CommandError(f"{text} is not a number.") from None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise CommandError(f"{text} is not a date.") from None
