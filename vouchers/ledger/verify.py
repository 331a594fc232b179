"""Stand-alone verifier of sealed books: `python verify.py EXPORT [--head HASH --at BLOCK] [--earlier EXPORT]`.

Needs nothing but Python 3.11 and an export of `manage.py export_facts` (docs/money.md, "Seal"). Exit code 0: everything
is as it was sealed; 1: the first bad row is named; 2: this is no export. `--head`, `--at`: hash and number of a block
from an outside copy; `--earlier`: an export that was kept. A package goes to `verify_package.py` beside this file.
"""

import argparse
import hashlib
import itertools
import json
import runpy
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

FORMAT = "puhui-seal 1"
NOTHING = "0" * 64
PAIRS_TRIED, MOST_COLUMNS, MASK = 40, 10, 0xFFFFFFFF


def sm3(data: bytes) -> str:
    """The national digest GB/T 32905-2016, in hexadecimal."""
    state = bytes.fromhex("7380166f4914b2b9172442d7da8a0600a96f30bc163138aae38dee4db0fb0e4e")
    words = [int.from_bytes(state[at : at + 4], "big") for at in range(0, 32, 4)]
    padded = data + b"\x80" + bytes(-(len(data) + 9) % 64) + (8 * len(data)).to_bytes(8, "big")
    for at in range(0, len(padded), 64):
        words = _sm3_block(words, padded[at : at + 64])
    return "".join(f"{word:08x}" for word in words)


def _turn(word: int, by: int) -> int:
    return (word << by % 32 | word >> 32 - by % 32) & MASK if by % 32 else word


def _sm3_block(state: list[int], block: bytes) -> list[int]:
    words = [int.from_bytes(block[at : at + 4], "big") for at in range(0, 64, 4)]
    for j in range(16, 68):
        x = words[j - 16] ^ words[j - 9] ^ _turn(words[j - 3], 15)
        y = _turn(words[j - 13], 7) ^ words[j - 6]
        words.append(x ^ _turn(x, 15) ^ _turn(x, 23) ^ y)
    a, b, c, d, e, f, g, h = state
    for j in range(64):
        constant = 0x79CC4519 if j < 16 else 0x7A879D8A
        one = _turn((_turn(a, 12) + e + _turn(constant, j)) & MASK, 7)
        mixed = a ^ b ^ c if j < 16 else a & b | a & c | b & c
        chosen = e ^ f ^ g if j < 16 else e & f | ~e & MASK & g
        first = (mixed + d + (one ^ _turn(a, 12)) + (words[j] ^ words[j + 4])) & MASK
        second = (chosen + h + one + words[j]) & MASK
        a, b, c, d = first, a, _turn(b, 9), c
        e, f, g, h = second ^ _turn(second, 9) ^ _turn(second, 17), e, _turn(f, 19), g
    return [old ^ new for old, new in zip(state, (a, b, c, d, e, f, g, h), strict=True)]


DIGESTS: dict[str, Callable[[bytes], str]] = {
    "sha256": lambda data: hashlib.sha256(data).hexdigest(),
    "sm3": sm3,
}


@dataclass(frozen=True, slots=True)
class Part:
    """How many rows of a table a block holds, and the digest of their manifest."""

    table: str
    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class Block:
    """One link of the chain; holds the rows whose transaction number is in `start` <= n < `end`."""

    number: int
    algorithm: str
    previous: str
    start: int
    end: int
    sealed_at: str
    parts: tuple[Part, ...]
    hash: str = ""

    def header(self) -> bytes:
        """What the block's hash is taken of: lines of plain text."""
        lines = [
            FORMAT,
            f"number {self.number}",
            f"algorithm {self.algorithm}",
            f"previous {self.previous}",
            f"transactions {self.start} {self.end}",
            f"sealed_at {self.sealed_at}",
            *(f"table {part.table} {part.rows} {part.digest}" for part in self.parts),
        ]
        return "".join(f"{line}\n" for line in lines).encode()


@dataclass(frozen=True, slots=True)
class Fault:
    """One bad row: `what` is changed, deleted, inserted, swapped, cut or rolled back."""

    block: int
    table: str
    id: str
    what: str
    detail: str = ""
    content: bytes | None = None

    def __str__(self) -> str:
        more = f" ({self.detail})" if self.detail else ""
        return f"{self.what}: table {self.table}, id {self.id}, block {self.block}{more}"


