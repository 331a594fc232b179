"""Let mails that were given up try again."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from common import outbox


class Command(BaseCommand):
    """Let mails that were given up try again, for instance after the mail server was mended."""

    help = "Let mails that were given up try again."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print how many wait again."""
        self.stdout.write(str(outbox.retry_given_up(at=timezone.now())))
