"""Creating many tables without rendering the models again for each of them.

Django renders every related model anew after each CreateModel, so that the cost of a first migration
grows with the square of its tables. The tables of a run of CreateModel operations depend on each
other's final state only: their foreign keys are added after the last one.
"""

from collections.abc import Sequence
from copy import copy
from itertools import groupby

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class _Tables(Operation):
    """A run of CreateModel operations, carried out on models that are rendered once."""

    def __init__(self, creations: Sequence[Operation]) -> None:
        self.creations = creations

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Bring all models into the state, unrendered."""
        state.__dict__.pop("apps", None)
        for creation in self.creations:
            creation.state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Create the tables in their order."""
        for creation in self.creations:
            creation.database_forwards(app_label, schema_editor, from_state, to_state)


class FirstMigration(migrations.Migration):
    """An app's first migration; the same schema as without this class, sooner."""

    def apply(
        self,
        project_state: ProjectState,
        schema_editor: BaseDatabaseSchemaEditor,
        collect_sql: bool = False,
    ) -> ProjectState:
        """Apply runs of CreateModel together, everything else as Django does."""
        operations: list[Operation] = []
        for creates, run in groupby(self.operations, _creates):
            together = list(run)
            operations += [_Tables(together)] if creates else together
        whole = copy(self)
        whole.__dict__["operations"] = operations
        return super(FirstMigration, whole).apply(project_state, schema_editor, collect_sql)


def _creates(operation: Operation) -> bool:
    return isinstance(operation, migrations.CreateModel)
