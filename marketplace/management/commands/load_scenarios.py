"""Load the scenarios that ship with the product."""

from typing import Any

from django.core.management.base import BaseCommand

from marketplace.catalog.actions import scenarios


class Command(BaseCommand):
    """`manage.py load_scenarios`; running it again changes nothing."""

    help = "Load or update the scenarios that ship with the product."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, and say how many there are."""
        self.stdout.write(f"{len(scenarios.load())} scenarios")