def check_link(block: Block, before: Block | None) -> list[Fault]:
    """Hold a block against the one before it and against its own hash."""
    number = before.number + 1 if before else 1
    if block.number != number:
        what = "deleted" if block.number > number else "inserted"
        return [Fault(number, "block", str(number), what, f"block {block.number} stands there")]
    previous, start = (before.hash, before.end) if before else (NOTHING, 0)
    if block.algorithm not in DIGESTS:
        wrong = f"unknown algorithm {block.algorithm}"
    elif block.hash != DIGESTS[block.algorithm](block.header()):
        wrong = "its hash is not that of its header"
    elif block.previous != previous:
        wrong = "it does not carry the hash of the block before it"
    elif block.start != start or block.end <= start:
        wrong = "its transactions do not follow those of the block before it"
    else:
        return []
    return [Fault(number, "block", str(number), "changed", wrong)]


def compare(
    block: Block,
    table: str,
    manifest: list[tuple[str, str]],
    rows: Iterable[tuple[str, bytes]],
) -> list[Fault]:
    """Hold the rows of a table (id, content) against the block's manifest (id, digest)."""
    faults, digest = [], DIGESTS[block.algorithm]
    part = next((part for part in block.parts if part.table == table), Part(table, 0, ""))
    text = "".join(f"{key}\t{made}\n" for key, made in manifest).encode()
    if (part.rows, part.digest) != (len(manifest), digest(text) if part.rows else ""):
        faults.append(Fault(block.number, table, "manifest", "changed", "not the one sealed"))
    sealed, found, extra = dict(manifest), {}, []
    for key, content in rows:
        if key in found or key not in sealed:
            extra.append(Fault(block.number, table, key, "inserted", "", content))
        else:
            found[key] = content
    for key, expected in sealed.items():
        if key not in found:
            faults.append(Fault(block.number, table, key, "deleted"))
        elif digest(found[key]) != expected:
            faults.append(Fault(block.number, table, key, "changed", "", found[key]))
    if not faults + extra and list(found) != list(sealed):
        key = next(key for key, other in zip(found, sealed, strict=True) if key != other)
        faults.append(Fault(block.number, table, key, "swapped", "stands in another place"))
    return faults + extra


def told(faults: list[Fault], expects: Callable[[Fault, bytes], bool]) -> list[Fault]:
    """Name moved rows `changed` and exchanged ones `swapped`; `expects`: was the row sealed with this content?"""
    strays = {(each.table, each.id): each for each in faults if each.what == "inserted"}
    named = []
    for each in faults:
        moved = strays.pop((each.table, each.id), None) if each.what == "deleted" else None
        if moved:
            detail = "its transaction number was changed"
            each = replace(each, what="changed", detail=detail, content=moved.content)  # noqa: PLW2901
        named.append(each)
    named = [each for each in named if each.what != "inserted" or (each.table, each.id) in strays]
    changed = [each for each in named if each.what == "changed" and each.content][:PAIRS_TRIED]
    for one, other in itertools.permutations(changed, 2):
        if one.table == other.table and one in named and exchanged(one, other, expects):
            named[named.index(one)] = replace(one, what="swapped", detail=f"with {other.id}")
    return named


def exchanged(one: Fault, other: Fault, expects: Callable[[Fault, bytes], bool]) -> bool:
    """Tell whether both rows are as sealed once some of their columns are put back."""
    first, second = (one.content or b"").split(b"\t"), (other.content or b"").split(b"\t")
    differ = [at for at, pair in enumerate(zip(first, second, strict=False)) if len(set(pair)) == 2]
    if len(differ) > MOST_COLUMNS:
        choices: Iterable[tuple[int, ...]] = (tuple(differ), tuple(differ[1:]))
    else:
        sizes = (itertools.combinations(differ, size) for size in range(len(differ), 0, -1))
        choices = itertools.chain.from_iterable(sizes)
    for back in choices:
        mine, theirs = first.copy(), second.copy()
        for at in back:
            mine[at], theirs[at] = second[at], first[at]
        if expects(one, b"\t".join(mine)) and expects(other, b"\t".join(theirs)):
            return True
    return False


