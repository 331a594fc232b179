"""`manage.py messages extract|compile|check`: the translations of all apps."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from common import catalogs


class Command(BaseCommand):
    """Extract messages into the apps' catalogs, compile them, or check that they are complete."""

    help = "extract, compile or check the translations of all apps"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the verb."""
        parser.add_argument("verb", choices=["extract", "compile", "check"])

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it for each app; `check` raises CommandError naming every fault."""
        {"extract": self._extract, "compile": self._compile, "check": self._check}[
            options["verb"]
        ]()

    def _folders(self) -> dict[Path, list[Path]]:
        """Each app's folder with the folders whose messages its catalog holds."""
        root = Path(settings.BASE_DIR)
        own = [Path(app.path) for app in apps.get_app_configs() if Path(app.path).parent == root]
        # config is no app; its few words are kept by the app at the bottom.
        return {
            folder: [folder, root / "config"] if folder.name == "common" else [folder]
            for folder in own
        }

    def _extract(self) -> None:
        for app, folders in self._folders().items():
            catalog = catalogs.path_of(app)
            if catalogs.merge(catalogs.extract(Path(settings.BASE_DIR), folders), catalog):
                self.stdout.write(f"Updated {catalog.relative_to(settings.BASE_DIR)}")

    def _compile(self) -> None:
        for app in self._folders():
            catalog = catalogs.path_of(app)
            if catalog.exists():
                catalogs.compile_catalog(catalog)

    def _check(self) -> None:
        faults = [
            f"{app.name}: {fault}"
            for app, folders in self._folders().items()
            for fault in catalogs.faults(
                catalogs.extract(Path(settings.BASE_DIR), folders), catalogs.path_of(app)
            )
        ]
        if faults:
            raise CommandError("\n".join([*faults, f"{len(faults)} faults in the translations."]))
        self.stdout.write("All messages are translated.")
