"""Foreign keys checked by the statement: for facts that are written by the thousand.

PostgreSQL looks each row's foreign keys up one by one, which costs more than writing the row. A trigger on the
statement asks once for all rows that it added. It is as strict as the constraint it stands for where rows are
append-only and what they point to is never deleted: give the fact `pgtrigger.Protect` and its parents `kept`.
"""

import pgtrigger

CHECK = """\
{ids} := ARRAY(SELECT DISTINCT {column} FROM added WHERE {column} IS NOT NULL);
IF cardinality({ids}) > (SELECT count(*) FROM {table} WHERE {key} = ANY ({ids})) THEN
    RAISE EXCEPTION 'a row of % points with {column} to no row of {table}', TG_TABLE_NAME
        USING ERRCODE = 'foreign_key_violation';
END IF;
"""


def references(**parents: tuple[str, str]) -> pgtrigger.Trigger:
    """Refuse rows whose columns point to nothing: each column's (parent table, type of its `id` or key).

    A column given as `table.key` names the parent's key when it is not `id`. Raises IntegrityError (23503) at the
    statement, not at commit. The ids are gathered before the parents are asked, so that a plan made for one row
    serves thousands and the other way round.
    """
    declared, steps = [], []
    for column, (parent, kind) in parents.items():
        table, _, key = parent.partition(".")
        ids = f"v_{column}"
        declared.append((ids, f"{kind}[]"))
        steps.append(CHECK.format(column=column, ids=ids, table=table, key=key or "id"))
    return pgtrigger.Trigger(
        name="references",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="added"),  # type: ignore[no-untyped-call]
        declare=declared,
        func="".join([*steps, "RETURN NULL;"]),
    )


def kept() -> pgtrigger.Protect:
    """Refuse to delete rows that such facts point to."""
    return pgtrigger.Protect(name="kept", operation=pgtrigger.Delete)
