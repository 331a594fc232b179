"""Holds facts against their blocks: invariant I9. The stand-alone verifier does the same on an export."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max, Sum

from vouchers.ledger.actions import fact_rows
from vouchers.ledger.facts import FactTable, tables
from vouchers.ledger.models import SealBlock, SealCheck, SealPart
from vouchers.ledger.rules import blocks
from vouchers.ledger.rules.blocks import Fault

MOST_BLOCKS, MOST_ROWS = 500, 200_000
"""Blocks, and rows of them, that are held in memory at once."""
MOST_FAULTS = 1_000


@dataclass(frozen=True, slots=True)
class State:
    """What the operations page tells of the seal; `waits` rows are not in a block yet."""

    last_block: int
    hash: str
    sealed_at: datetime | None
    verified_block: int
    verified_at: datetime | None
    full_at: datetime | None
    first_fault: str


def verify(*, at: datetime, full: bool = False) -> list[Fault]:
    """Hold blocks and their rows against each other and keep the result; no fault means that I9 holds.

    Begins behind the last block found good, or with `full` at the first; also when the last full check found a
    fault, so that it stays known until it is mended. Locks nothing. Stops after MOST_FAULTS.
    """
    full = full or _is_known_broken()
    first = 1 if full else _good_until() + 1
    before = SealBlock.objects.filter(number=first - 1).first()
    faults: list[Fault] = []
    for numbers in _chunks(first):
        with transaction.atomic():
            chunk = list(SealBlock.objects.filter(number__in=numbers).order_by("number"))
            faults += _chunk_faults(before, chunk)
        before = chunk[-1]
        if len(faults) >= MOST_FAULTS:
            break
    faults = faults or _gaps()
    SealCheck.objects.create(
        checked_at=at,
        last_block=before.number if before else 0,
        is_full=full,
        faults=len(faults),
        first_fault=str(faults[0])[:300] if faults else "",
    )
    return faults[:MOST_FAULTS]


def state() -> State:
    """Where sealing and verifying stand. Four queries."""
    last = SealBlock.objects.order_by("-number").first()
    newest = SealCheck.objects.order_by("-checked_at", "-pk").first()
    whole = SealCheck.objects.filter(is_full=True).order_by("-checked_at", "-pk").first()
    return State(
        last_block=last.number if last else 0,
        hash=last.hash if last else "",
        sealed_at=last.sealed_at if last else None,
        verified_block=_good_until(),
        verified_at=newest.checked_at if newest else None,
        full_at=whole.checked_at if whole else None,
        first_fault=newest.first_fault if newest else "",
    )


def _good_until() -> int:
    good = SealCheck.objects.filter(faults=0).aggregate(until=Max("last_block"))["until"]
    return int(good or 0)


def _is_known_broken() -> bool:
    last = SealCheck.objects.filter(is_full=True).order_by("-checked_at", "-pk").first()
    return last is not None and last.faults > 0


def _gaps() -> list[Fault]:
    """Blocks that are missing before the last one; a missing tail shows only in an outside copy."""
    numbers = SealBlock.objects.all()
    last = numbers.aggregate(last=Max("number"))["last"] or 0
    good = _good_until()
    if last < good:
        return [Fault(last + 1, "block", str(last + 1), "deleted", "was verified before")]
    if numbers.count() == last:
        return []
    known = set(numbers.values_list("number", flat=True))
    lost = next(number for number in range(1, last + 1) if number not in known)
    return [Fault(lost, "block", str(lost), "deleted")]


def _chunks(first: int) -> Iterator[list[int]]:
    rows = SealBlock.objects.filter(number__gte=first).annotate(rows=Sum("parts__rows"))
    chunk: list[int] = []
    held = 0
    for number, count in rows.order_by("number").values_list("number", "rows"):
        if chunk and (len(chunk) >= MOST_BLOCKS or held + (count or 0) > MOST_ROWS):
            yield chunk
            chunk, held = [], 0
        chunk.append(number)
        held += count or 0
    if chunk:
        yield chunk


def _chunk_faults(before: SealBlock | None, chunk: Sequence[SealBlock]) -> list[Fault]:
    parts: dict[int, list[SealPart]] = {block.number: [] for block in chunk}
    for part in SealPart.objects.filter(block__in=parts).order_by("pk"):
        parts[part.block_id].append(part)
    faults: list[Fault] = []
    for block in chunk:
        faults += _link_faults(before, block, parts[block.number])
        before = block
    for table in tables():
        found = _found(table, chunk)
        bad = [
            fault
            for block in chunk
            for fault in _table_faults(block, table, parts[block.number], found[block.number])
        ]
        moved = fact_rows.moved(table, [each.id for each in bad if each.what == "deleted"])
        faults += [each for each in bad if each.what != "deleted" or each.id not in moved]
    return sorted(faults, key=lambda fault: fault.block)


def _link_faults(
    before: SealBlock | None, block: SealBlock, parts: Sequence[SealPart]
) -> list[Fault]:
    number, previous, start = (
        (before.number + 1, before.hash, before.end) if before else (1, blocks.NOTHING, 0)
    )
    if block.number != number:
        return [Fault(number, "block", str(number), "deleted")]
    text = blocks.header(
        number=block.number,
        algorithm=block.algorithm,
        previous=block.previous_hash,
        start=block.start,
        end=block.end,
        sealed_at=block.sealed_at,
        parts=[blocks.Part(part.table, part.rows, part.digest) for part in parts],
    )
    links = (block.previous_hash, block.start) == (previous, start)
    if links and block.hash == blocks.digest(block.algorithm, text):
        return []
    return [Fault(number, "block", str(number), "changed")]


def _found(table: FactTable, chunk: Sequence[SealBlock]) -> dict[int, list[blocks.Entry]]:
    """Digests of the present rows of each block."""
    found: dict[int, list[blocks.Entry]] = {block.number: [] for block in chunk}
    place = 0
    for line in fact_rows.lines(table, chunk[0].start, chunk[-1].end):
        key, content = fact_rows.split(line)
        transaction_number = int(content.partition(b"\t")[0])
        while transaction_number >= chunk[place].end:
            place += 1
        block = chunk[place]
        found[block.number].append((key, blocks.digest(block.algorithm, content)))
    return found


def _table_faults(
    block: SealBlock, table: FactTable, parts: Sequence[SealPart], found: list[blocks.Entry]
) -> list[Fault]:
    part = next((part for part in parts if part.table == table.name), None)
    sealed: list[blocks.Entry] = []
    if part is not None:
        sealed = list(blocks.unpacked(bytes(part.keys), bytes(part.digests), table.key))
        if (part.rows, part.digest) != (
            len(sealed),
            blocks.digest(block.algorithm, blocks.manifest(sealed)),
        ):
            return [Fault(block.number, table.name, "manifest", "changed")]
    return blocks.differences(block.number, table.name, sealed, found)
