"""Put a person's account out of service."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.actions import people
from common.errors import DomainError


class Command(BaseCommand):
    """manage.py user_deactivate person@example.com"""

    help = "Put an account out of service; its sessions and keys die with their next request."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The sign-in name."""
        parser.add_argument("email", help="mail address of the account")

    def handle(self, *args: Any, **options: Any) -> None:
        """Call the action; a refusal ends with its reason."""
        try:
            user = people.deactivate(email=options["email"], at=timezone.now())
        except DomainError as error:
            raise CommandError(f"{error.code}: {error.message}") from error
        self.stdout.write(f"{user.code} {user.email}")
