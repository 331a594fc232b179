"""The owner of the tables tampers; the stand-alone verifier names the first bad row each time."""

import random
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from tests.factories import ledger
from tests.factories.accounts import NOW
from vouchers.billing.facts import USAGE_EVENTS
from vouchers.ledger.actions import seal_checks, seals
from vouchers.ledger.models import SealBlock

from .sealing import Books, as_owner, books, exported, first_bad_row, verify

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quiet_server")]

KEY = USAGE_EVENTS.key_column
FRESH_KEY = {
    "integer": f"(SELECT max({KEY}) + 1 FROM vouchers_usageevent)",
    "uuid": "gen_random_uuid()",
}[USAGE_EVENTS.key]
FAULTS = {
    "changed transfer": "UPDATE vouchers_transfer SET amount_fen = amount_fen + 1 WHERE id = %(transfer)s",
    "changed event": f"""
        UPDATE vouchers_usageevent SET quantities = jsonb_build_object('input_tokens', 1)
        WHERE {KEY} = %(event)s""",
    "deleted transfer": "DELETE FROM vouchers_transfer WHERE id = %(transfer)s",
    "deleted event": f"DELETE FROM vouchers_usageevent WHERE {KEY} = %(event)s",
    "swapped transfer": """
        UPDATE vouchers_transfer t SET (amount_fen, reason, reference, at, recorded_at, transaction_number) =
            (SELECT amount_fen, reason, reference, at, recorded_at, transaction_number FROM vouchers_transfer o
             WHERE o.id = CASE t.id WHEN %(transfer)s THEN %(transfer2)s ELSE %(transfer)s END)
        WHERE id IN (%(transfer)s, %(transfer2)s)""",
    "moved transfer": """
        UPDATE vouchers_transfer SET transaction_number = (SELECT max("end") - 1 FROM vouchers_sealblock)
        WHERE id = %(transfer)s""",
    "swapped event": f"""
        UPDATE vouchers_usageevent t SET (quantities, occurred_at, received_at) =
            (SELECT quantities, occurred_at, received_at FROM vouchers_usageevent o
             WHERE o.{KEY} = CASE t.{KEY} WHEN %(event)s THEN %(event2)s ELSE %(event)s END)
        WHERE {KEY} IN (%(event)s, %(event2)s)""",
    "exchanged account names": """
        UPDATE vouchers_account t SET key = 'x-' || (SELECT key FROM vouchers_account o WHERE o.id =
            CASE t.id WHEN %(voucher)s THEN %(payable)s ELSE %(voucher)s END)
        WHERE id IN (%(voucher)s, %(payable)s)""",
}
INSERT_TRANSFER = """
    INSERT INTO vouchers_transfer (id, kind, debit_account_id, credit_account_id, amount_fen, reason, reference, at,
                                   recorded_at, transaction_number)
    SELECT '00000000-0000-4000-8000-000000000001', kind, debit_account_id, credit_account_id, 1, reason, reference,
           at, recorded_at, transaction_number FROM vouchers_transfer WHERE id = %s"""


def run(statement: str, kept: Books) -> None:
    values = {
        "transfer": kept.transfers[1],
        "transfer2": kept.transfers[2],
        "event": kept.events[1],
        "event2": kept.events[2],
        "voucher": kept.voucher.pk,
        "payable": kept.payable.pk,
    }
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET session_replication_role = DEFAULT")


def test_honest_books_are_clean(tmp_path: Path) -> None:
    books()
    head = seals.head()
    assert head is not None

    code, text = verify(exported(tmp_path / "now"), "--head", head.hash, "--at", str(head.number))

    assert (code, text.splitlines()[-1]) == (0, "clean")
    assert f"block 2 {head.hash}" in text
    assert seal_checks.verify(at=NOW, full=True) == []


