"""Stand-alone verifier of sealed packages: `python verify_package.py PACKAGE.zip [--head HASH --at BLOCK]`.

Needs Python 3.11 and `verify.py` beside it, which hands packages over to it. A package (docs/audit.md) holds some rows
of the books with the blocks that sealed them. Exit code 0: every file is as it was made, every row as it was sealed;
1: the first changed file or row is named; 2: this is no package. `--head` and `--at` are a hash and the number of its
block from an outside copy.
"""

import argparse
import hashlib
import importlib.util
import io
import json
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vouchers.ledger import verify
    from vouchers.ledger.verify import Block, Fault
else:  # by its place: run by itself, a program finds no packages
    _spec = importlib.util.spec_from_file_location("verify", Path(__file__).with_name("verify.py"))
    verify = sys.modules["verify"] = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(verify)

FORMAT = "puhui-package 1"


class Package:
    """A sealed package: some rows of the books with the blocks that sealed them; `faults` in order of finding."""

    def __init__(self, path: Path) -> None:
        self.raw = path.read_bytes()
        self.faults: list[Fault] = []
        self.rows = self.late = 0
        self.hashes: dict[int, str] = {}
        self.last: Block | None = None

    def run(self) -> None:
        """The files first; rows and blocks only of files that are as they were made."""
        inside = self._read()
        about = self._manifest(inside.pop("manifest.json", b""))
        if about is None:
            return
        stated: dict[str, str] = about["files"]
        for name in sorted(stated.keys() | inside.keys()):
            if name not in inside or name not in stated:
                self._file(name, "deleted" if name in stated else "inserted")
            elif hashlib.sha256(inside[name]).hexdigest() != stated[name]:
                self._file(name, "changed")
        if not self.faults:
            blocks = self._blocks(inside["blocks.jsonl"])
            self._hold(blocks, inside["sealed.jsonl"], inside["rows.jsonl"])

    def _file(self, name: str, what: str, detail: str = "") -> None:
        if name not in {each.id for each in self.faults}:
            self.faults.append(verify.Fault(0, "file", name, what, detail))

    def _read(self) -> dict[str, bytes]:
        inside: dict[str, bytes] = {}
        with zipfile.ZipFile(io.BytesIO(self.raw)) as archive:
            for entry in archive.infolist():
                try:
                    inside[entry.filename] = archive.read(entry)
                except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
                    self._file(entry.filename, "changed", str(error))
        if not self.faults and self.raw != zipped(inside):
            self._file("the ZIP around the files", "changed")
        return inside

    def _manifest(self, text: bytes) -> dict[str, Any] | None:
        try:
            about: dict[str, Any] = json.loads(text)
            stated = about.pop("sha256")
            form = {"sort_keys": True, "separators": (",", ":"), "ensure_ascii": False}
            made = hashlib.sha256(json.dumps(about, **form).encode()).hexdigest()  # type: ignore[arg-type]
            again = (
                json.dumps(about | {"sha256": stated}, indent=1, sort_keys=True).encode() + b"\n"
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            made, stated, again, about = "", None, b"", {}
        if (made, again) != (stated, text) or about.get("format") != FORMAT:
            self._file("manifest.json", "changed" if text else "deleted")
            return None
        return about

    def _blocks(self, text: bytes) -> list["Block"]:
        found: list[Block] = []
        for line in text.splitlines():
            values: dict[str, Any] = json.loads(line)
            block = verify.Block(
                **values | {"parts": tuple(verify.Part(*part) for part in values["parts"])}
            )
            joined = self.last is not None and block.number == self.last.number + 1
            before = self.last if joined else None
            if before or block.number == 1:
                self.faults += verify.check_link(block, before)
            elif block.hash != verify.DIGESTS[block.algorithm](block.header()):
                detail = "its hash is not that of its header"
                self.faults.append(
                    verify.Fault(block.number, "block", str(block.number), "changed", detail)
                )
            self.hashes[block.number], self.last = block.hash, block
            found.append(block)
        return found

    def _hold(self, blocks: list["Block"], sealed: bytes, rows: bytes) -> None:
        by_number = {block.number: block for block in blocks}
        known: dict[tuple[int, str, str], str] = {}
        for line in sealed.splitlines():
            values = json.loads(line)
            number, table = values["block"], values["table"]
            entries = [(key, made) for key, made in values["entries"]]
            faults = verify.compare(by_number[number], table, entries, [])
            self.faults += [each for each in faults if each.id == "manifest"]
            known |= {(number, table, key): made for key, made in entries}
        for line in rows.splitlines():
            values = json.loads(line)
            key, _tab, content = values["row"].partition("\t")
            at = int(content.partition("\t")[0])
            block = next((each for each in blocks if each.start <= at < each.end), None)
            if block is None:
                self.late += 1
                continue
            self.rows += 1
            made = verify.DIGESTS[block.algorithm](content.encode())
            expected = known.get((block.number, values["table"], key))
            if made != expected:
                what = "changed" if expected else "inserted"
                self.faults.append(verify.Fault(block.number, values["table"], key, what))

    def against_head(self, number: int, hash_: str) -> None:
        """Hold the package's block of that number against an outside copy; it may hold no such block."""
        if number not in self.hashes:
            detail = "the package does not hold this block: compare a whole export"
            self.faults.append(verify.Fault(number, "block", str(number), "cut", detail))
        elif self.hashes[number] != hash_:
            detail = "the outside copy has another hash: this is another history"
            self.faults.append(verify.Fault(number, "block", str(number), "rolled back", detail))


def zipped(inside: dict[str, bytes]) -> bytes:
    """The files as a ZIP whose bytes depend on nothing but them."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(inside):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), inside[name])
    return buffer.getvalue()


def told(fault: "Fault") -> str:
    """A fault in words; a file has neither table nor block."""
    more = f" ({fault.detail})" if fault.detail else ""
    return f"{fault.what}: file {fault.id}{more}" if fault.table == "file" else str(fault)


def main(words: list[str] | None = None) -> int:
    """Verify and report; the first bad file or row stands first."""
    parser = argparse.ArgumentParser(description="Verify a sealed package.")
    parser.add_argument("package", type=Path, help="the ZIP")
    parser.add_argument("--head", help="hash of a block from an outside copy")
    parser.add_argument("--at", type=int, help="number of that block")
    asked = parser.parse_args(words)
    if (asked.head is None) != (asked.at is None):
        parser.error("--head and --at go together")
    try:
        package = Package(asked.package)
        package.run()
        if asked.head:
            package.against_head(asked.at, asked.head.lower())
    except (OSError, ValueError, KeyError, TypeError, IndexError, zipfile.BadZipFile) as error:
        sys.stdout.write(f"this is no readable package: {type(error).__name__}: {error}\n")
        return 2
    last = package.last
    head = f"block {last.number} {last.hash}" if last else "no block"
    sys.stdout.write(f"{package.rows} sealed rows, {package.late} later, head {head}\n")
    for place, fault in enumerate(package.faults[:20]):
        sys.stdout.write(f"{'FIRST BAD ROW ' if not place else '  then '}{told(fault)}\n")
    sys.stdout.write(f"{len(package.faults)} faults\n" if package.faults else "clean\n")
    return 1 if package.faults else 0


if __name__ == "__main__":
    sys.exit(main())
