"""Set up a bureau with its first scheme officer."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.actions import organizations
from accounts.rules import identity
from common.errors import DomainError


class Command(BaseCommand):
    """manage.py bureau_create --name … --uscc … --region … --email … --officer … …"""

    help = "Set up a bureau with its first scheme officer, who sets a password by mail."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Everything is required: a bureau without a known human decides nothing."""
        parser.add_argument("--name", required=True, help="name of the bureau")
        parser.add_argument("--uscc", required=True, help="unified social credit code")
        parser.add_argument("--region", required=True, help="six digits by GB/T 2260")
        parser.add_argument("--email", required=True, help="mail address of the officer")
        parser.add_argument("--officer", required=True, help="name of the officer")
        parser.add_argument("--identity-number", required=True, help="of the officer; not stored")

    def handle(self, *args: Any, **options: Any) -> None:
        """Call the action; a refusal ends with its reason."""
        try:
            key = identity.person_key(options["identity_number"], settings.SECRET_KEY)
            bureau = organizations.found_bureau(
                name=options["name"],
                uscc=options["uscc"],
                region=options["region"],
                email=options["email"],
                officer_name=options["officer"],
                person_key=key,
                at=timezone.now(),
            )
        except identity.InvalidIdentityNumber as error:
            raise CommandError("The identity number is not valid.") from error
        except DomainError as error:
            raise CommandError(f"{error.code}: {error.message}") from error
        self.stdout.write(f"{bureau.code} {bureau.name}")
