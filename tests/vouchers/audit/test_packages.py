"""A sealed package is accepted by the stand-alone verifier, which names the changed file."""

import io
import json
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from tests.factories import audit
from tests.factories.accounts import NOW
from tests.factories.cases import Desk
from tests.factories.refunds import Payback
from vouchers.audit.actions import packages, payment_results
from vouchers.audit.actions.packages import Package
from vouchers.ledger import verify_package
from vouchers.ledger.actions import seals
from vouchers.ledger.models import Transfer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quiet_server")]


def made() -> tuple[Desk, Package]:
    """The package of a concluded case: paid out, recovered in part, sealed in two blocks, a little not sealed yet."""
    desk = Desk()
    batch = desk.city.paid(3_000)
    seals.seal(at=NOW)
    case = desk.case(batch.claims.get().lines.get().bill)
    desk.signed(case, desk.recovering(case, 2_000))
    seals.seal(at=NOW + timedelta(minutes=1))
    return desk, packages.of_case(case=case, at=NOW)


def checked(folder: Path, content: bytes, *words: str) -> tuple[int, str]:
    """Exit code and words of the verifier, run by itself as an auditor runs it."""
    path = folder / "package.zip"
    path.write_bytes(content)
    program = Path(verify_package.__file__).with_name("verify.py")
    done = subprocess.run(
        [sys.executable, "-I", str(program), str(path), *words],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def files_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_package_is_accepted_with_and_without_an_outside_head(tmp_path: Path) -> None:
    desk, package = made()
    again = packages.of_case(case=desk.city.voucher.cases.get(), at=NOW)
    head = seals.head()
    assert head is not None
    assert again.sha256 == package.sha256, "the same package is the same bytes"

    code, said = checked(tmp_path, package.content)
    with_head, _said = checked(
        tmp_path, package.content, "--head", head.hash, "--at", str(head.number)
    )
    other, named = checked(tmp_path, package.content, "--head", "0" * 64, "--at", str(head.number))

    assert (code, with_head, other) == (0, 0, 1), said
    assert "clean" in said
    assert "rolled back" in named
    inside = files_of(package.content)
    stations = {json.loads(line)["station"] for line in inside["chain.jsonl"].splitlines()}
    assert {
        "application", "voucher", "order", "usage", "bill", "redemption", "claim", "settlement",
        "signature", "payment", "case", "conclusion", "recovery",
    } <= stations  # fmt: skip
    tables = {json.loads(line)["table"] for line in inside["rows.jsonl"].splitlines()}
    assert {"account", "transfer", "claim_line", "settlement_signature", "recovery"} <= tables
    assert not said.startswith("0 sealed rows")


def test_package_of_a_refund_case_holds_its_sealed_rows(tmp_path: Path) -> None:
    desk = Desk()
    payback = Payback(desk.city)
    batch = payback.signed(10_000)
    payment_results.pay(by=desk.city.officer, settlement=batch, at=NOW)
    refund = payback.voucher.refunds.get()
    case = desk.case(refund.bill, voucher=payback.voucher)
    desk.signed(case, desk.recovering(case, 3_000, debtor=payback.firm))
    seals.seal(at=NOW)

    package = packages.of_case(case=case, at=NOW)
    code, said = checked(tmp_path, package.content)

    assert code == 0, said
    inside = files_of(package.content)
    lines = [json.loads(line) for line in inside["chain.jsonl"].splitlines()]
    [back] = [line for line in lines if line["station"] == "refund"]
    assert (back["code"], back["amount_fen"]) == (str(refund.transfer_id), 3_000)
    rows = [json.loads(line) for line in inside["rows.jsonl"].splitlines()]
    sealed_rows = {(row["table"], row["row"].split("\t")[0]) for row in rows}
    assert {("transfer", back["code"]), ("claim_line", back["code"])} <= sealed_rows


def test_one_changed_byte_is_never_accepted_and_names_its_file(tmp_path: Path) -> None:
    """In every file the byte in the middle, the ZIP's own checksums put right; files taken and added; raw flips."""
    _desk, package = made()
    inside = files_of(package.content)
    without = {name: content for name, content in inside.items() if name != "rows.jsonl"}
    found = {
        name: (inside | {name: flipped(content, len(content) // 2)}, f"changed: file {name}")
        for name, content in inside.items()
    }
    found["without"] = without, "deleted: file rows.jsonl"
    found["more"] = inside | {"more.txt": b"x"}, "inserted: file more.txt"
    found["other"] = {"a": b"b"}, "deleted: file manifest.json"

    for changed, words in found.values():
        code, said = checked(tmp_path, packages.zipped(changed))
        assert code == 1
        assert f"FIRST BAD ROW {words}" in said
    for at in range(0, len(package.content), max(len(package.content) // 300, 1)):
        assert not accepted(tmp_path, flipped(package.content, at)), f"byte {at}"


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def accepted(folder: Path, content: bytes) -> bool:
    path = folder / "package.zip"
    path.write_bytes(content)
    verifier = verify_package.Package(path)
    try:
        verifier.run()
    except (ValueError, OSError, zipfile.BadZipFile):
        return False
    return not verifier.faults


def test_row_changed_with_new_hashes_is_named_by_the_seal(tmp_path: Path) -> None:
    """Whoever can write a whole new package still cannot write what was sealed."""
    desk, _package = made()
    transfer = Transfer.objects.filter(reason="payment").get()
    with audit.unprotected():
        Transfer.objects.filter(pk=transfer.pk).update(amount_fen=1)
    case = desk.city.voucher.cases.get()

    code, said = checked(tmp_path, packages.of_case(case=case, at=NOW).content)

    assert code == 1
    assert f"FIRST BAD ROW changed: table transfer, id {transfer.pk}" in said
