"""Writes facts, blocks and balances as files, for the stand-alone verifier and for whoever keeps a copy."""

import gzip
import hashlib
import json
import shutil
from datetime import datetime
from importlib.resources import as_file, files
from pathlib import Path

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _
from psycopg.sql import SQL, Identifier

from common.errors import DomainError
from vouchers.ledger.actions import fact_rows
from vouchers.ledger.facts import FactTable, tables
from vouchers.ledger.models import Account, SealBlock, SealPart
from vouchers.ledger.rules import blocks


class FolderTaken(DomainError):
    """Something is in the folder already."""

    code = "folder_taken"


class ArchiveMissing(DomainError):
    """Rows were moved into a file that is not there, or is not the one that was written."""

    code = "archive_missing"


@transaction.atomic(durable=True)
def export(*, folder: Path, at: datetime, archives: Path | None = None) -> int:
    """Write everything the seal covers into an empty folder, on one snapshot; return the number of blocks.

    Rows that were moved into files come back from `archives`, the folder of these. The export also gets the
    verifier: `python verify.py .` needs nothing else. Raises FolderTaken, ArchiveMissing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FolderTaken(_("The folder is not empty. Name a new one."))
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    written = _write_blocks(folder)
    for table in tables():
        _write_facts(folder, table, archives)
        _write_manifests(folder, table)
    _write_balances(folder)
    about = {
        "format": blocks.FORMAT,
        "exported_at": blocks.moment_text(at),
        "tables": {table.name: table.titles for table in tables()},
    }
    (folder / "export.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    with as_file(files("vouchers.ledger") / "verify.py") as program:
        shutil.copyfile(program, folder / "verify.py")
    return written


def _write_blocks(folder: Path) -> int:
    written = 0
    rows = SealBlock.objects.order_by("number").prefetch_related("parts")
    with (folder / "blocks.ndjson").open("w", encoding="utf-8") as file:
        for block in rows.iterator(chunk_size=1_000):
            parts = sorted(block.parts.all(), key=lambda part: part.pk)
            values = {
                "number": block.number,
                "algorithm": block.algorithm,
                "previous": block.previous_hash,
                "start": block.start,
                "end": block.end,
                "sealed_at": blocks.moment_text(block.sealed_at),
                "parts": [[part.table, part.rows, part.digest] for part in parts],
                "hash": block.hash,
            }
            file.write(json.dumps(values) + "\n")
            written += 1
    return written


def _write_facts(folder: Path, table: FactTable, archives: Path | None) -> None:
    relation = _with_archives(table, archives)
    with (folder / f"{table.name}.tsv").open("wb") as file:
        file.writelines(line + b"\n" for line in fact_rows.lines(table, 0, None, relation))


def _with_archives(table: FactTable, archives: Path | None) -> str:
    """Name of a relation with the table's rows and those that were moved into files."""
    files_of_rows = list(table.archives())
    if not files_of_rows:
        return table.relation
    names = {"whole": Identifier(f"{table.name}_whole"), "table": Identifier(table.relation)}
    names["moved"] = Identifier(f"{table.name}_moved")
    with connection.cursor() as cursor:
        cursor.execute(
            SQL("CREATE TEMP TABLE {moved} (LIKE {table}) ON COMMIT DROP").format(**names)
        )
        statement = SQL("COPY {moved} FROM STDIN (FORMAT csv, HEADER MATCH)").format(**names)
        for name, digest in files_of_rows:
            with cursor.copy(statement) as rows:
                rows.write(_archived(archives, name, digest))
        cursor.execute(
            SQL(
                "CREATE TEMP VIEW {whole} AS SELECT * FROM {table} UNION ALL SELECT * FROM {moved}"
            ).format(**names)
        )
    return f"{table.name}_whole"


def _archived(archives: Path | None, name: str, digest: bytes) -> bytes:
    packed = archives / name if archives else None
    if packed is None or not packed.is_file():
        raise ArchiveMissing(
            _("Rows were moved into the file %(name)s. Name the folder that has it.")
            % {"name": name}
        )
    content = packed.read_bytes()
    if hashlib.sha256(content).digest() != digest:
        raise ArchiveMissing(
            _("The file %(name)s is not the one that was written. Fetch the original.")
            % {"name": name}
        )
    return gzip.decompress(content)


def _write_manifests(folder: Path, table: FactTable) -> None:
    parts = SealPart.objects.filter(table=table.name).order_by("block")
    with (folder / f"{table.name}.manifest.tsv").open("w", encoding="utf-8") as file:
        for part in parts.iterator(chunk_size=20):
            entries = blocks.unpacked(bytes(part.keys), bytes(part.digests), table.key)
            file.writelines(f"{part.block_id}\t{key}\t{made}\n" for key, made in entries)


def _write_balances(folder: Path) -> None:
    rows = Account.objects.filter(is_guarded=True).order_by("pk")
    counters = rows.values_list(
        "pk",
        "debits_pending_fen",
        "debits_posted_fen",
        "credits_pending_fen",
        "credits_posted_fen",
    )
    with (folder / "balances.tsv").open("w", encoding="utf-8") as file:
        for values in counters.iterator():
            file.write("\t".join(map(str, values)) + "\n")
