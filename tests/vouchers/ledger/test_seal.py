"""Blocks hold what was committed behind the horizon, each row once; nothing slips behind a sealed horizon."""

from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives import hashes
from django.conf import settings
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import ledger
from tests.factories.accounts import NOW
from tests.threads import together
from vouchers.ledger import verify as verifier
from vouchers.ledger.actions import seal_checks, seals, transfers
from vouchers.ledger.facts import tables
from vouchers.ledger.models import SealBlock, SealPart, Transfer
from vouchers.ledger.rules import blocks

from .sealing import as_owner, books, exported, verify

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quiet_server")]


def sealed(table: str = "transfer") -> list[str]:
    """Keys of all sealed rows, in order of blocks."""
    return [
        key
        for part in SealPart.objects.filter(table=table).order_by("block")
        for key, _digest in blocks.unpacked(bytes(part.keys), bytes(part.digests), "uuid")
    ]


def connection_horizon() -> int:
    """The horizon as the product asks for it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT vouchers_seal_horizon()")
        return int(cursor.fetchone()[0])


def test_each_committed_row_is_sealed_once_and_in_order_of_transactions() -> None:
    kept = books()

    assert seals.seal(at=NOW + timedelta(minutes=2)) == 1

    in_order = Transfer.objects.order_by("transaction_number", "pk").values_list("pk", flat=True)
    assert sealed() == [str(pk) for pk in in_order]
    assert len(sealed()) == len(kept.transfers) + 3
    assert [block.number for block in SealBlock.objects.order_by("number")] == [1, 2, 3]


def test_nothing_new_makes_no_block() -> None:
    books()
    seals.seal(at=NOW)

    assert seals.seal(at=NOW) == 0


def test_seal_waits_for_a_transaction_that_is_still_open() -> None:
    """The later transaction commits first: a seal up to the highest number seen would miss the earlier for ever."""
    voucher, payable = ledger.account(fen=1_000), ledger.payable()
    seals.seal(at=NOW)
    before = sealed()
    values = connection.get_connection_params()
    values.pop("cursor_factory", None)
    values.pop("context", None)
    in_earnest = connection_horizon()
    with psycopg.connect(**values) as slow:
        slow.execute(
            "INSERT INTO vouchers_transfer (id, kind, debit_account_id, credit_account_id, amount_fen, reason,"
            " reference, at) VALUES (gen_random_uuid(), 'single', %s, %s, 5, 'slow', 'slow', now())",
            [voucher.pk, payable.pk],
        )
        fast = ledger.move(voucher, payable, 7)
        seen = Transfer.objects.order_by("-transaction_number").first()

        assert seen is not None
        assert seen.pk == fast
        assert seen.transaction_number >= seals.horizon()
        assert seals.seal(at=NOW) == 0
        assert sealed() == before
        (number,) = slow.execute("SELECT vouchers_transaction_number()").fetchone() or (0,)
        assert in_earnest <= connection_horizon() <= number

        slow.commit()
    late = Transfer.objects.get(reason="slow")

    assert late.transaction_number < seen.transaction_number
    assert seals.seal(at=NOW) == 1
    assert sealed() == [*before, str(late.pk), str(fast)]


def test_rows_written_in_savepoints_are_sealed_with_their_transaction() -> None:
    voucher, payable = ledger.account(fen=1_000), ledger.payable()
    seals.seal(at=NOW)
    with transaction.atomic():
        ledger.move(voucher, payable, 1)
        with transaction.atomic():
            ledger.move(voucher, payable, 2)
        assert seals.seal(at=NOW) == 0

    seals.seal(at=NOW)

    numbers = Transfer.objects.filter(debit_account=voucher).values_list("transaction_number")
    assert len(set(numbers)) == 1
    assert len(sealed()) == 3


def test_two_sealers_at_once_write_one_chain() -> None:
    kept = books()
    for number in range(20):
        ledger.move(kept.voucher, kept.payable, 1 + number)

    answers = together([lambda: seals.seal(at=NOW)] * 4)

    assert all(isinstance(answer, int) for answer in answers)
    assert seal_checks.verify(at=NOW, full=True) == []
    assert len(sealed()) == len(set(sealed())) == Transfer.objects.count()


def test_big_backlog_is_cut_into_blocks_of_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    voucher, payable = ledger.account(fen=10_000), ledger.payable()
    monkeypatch.setattr(seals, "MOST_ROWS", 4)
    wanted = [ledger.entry(voucher, payable, 1) for _ in range(10)]
    transfers.post(entries=wanted, at=NOW)
    for _ in range(11):
        ledger.move(voucher, payable, 1)

    seals.seal(at=NOW)

    sizes = list(
        SealPart.objects.filter(table="transfer").order_by("block").values_list("rows", flat=True)
    )
    assert sum(sizes) == Transfer.objects.count() == 22
    assert max(sizes) == 10  # one transaction is never cut
    assert sorted(sizes)[-2] <= 4
    assert seal_checks.verify(at=NOW, full=True) == []


def test_blocks_of_both_digests_make_one_chain(tmp_path: Path) -> None:
    kept = books()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "SEAL_ALGORITHM", "sm3")
        seals.seal(at=NOW)
    ledger.move(kept.voucher, kept.payable, 1)
    seals.seal(at=NOW)

    used = SealBlock.objects.order_by("number").values_list("algorithm", flat=True)
    assert list(used) == ["sha256", "sha256", "sm3", "sha256"]
    assert seal_checks.verify(at=NOW, full=True) == []
    assert verify(exported(tmp_path / "export"))[0] == 0


def test_restored_dump_numbers_on_and_loses_no_row(tmp_path: Path) -> None:
    """A dump restored into a young cluster: its own numbers begin far below those of the stored rows."""
    kept = books()
    with connection.cursor() as cursor:
        cursor.execute("SELECT vouchers_number_transactions(-1000000)")
    try:
        with pytest.raises(seals.SealBehind):
            seals.seal(at=NOW)

        seals.resume()
        ledger.move(kept.voucher, kept.payable, 1)
        ledger.move(kept.voucher, kept.payable, 2)
        seals.seal(at=NOW)

        assert len(sealed()) == Transfer.objects.count()
        assert seal_checks.verify(at=NOW, full=True) == []
        assert verify(exported(tmp_path / "export"))[0] == 0
        assert seals.resume() == seals.resume()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT vouchers_number_transactions(0)")


def test_every_fact_table_has_its_number_from_the_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.columns WHERE column_name = 'transaction_number'"
            " AND column_default = 'vouchers_transaction_number()' AND is_nullable = 'NO'"
        )
        numbered = {name for (name,) in cursor.fetchall()}

    assert {table.relation for table in tables()} <= numbered


def test_incremental_check_begins_behind_the_last_good_block() -> None:
    kept = books()
    seal_checks.verify(at=NOW)
    as_owner("UPDATE vouchers_transfer SET amount_fen = 1 WHERE id = %s", kept.transfers[1])
    seals.seal(at=NOW)

    assert seal_checks.verify(at=NOW) == []
    [fault] = seal_checks.verify(at=NOW, full=True)
    assert (fault.block, fault.table, fault.id) == (1, "transfer", str(kept.transfers[1]))
    assert seal_checks.verify(at=NOW) == [fault]  # stays known until a full check is clean
    assert seal_checks.state().first_fault == str(fault)


def test_check_names_a_block_that_was_taken_out() -> None:
    books()
    seals.seal(at=NOW)
    as_owner("DELETE FROM vouchers_sealpart WHERE block_id = 2")
    as_owner("DELETE FROM vouchers_sealblock WHERE number = 2")

    faults = seal_checks.verify(at=NOW, full=True)

    assert (faults[0].table, faults[0].id, faults[0].what) == ("block", "2", "deleted")


@given(st.binary(max_size=300))
def test_verifier_digests_like_the_product(data: bytes) -> None:
    made = hashes.Hash(hashes.SM3())
    made.update(data)

    assert verifier.sm3(data) == blocks.digest("sm3", data) == made.finalize().hex()
    assert verifier.DIGESTS["sha256"](data) == blocks.digest("sha256", data)