class Export:
    """The files of an export. Rows stand in order of their transaction number."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        about = json.loads((folder / "export.json").read_text(encoding="utf-8"))
        if about["format"] != FORMAT:
            raise ValueError(f"unknown format {about['format']}")
        self.columns: dict[str, list[str]] = about["tables"]
        self.tables = list(self.columns)

    def blocks(self) -> Iterator[Block]:
        """All blocks in order."""
        with (self.folder / "blocks.ndjson").open(encoding="utf-8") as lines:
            for line in lines:
                values: dict[str, Any] = json.loads(line)
                parts = tuple(Part(*part) for part in values.pop("parts"))
                yield Block(**values, parts=parts)

    def lines(self, name: str, cuts: int = 2) -> Iterator[list[bytes]]:
        """The lines of a file, cut at their first tabs; -1 cuts at all."""
        with (self.folder / name).open("rb") as lines:
            for line in lines:
                yield line.removesuffix(b"\n").split(b"\t", cuts)


class Reader:
    """Hands out lines block by block."""

    def __init__(self, lines: Iterator[list[bytes]], place: int) -> None:
        self.lines, self.place = lines, place
        self.next = next(lines, None)

    def until(self, end: float) -> Iterator[list[bytes]]:
        """The lines whose number is below `end`."""
        while self.next is not None and int(self.next[self.place]) < end:
            yield self.next
            self.next = next(self.lines, None)


class Verifier:
    """One pass over an export; `faults` are in order of blocks, tables and sealed rows."""

    def __init__(self, export: Export) -> None:
        self.export = export
        self.last: Block | None = None
        self.faults: list[Fault] = []
        self.sealed: dict[tuple[int, str, str], tuple[str, str]] = {}
        self.hashes: dict[int, str] = {}
        self.rows = 0
        self.late: list[Fault] = []

    def run(self) -> None:
        """Chain, each block's rows, what is not sealed yet, and the balances."""
        lines, tables = self.export.lines, self.export.tables
        facts = {name: Reader(lines(f"{name}.tsv"), 1) for name in tables}
        manifests = {name: Reader(lines(f"{name}.manifest.tsv"), 0) for name in tables}
        for block in self.export.blocks():
            self.faults += check_link(block, self.last)
            for name in tables if block.algorithm in DIGESTS else ():
                self._hold(block, name, manifests[name], facts[name])
            self.hashes[block.number] = block.hash
            self.last = block
        for name, reader in manifests.items():
            for line in reader.until(float("inf")):
                self.faults.append(Fault(int(line[0]), name, line[1].decode(), "cut", "no block"))
        for name, reader in facts.items():
            for line in reader.until(float("inf")):
                content = b"\t".join(line[1:])
                self.late.append(Fault(0, name, line[0].decode(), "inserted", "", content))
        named = told(self.faults + self.late, self._expects)
        self.faults = [each for each in named if each.block] + balance_faults(self.export)

    def _hold(self, block: Block, table: str, manifest: Reader, facts: Reader) -> None:
        lines = manifest.until(block.number + 1)
        entries = [(line[1].decode(), line[2].decode()) for line in lines]
        rows = [(line[0].decode(), line[1] + b"\t" + line[2]) for line in facts.until(block.end)]
        self.rows += len(rows)
        faults = compare(block, table, entries, rows)
        self.faults += faults
        sealed = dict(entries) if faults else {}
        for each in faults:
            self.sealed[each.block, table, each.id] = block.algorithm, sealed.get(each.id, "")

    def _expects(self, fault: Fault, content: bytes) -> bool:
        known = self.sealed.get((fault.block, fault.table, fault.id))
        return known is not None and DIGESTS[known[0]](content) == known[1]

    def against_head(self, number: int, hash_: str) -> None:
        """Hold the chain against a hash that was written down elsewhere."""
        last = self.last.number if self.last else 0
        if number > last:
            row = f"; row {self.late[0].table} {self.late[0].id} stands behind" if self.late else ""
            detail = f"blocks {last + 1} to {number} of the outside copy are missing{row}"
            self.faults.append(Fault(last + 1, "block", str(last + 1), "cut", detail))
        elif self.hashes.get(number) != hash_:
            detail = "the outside copy has another hash: this is another history"
            self.faults.append(Fault(number, "block", str(number), "rolled back", detail))

    def against_earlier(self, earlier: Export) -> None:
        """Find the first block of an earlier export that is gone, and its first row that is."""
        for block in earlier.blocks():
            if self.hashes.get(block.number) != block.hash:
                what = "rolled back" if block.number in self.hashes else "cut"
                self.faults.append(self._first_lost(earlier, block, what))
                return

    def _first_lost(self, earlier: Export, block: Block, what: str) -> Fault:
        detail = f"block {block.number} of the earlier export is not in this one"
        digest = DIGESTS[block.algorithm]
        for part in block.parts:
            kept = {
                line[1].decode(): line[2].decode()
                for line in earlier.lines(f"{part.table}.manifest.tsv")
                if int(line[0]) == block.number
            }
            present = {
                line[0].decode(): digest(line[1] + b"\t" + line[2])
                for line in self.export.lines(f"{part.table}.tsv")
                if line[0].decode() in kept
            }
            for key, expected in kept.items():
                if present.get(key) != expected:
                    return Fault(block.number, part.table, key, what, detail)
        return Fault(block.number, "block", str(block.number), what, detail)


