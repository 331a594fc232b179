"""First migrations render their models once, and the schema is the one that Django would make."""

import importlib

import pytest
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState
from django.db.models.deletion import PROTECT

from common.first_migrations import FirstMigration

APPS = ("accounts", "common", "marketplace", "providers", "vouchers")

CREATIONS = [
    migrations.CreateModel(
        "Book",
        fields=[("id", models.BigAutoField(primary_key=True)), ("pages", models.IntegerField())],
        options={
            "constraints": [
                models.CheckConstraint(condition=models.Q(pages__gte=1), name="shelf_book_pages")
            ]
        },
    ),
    migrations.CreateModel(
        "Lender",
        fields=[
            ("id", models.BigAutoField(primary_key=True)),
            ("book", models.ForeignKey("shelf.Book", PROTECT)),
        ],
        options={"indexes": [models.Index(fields=["book", "id"], name="shelf_lender_by_book")]},
    ),
    migrations.AddField("Book", "heir", models.ForeignKey("shelf.Lender", PROTECT, null=True)),
]
SHAPE = """
SELECT conrelid::regclass::text, contype, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid::regclass::text LIKE 'shelf%' AND contype <> 'n'
UNION ALL
SELECT tablename, 'i', indexdef FROM pg_indexes WHERE tablename LIKE 'shelf%'
UNION ALL
SELECT table_name, 'c', column_name || data_type || is_nullable FROM information_schema.columns
WHERE table_name LIKE 'shelf%'
ORDER BY 1, 2, 3
"""


def _shape(base: type[migrations.Migration]) -> tuple[list[tuple[str, str, str]], ProjectState]:
    migration = type("Migration", (base,), {"operations": CREATIONS})("0001_initial", "shelf")
    state = ProjectState()
    state.__dict__["apps"] = state.apps  # the executor renders before the first migration
    with connection.schema_editor() as editor:
        state = migration.apply(state, editor)
    with connection.cursor() as cursor:
        cursor.execute(SHAPE)
        shape = cursor.fetchall()
        cursor.execute("DROP TABLE shelf_book, shelf_lender CASCADE")
    return shape, state


@pytest.mark.django_db(transaction=True)
def test_first_migration_makes_what_django_makes() -> None:
    plain, plain_state = _shape(migrations.Migration)

    whole, whole_state = _shape(FirstMigration)

    assert whole == plain
    assert len([kind for _table, kind, _text in whole if kind == "f"]) == 2
    assert whole_state == plain_state


@pytest.mark.parametrize("app", APPS)
def test_first_migration_of_an_app_renders_once(app: str) -> None:
    module = importlib.import_module(f"{app}.migrations.0001_initial")

    assert issubclass(module.Migration, FirstMigration), (
        f"{app}: let the Migration inherit from common.first_migrations.FirstMigration; "
        "an empty database is migrated four times as fast"
    )