@pytest.mark.parametrize("name", FAULTS)
def test_first_bad_row_is_named(name: str, tmp_path: Path) -> None:
    kept = books()

    run(FAULTS[name], kept)

    what, _, table = name.partition(" ")
    if name == "exchanged account names":
        expected = f"changed: table account, id {min(kept.voucher.pk, kept.payable.pk)}, block 1"
    else:
        row = kept.transfers[1] if table == "transfer" else kept.events[1]
        named = {"event": "usage_event"}.get(table, table)
        word = "changed" if what == "moved" else what
        expected = f"{word}: table {named}, id {row}, block 1"
    code, text = verify(exported(tmp_path / "now"))
    assert code == 1
    assert first_bad_row(text).startswith(expected)
    known = seal_checks.verify(at=NOW, full=True)
    assert (known[0].block, known[0].id) == (1, expected.split("id ")[1].split(",")[0])


def test_inserted_transfer_is_named(tmp_path: Path) -> None:
    kept = books()

    as_owner(INSERT_TRANSFER, kept.transfers[1])

    code, text = verify(exported(tmp_path / "now"))
    assert code == 1
    assert (
        first_bad_row(text)
        == "inserted: table transfer, id 00000000-0000-4000-8000-000000000001, block 1"
    )
    assert seal_checks.verify(at=NOW, full=True)[0].what == "inserted"


def test_inserted_event_is_named(tmp_path: Path) -> None:
    kept = books()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns"
            " WHERE table_name = 'vouchers_usageevent' AND column_name NOT IN (%s, 'event_id')",
            [KEY],
        )
        columns = cursor.fetchone()[0]
        as_owner(
            f"INSERT INTO vouchers_usageevent ({KEY}, event_id, {columns})"
            f" SELECT {FRESH_KEY}, 'smuggled', {columns} FROM vouchers_usageevent WHERE {KEY} = %s",
            kept.events[1],
        )
        cursor.execute(f"SELECT {KEY} FROM vouchers_usageevent WHERE event_id = 'smuggled'")
        smuggled = cursor.fetchone()[0]

    code, text = verify(exported(tmp_path / "now"))

    assert code == 1
    assert first_bad_row(text) == f"inserted: table usage_event, id {smuggled}, block 1"


def test_cut_tail_is_named_from_an_outside_copy(tmp_path: Path) -> None:
    kept = books()
    earlier = exported(tmp_path / "earlier")
    head = seals.head()
    assert head is not None

    as_owner('DELETE FROM vouchers_transfer WHERE transaction_number >= (SELECT "end" FROM vouchers_sealblock WHERE number = 1)')  # fmt: skip  # noqa: E501
    as_owner('DELETE FROM vouchers_usageevent WHERE transaction_number >= (SELECT "end" FROM vouchers_sealblock WHERE number = 1)')  # fmt: skip  # noqa: E501
    code, text = verify(exported(tmp_path / "rows"))
    assert code == 1
    assert first_bad_row(text) == f"deleted: table transfer, id {kept.transfers[3]}, block 2"

    as_owner("DELETE FROM vouchers_sealpart WHERE block_id = 2")
    as_owner("DELETE FROM vouchers_sealblock WHERE number = 2")
    fold = "UPDATE vouchers_account SET debits_posted_fen = %s WHERE id = %s"
    as_owner(fold, 100 + 101 + 102 + 150, kept.voucher.pk)
    cut = exported(tmp_path / "cut")
    assert verify(cut)[0] == 0  # alone it cannot know
    code, text = verify(cut, "--head", head.hash, "--at", "2")
    assert (code, first_bad_row(text)[:31]) == (1, "cut: table block, id 2, block 2")
    code, text = verify(cut, "--earlier", str(earlier))
    assert code == 1
    assert first_bad_row(text).startswith(f"cut: table transfer, id {kept.transfers[3]}, block 2")


def test_rolled_back_database_is_named_from_an_outside_copy(tmp_path: Path) -> None:
    """A backup of the end of block 1 is restored, and life goes on from there: the chain is whole, but another."""
    kept = books()
    earlier = exported(tmp_path / "earlier")
    head = seals.head()
    assert head is not None
    behind = '(SELECT "end" FROM vouchers_sealblock WHERE number = 1)'
    for table in ("vouchers_transfer", "vouchers_usageevent"):
        as_owner(f"DELETE FROM {table} WHERE transaction_number >= {behind}")
    as_owner("DELETE FROM vouchers_sealpart WHERE block_id = 2")
    as_owner("DELETE FROM vouchers_sealblock WHERE number = 2")
    as_owner("UPDATE vouchers_account SET debits_posted_fen = 453 WHERE id = %s", kept.voucher.pk)
    for number in range(3):
        ledger.move(kept.voucher, kept.payable, 9)
        seals.seal(at=NOW + timedelta(minutes=2 + number))

    now = exported(tmp_path / "now")

    assert verify(now)[0] == 0
    code, text = verify(now, "--head", head.hash, "--at", "2")
    assert (code, first_bad_row(text)[:39]) == (1, "rolled back: table block, id 2, block 2")
    code, text = verify(now, "--earlier", str(earlier))
    assert code == 1
    expected = f"rolled back: table transfer, id {kept.transfers[3]}, block 2"
    assert first_bad_row(text).startswith(expected)


