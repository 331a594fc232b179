"""`manage.py application_role NAME`: the database role that web, worker and beat run as."""

from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

import pgtrigger
from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import connection, models, transaction
from psycopg.sql import SQL, Composable, Identifier


class Command(BaseCommand):
    """Make the role unless it exists and give it its rights; to be run again after each migration.

    The role reads and writes every table of the product, but cannot update, delete or truncate facts: the tables
    whose triggers refuse it to everyone else. It owns nothing and so can neither switch triggers off nor drop them.
    Run as the owner of the tables, who needs CREATEROLE when the role is new. Logging in is the server's business
    (pg_hba.conf).
    """

    help = "make the database role of the running product; it cannot change facts"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the name of the role."""
        parser.add_argument("role", help="name of the role, such as puhui_app")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        """Grant; in one transaction."""
        role = Identifier(options["role"])
        facts = sorted(options_of(model).db_table for model in apps.get_models() if is_fact(model))
        known = connection.introspection.django_table_names(only_existing=True)
        state = sorted({*known, "django_migrations"} - set(facts))
        with connection.cursor() as cursor:
            cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", [options["role"]])
            missing = cursor.fetchone() is None
            for statement in _statements(role, facts, state, missing=missing):
                cursor.execute(statement)
        self.stdout.write(f"{options['role']}: {len(state)} tables, {len(facts)} of facts.")


def is_fact(model: type[models.Model]) -> bool:
    """Tell whether triggers refuse every UPDATE and DELETE of the model's rows."""
    triggers: Iterable[pgtrigger.Trigger] = getattr(options_of(model), "triggers", ())
    return any(
        isinstance(each, pgtrigger.Protect)
        and {"UPDATE", "DELETE"} <= set(str(each.operation).split(" OR "))
        for each in triggers
    )


def options_of(model: type[models.Model]) -> Any:
    """The model's Meta as Django keeps it; documented, though its name says private."""
    return model._meta  # noqa: SLF001


def _statements(
    role: Identifier, facts: list[str], state: list[str], *, missing: bool
) -> list[Composable]:
    make = [SQL("CREATE ROLE {} LOGIN").format(role)] if missing else []
    return [
        *make,
        SQL("GRANT USAGE ON SCHEMA public TO {}").format(role),
        SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(role),
        SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON {} TO {}").format(_tables(state), role),
        SQL("GRANT SELECT, INSERT ON {} TO {}").format(_tables(facts), role),
        SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}").format(role),
    ]


def _tables(names: list[str]) -> Composable:
    return SQL(", ").join(map(Identifier, names))
