"""A month of many lines: locked, settled as work with progress, signed twice, exported."""

import csv
import hashlib
import io
import json
from typing import Any

import pytest
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from common.models import Job, JobStatus
from tests.factories import billing, many_claims
from tests.factories.accounts import NOW
from tests.factories.many_claims import LINE_FEN, Month
from tests.vouchers.ledger.sql import rows
from vouchers.audit.actions import (
    batching,
    claim_invariants,
    line_files,
    period_locks,
    settlements,
    settling,
)
from vouchers.audit.models import LineFile, Settlement
from vouchers.ledger.actions.invariants import Query

pytestmark = pytest.mark.django_db


@pytest.fixture
def many() -> Month:
    made = many_claims.month(sellers=3, lines=60)
    made.prefilled()
    made.passed()
    return made


def begun(many: Month, monkeypatch: pytest.MonkeyPatch) -> Job:
    monkeypatch.setattr(settling, "AT_ONCE", 10)
    preview = batching.of(scheme=many.city.scheme, at=NOW).sha256
    made, job = settling.begin(
        by=many.city.officer, scheme=many.city.scheme, preview_sha256=preview, at=NOW
    )
    assert made is None
    assert job is not None
    return job


def signed(many: Month) -> Settlement:
    batch = settlements.create(by=many.city.officer, scheme=many.city.scheme, at=NOW)
    for signer in (many.city.officer, many.city.second):
        settlements.sign(by=signer, settlement=batch, content_sha256=batch.content_sha256, at=NOW)
    batch.refresh_from_db()
    return batch


def test_period_of_many_lines_is_locked_with_its_totals(many: Month) -> None:
    lock = period_locks.lock(
        by=many.city.officer, scheme=many.city.scheme, month=billing.MONTH,
        shown_fen=60 * LINE_FEN, shown_lines=60, at=NOW,
    )  # fmt: skip

    assert (lock.claims, lock.lines, lock.amount_fen) == (3, 60, 60 * LINE_FEN)
    assert list(rows(Query("I8", "", claim_invariants.I8))) == []


def test_hash_is_that_of_the_listing_written_again_by_somebody_else(many: Month) -> None:
    """One JSON object a line, keys sorted, no spaces: head, claims and payments in order (`rules/listing`)."""
    batch = settlements.create(by=many.city.officer, scheme=many.city.scheme, at=NOW)
    listed: list[dict[str, Any]] = [
        {
            "format": "puhui-settlement-2", "settlement": batch.code, "total_fen": 60 * LINE_FEN,
            "scheme": many.city.scheme.code,
        },
        *(
            {
                "code": claim.code, "provider": claim.provider.code,
                "month": claim.month.isoformat(), "amount_fen": 20 * LINE_FEN,
                "invoice_number": claim.invoice_number, "invoice_fen": claim.invoice_fen,
                "invoice_sha256": claim.invoice_file and claim.invoice_file.sha256,
                "lines": sorted((str(row.transfer_id), LINE_FEN) for row in claim.lines.all()),
            }
            for claim in batch.claims.order_by("code")
        ),
        *(
            {
                "provider": payment.payee_code, "amount_fen": 20 * LINE_FEN, "repeats": "",
                "bank": payment.account.bank_name, "account": payment.account.account_number,
            }
            for payment in batch.payments.order_by("provider__code")
        ),
    ]  # fmt: skip
    content = b"".join(
        json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
        for row in listed
    )

    assert [len(row.get("lines", [])) for row in listed] == [0, 20, 20, 20, 0, 0, 0]
    assert hashlib.sha256(content).hexdigest() == batch.content_sha256


def test_many_lines_are_settled_as_work_with_progress(
    many: Month, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = begun(many, monkeypatch)

    done = settling.carry_out(code=job.code, at=NOW)

    made = Settlement.objects.get()
    assert done is not None
    assert (done.status, done.done_count, done.total_count) == (JobStatus.DONE, 4, 4)
    assert done.result["settlement"] == made.code
    assert made.total_fen == 60 * LINE_FEN
    assert settling.carry_out(code=job.code, at=NOW) is None


def test_settling_ends_in_words_when_something_came_in_meanwhile(
    many: Month, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = begun(many, monkeypatch)
    many.city.passed(600)

    done = settling.carry_out(code=job.code, at=NOW)

    assert done is not None
    assert done.status == JobStatus.FAILED
    assert Settlement.objects.count() == 0


def test_all_lines_are_exported_once_with_hash_and_control_total(many: Month) -> None:
    batch = signed(many)
    job = line_files.start(by=many.city.officer, settlement=batch, at=NOW)
    done = line_files.carry_out(code=job.code, at=NOW)

    sheet, table = line_files.of(batch)[::-1]
    assert done is not None
    assert done.status == JobStatus.DONE
    content = bytes(table.file.content)
    assert table.file.sha256 == hashlib.sha256(content).hexdigest()
    found = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert len(found) == 61
    assert sum(int(row["amount"].replace(".", "")) for row in found[:-1]) == batch.total_fen
    assert found[-1]["content_sha256"] == batch.content_sha256
    book = load_workbook(io.BytesIO(bytes(sheet.file.content)))
    cells: list[list[Any]] = [
        [cell.value for cell in row] for row in book.worksheets[0].iter_rows()
    ]
    assert [row[11] for row in cells[1:-1]] == [row["enterprise_uscc"] for row in found[:-1]]
    assert float(cells[-1][14]) * 100 == batch.total_fen
    assert [each.pk for each in line_files.build(settlement=batch, at=NOW)] == [
        each.pk for each in LineFile.objects.order_by("form")
    ]


def test_unsigned_lines_are_not_exported(many: Month) -> None:
    batch = settlements.create(by=many.city.officer, scheme=many.city.scheme, at=NOW)

    with pytest.raises(settlements.NotSigned):
        line_files.start(by=many.city.officer, settlement=batch, at=NOW)


def test_totals_take_one_query_however_many_lines(
    many: Month, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        found = period_locks.totals(scheme=many.city.scheme, month=billing.MONTH)

    assert (found.lines, found.add_up) == (60, True)