def test_rewritten_chain_is_named_from_an_outside_copy(tmp_path: Path) -> None:
    """Whoever changes a row and makes all later hashes anew is clean in itself, but not against the printed head."""
    kept = books()
    earlier = exported(tmp_path / "earlier")
    head = seals.head()
    assert head is not None
    as_owner("UPDATE vouchers_transfer SET reason = 'forged' WHERE id = %s", kept.transfers[1])
    as_owner("TRUNCATE vouchers_sealpart, vouchers_sealblock")
    seals.seal(at=NOW)

    now = exported(tmp_path / "now")

    assert verify(now)[0] == 0
    assert verify(now, "--head", head.hash, "--at", "2")[0] == 1
    code, text = verify(now, "--earlier", str(earlier))
    assert code == 1
    assert f"table transfer, id {kept.transfers[1]}, block 1" in first_bad_row(text)


def test_changed_manifest_and_balance_are_named(tmp_path: Path) -> None:
    kept = books()
    as_owner("UPDATE vouchers_account SET debits_posted_fen = 1 WHERE id = %s", kept.voucher.pk)
    code, text = verify(exported(tmp_path / "balance"))
    assert code == 1
    assert first_bad_row(text).startswith(f"changed: table balance, id {kept.voucher.pk}")

    part = "(SELECT id FROM vouchers_sealpart WHERE \"table\" = 'transfer' AND block_id = 2)"
    as_owner(f"UPDATE vouchers_sealpart SET digests = decode(repeat('00', 64), 'hex') WHERE id = {part}")  # fmt: skip
    code, text = verify(exported(tmp_path / "manifest"))
    assert code == 1
    assert first_bad_row(text).startswith("changed: table transfer, id manifest, block 2")


def test_random_tampering_never_passes(tmp_path: Path) -> None:
    """Any one byte of the sealed files changed, any line dropped, doubled or exchanged: never clean."""
    books()
    seals.seal(at=NOW)
    honest = exported(tmp_path / "honest")
    chance = random.Random(20261123)
    names = [path.name for path in honest.glob("*.tsv") if path.stat().st_size]
    names += ["blocks.ndjson"]
    missed = []
    for number in range(200):
        copy = tmp_path / "copy"
        shutil.copytree(honest, copy, dirs_exist_ok=True)
        name = chance.choice(names)
        before = (copy / name).read_bytes()
        kind = chance.choice(["byte", "drop", "double", "exchange", "cut"])
        after = distort(before, kind, chance)
        (copy / name).write_bytes(after)
        if after != before and in_process(copy) == 0:
            missed.append((number, name, kind))

    assert missed == []
    assert SealBlock.objects.count() == 3


def distort(content: bytes, kind: str, chance: random.Random) -> bytes:
    """The content of a file, wrong in one place."""
    lines = content.splitlines(keepends=True)
    place = chance.randrange(len(lines))
    if kind == "byte":
        at = chance.randrange(len(content) - 1)
        return content[:at] + bytes([content[at] ^ 1 << chance.randrange(7)]) + content[at + 1 :]
    if kind == "drop":
        return b"".join(lines[:place] + lines[place + 1 :])
    if kind == "double":
        return b"".join(lines[: place + 1] + lines[place:])
    if kind == "cut":
        return b"".join(lines[:place])
    other = chance.randrange(len(lines))
    lines[place], lines[other] = lines[other], lines[place]
    return b"".join(lines)


def in_process(folder: Path) -> int:
    """Exit code of the verifier, without a process of its own."""
    from vouchers.ledger.verify import main

    return main([str(folder)])
