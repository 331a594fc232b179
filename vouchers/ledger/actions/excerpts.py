"""Some sealed rows with the blocks that sealed them: what a sealed package is made of."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from vouchers.ledger.actions import fact_rows
from vouchers.ledger.facts import tables
from vouchers.ledger.models import SealBlock, SealPart
from vouchers.ledger.rules import blocks


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Rows, blocks and manifests as plain values, and the titles of each table's columns."""

    rows: list[dict[str, Any]]
    blocks: list[dict[str, Any]]
    manifests: list[dict[str, Any]]
    titles: dict[str, list[str]]


def of(*, keys: Mapping[str, Sequence[str]]) -> Excerpt:
    """The rows of those keys, by table, in the spelling in which they are sealed. Inside a transaction."""
    rows = [
        (table.name, line.decode())
        for table in tables()
        if keys.get(table.name)
        for line in fact_rows.chosen(table, keys[table.name])
    ]
    sealed = _blocks({int(line.split("\t", 2)[1]) for _name, line in rows})
    return Excerpt(
        rows=[{"table": name, "row": line} for name, line in rows],
        blocks=[_block(each) for each in sealed],
        manifests=list(_manifests(sealed, {name for name, _line in rows})),
        titles={table.name: table.titles for table in tables()},
    )


def _blocks(numbers: set[int]) -> list[SealBlock]:
    """The blocks that hold rows of those transactions, and the newest one, in order. Three queries."""
    if not numbers:
        return []
    statement = (
        "SELECT DISTINCT b.number FROM unnest(%s::bigint[]) AS n "
        'JOIN vouchers_sealblock b ON b.start <= n AND n < b."end" '
        "UNION SELECT max(number) FROM vouchers_sealblock"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [sorted(numbers)])
        held = [row[0] for row in cursor.fetchall() if row[0]]
    return list(SealBlock.objects.filter(pk__in=held).prefetch_related("parts").order_by("number"))


def _block(block: SealBlock) -> dict[str, Any]:
    return {
        "number": block.number,
        "algorithm": block.algorithm,
        "previous": block.previous_hash,
        "start": block.start,
        "end": block.end,
        "sealed_at": blocks.moment_text(block.sealed_at),
        "parts": [[part.table, part.rows, part.digest] for part in _parts(block)],
        "hash": block.hash,
    }


def _manifests(sealed: list[SealBlock], names: set[str]) -> Iterable[dict[str, Any]]:
    """What the blocks sealed of the tables that the excerpt has rows of."""
    kinds = {table.name: table.key for table in tables()}
    by_block: dict[int, list[SealPart]] = defaultdict(list)
    for block in sealed:
        by_block[block.number] = _parts(block)
    for number, parts in by_block.items():
        for part in parts:
            if part.table in names:
                entries = blocks.unpacked(bytes(part.keys), bytes(part.digests), kinds[part.table])
                yield {"block": number, "table": part.table, "entries": list(entries)}


def _parts(block: SealBlock) -> list[SealPart]:
    return sorted(block.parts.all(), key=lambda part: part.pk)
