"""Sealed packages: a chain or a case with the ledger's own rows, which the stand-alone verifier checks.

A ZIP without compression, in fixed order and with fixed times: `chain.jsonl` (what the chain says), `rows.jsonl`
(sealed rows in their canonical form), `blocks.jsonl` and `sealed.jsonl` (the seal's blocks and their manifests),
`verify.py`, and `manifest.json` with the SHA-256 of each file and of itself.
"""

import hashlib
import io
import json
import zipfile
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from vouchers.audit.actions import chain_lines, chains
from vouchers.audit.actions.chains import Chain
from vouchers.audit.models import Case, CaseConclusion, ClaimLine, ConclusionSignature
from vouchers.ledger.actions import fact_rows, movements
from vouchers.ledger.facts import tables
from vouchers.ledger.models import SealBlock, SealPart
from vouchers.ledger.rules import blocks

FORMAT = "puhui-package 1"
FIXED = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Package:
    """A sealed package as a file, and its SHA-256."""

    name: str
    content: bytes
    sha256: str


@transaction.atomic
def of_case(*, case: Case, at: datetime) -> Package:
    """A case with the chain of its redemption."""
    return of_chain(chain=chains.of_case(case=case), at=at)


def of_chain(*, chain: Chain, at: datetime) -> Package:
    """Everything the chain rests on. Inside a transaction: rows are read in the spelling in which they are sealed."""
    wanted = _wanted(chain)
    rows = [
        (table, line.decode())
        for table in tables()
        if wanted.get(table.name)
        for line in fact_rows.chosen(table, wanted[table.name])
    ]
    numbers = {int(line.split("\t", 2)[1]) for _table, line in rows}
    sealed = _blocks(numbers)
    inside: dict[str, bytes] = {
        "blocks.jsonl": _lines(_block(each) for each in sealed),
        "chain.jsonl": _lines(chain_lines.of(chain)),
        "rows.jsonl": _lines({"table": table.name, "row": line} for table, line in rows),
        "sealed.jsonl": _lines(_manifests(sealed, {table.name for table, _line in rows})),
        "verify.py": (files("vouchers.ledger") / "verify.py").read_bytes(),
    }
    about = {
        "format": FORMAT,
        "number": chain.number,
        "made_at": blocks.moment_text(at),
        "tables": {table.name: table.titles for table in tables()},
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in inside.items()},
    }
    about["sha256"] = hashlib.sha256(_canonical(about)).hexdigest()
    inside["manifest.json"] = json.dumps(about, indent=1, sort_keys=True).encode() + b"\n"
    content = zipped(inside)
    name = f"{chain.number}-{at:%Y%m%d}.zip".replace("/", "-")
    return Package(name, content, hashlib.sha256(content).hexdigest())


def zipped(inside: dict[str, bytes]) -> bytes:
    """The files as a ZIP whose bytes depend on nothing but them: in order of name, stored, at a fixed time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(inside):
            archive.writestr(zipfile.ZipInfo(name, FIXED), inside[name])
    return buffer.getvalue()


def _wanted(chain: Chain) -> dict[str, list[str]]:
    """Keys of the sealed rows behind a chain, by table: its movements with their accounts, and what was signed."""
    vouchers = {each.account_id for each in chain.vouchers}
    given: set[UUID | None] = {each.transfer_id for each in chain.paid}
    for payment in chain.payments:
        given |= {payment.transfer_id, payment.reversal_id}
    for recovery in chain.recoveries:
        given |= {recovery.clawback_id, recovery.debt_id}
    moved = movements.behind(account_ids=vouchers, transfer_ids={each for each in given if each})
    conclusions = CaseConclusion.objects.filter(case__in=[each.pk for each in chain.cases])
    signed = ConclusionSignature.objects.filter(conclusion__in=conclusions)
    lines = ClaimLine.objects.filter(pk__in=[each.transfer_id for each in chain.paid])
    found: dict[str, Iterable[object]] = {
        "account": moved.account_ids,
        "transfer": moved.transfer_ids,
        "review": [each.pk for each in chain.reviews],
        "claim_line": lines.values_list("pk", flat=True),
        "settlement_signature": [each.pk for each in chain.signatures],
        "case_signature": signed.values_list("pk", flat=True),
        "recovery": [each.pk for each in chain.recoveries],
    }
    return {name: sorted(map(str, keys)) for name, keys in found.items()}


def _blocks(numbers: set[int]) -> list[SealBlock]:
    """The blocks that hold rows of those transactions, and the newest one, in order. One query."""
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
    rows = SealBlock.objects.filter(Q(pk__in=held))
    return list(rows.prefetch_related("parts").order_by("number"))


def _block(block: SealBlock) -> dict[str, Any]:
    parts = sorted(block.parts.all(), key=lambda part: part.pk)
    return {
        "number": block.number,
        "algorithm": block.algorithm,
        "previous": block.previous_hash,
        "start": block.start,
        "end": block.end,
        "sealed_at": blocks.moment_text(block.sealed_at),
        "parts": [[part.table, part.rows, part.digest] for part in parts],
        "hash": block.hash,
    }


def _manifests(sealed: list[SealBlock], names: set[str]) -> Iterable[dict[str, Any]]:
    """What the blocks sealed of the tables that the package has rows of."""
    kinds = {table.name: table.key for table in tables()}
    by_block: dict[int, list[SealPart]] = defaultdict(list)
    for block in sealed:
        by_block[block.number] = sorted(block.parts.all(), key=lambda part: part.pk)
    for number, parts in by_block.items():
        for part in parts:
            if part.table in names:
                entries = blocks.unpacked(bytes(part.keys), bytes(part.digests), kinds[part.table])
                yield {"block": number, "table": part.table, "entries": list(entries)}


def _lines(values: Iterable[dict[str, Any]]) -> bytes:
    return b"".join(_canonical(value) + b"\n" for value in values)


def _canonical(value: dict[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