def balance_faults(export: Export) -> list[Fault]:
    """Guarded accounts whose counters in the export are not the fold of its transfers."""
    faults = []
    accounts = export.lines("account.tsv", cuts=-1)
    guarded = sorted(int(line[0]) for line in accounts if line[-1] == b"t")
    if guarded != [int(line[0]) for line in export.lines("balances.tsv")]:
        faults.append(Fault(0, "balance", "list", "changed", "not those of the guarded accounts"))
    counters = folded(export)
    for line in export.lines("balances.tsv", cuts=-1):
        stated = [int(value) for value in line[1:]]
        if stated != counters[line[0]]:
            detail = f"its counters are {stated}, its transfers fold to {counters[line[0]]}"
            faults.append(Fault(0, "balance", line[0].decode(), "changed", detail))
    return faults


def folded(export: Export) -> dict[bytes, list[int]]:
    """Debits pending and posted, credits pending and posted by account, in fen."""
    place = {name: at for at, name in enumerate(export.columns["transfer"])}
    counters: dict[bytes, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    holds: dict[bytes, tuple[bytes, bytes, int]] = {}
    resolved = []
    for line in export.lines("transfer.tsv", cuts=-1):
        kind, amount = line[place["kind"]], int(line[place["amount_fen"]])
        debit, credit = line[place["debit_account_id"]], line[place["credit_account_id"]]
        if kind == b"hold":
            holds[line[0]] = (debit, credit, amount)
        elif kind != b"single":
            resolved.append(line[place["hold_id"]])
        if kind in {b"single", b"capture"}:
            counters[debit][1] += amount
            counters[credit][3] += amount
    for debit, credit, amount in (holds[held] for held in holds.keys() - set(resolved)):
        counters[debit][0] += amount
        counters[credit][2] += amount
    return counters


def main(words: list[str] | None = None) -> int:
    """Verify and report; the first bad row stands first."""
    parser = argparse.ArgumentParser(description="Verify an export of sealed books.")
    parser.add_argument("export", type=Path, help="folder of the export")
    parser.add_argument("--head", help="hash of a block from an outside copy")
    parser.add_argument("--at", type=int, help="number of that block")
    parser.add_argument("--earlier", type=Path, help="folder of an export that was kept")
    asked = parser.parse_args(words)
    if (asked.head is None) != (asked.at is None):
        parser.error("--head and --at go together")
    if asked.export.is_file():
        packages = runpy.run_path(str(Path(__file__).with_name("verify_package.py")))
        return int(packages["main"](words))
    try:
        verifier = Verifier(Export(asked.export))
        verifier.run()
        if asked.head:
            verifier.against_head(asked.at, asked.head.lower())
        if asked.earlier:
            verifier.against_earlier(Export(asked.earlier))
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        sys.stdout.write(f"this is no readable export: {type(error).__name__}: {error}\n")
        return 2
    last = verifier.last
    head = f"block {last.number} {last.hash}" if last else "no block"
    sys.stdout.write(f"{verifier.rows} sealed rows, {len(verifier.late)} later, head {head}\n")
    for place, fault in enumerate(verifier.faults[:20]):
        sys.stdout.write(f"{'FIRST BAD ROW ' if not place else '  then '}{fault}\n")
    sys.stdout.write(f"{len(verifier.faults)} faults\n" if verifier.faults else "clean\n")
    return 1 if verifier.faults else 0


if __name__ == "__main__":
    sys.exit(main())
