"""What a bank answers: paid, returned, paid again by the next batch; all or nothing, once."""

import csv
import io
from typing import Any

import openpyxl
import pytest

from common.errors import Forbidden
from tests.factories import accounts, audit
from tests.factories.accounts import NOW
from tests.factories.audit import City
from tests.vouchers.audit.test_pages import signed_in, url
from tests.vouchers.ledger.sql import broken_anywhere
from vouchers.audit.actions import batching, payees, payment_files, payment_results, settlements
from vouchers.audit.models import ClaimStatus, PayeeAccount, Payment, PaymentStatus, Settlement
from vouchers.audit.models import SettlementStatus as Status
from vouchers.ledger.actions import accounts as ledger_accounts
from vouchers.ledger.kinds import AccountKind
from vouchers.ledger.models import Transfer

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    return City()


def balance(kind: AccountKind, key: str) -> int:
    return ledger_accounts.balance_fen(account=ledger_accounts.get_or_open(kind=kind, key=key))


def answer(batch: Settlement, *told: tuple[str, str, str]) -> bytes:
    """The payment file with (result, serial, reason) written behind each payment in turn."""
    rows = list(csv.DictReader(io.StringIO(payment_files.build(batch).decode("utf-8-sig"))))
    for row, (result, serial, reason) in zip(rows, told, strict=False):
        row |= {"result": result, "bank_serial": serial, "reason": reason}
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("gb18030")


def record(city: City, batch: Settlement, content: bytes, **more: Any) -> list[Any]:
    return payment_results.record(
        by=city.officer, settlement=batch, content=content, at=NOW, **more
    )


def signed_twice(city: City, batch: Settlement) -> Settlement:
    for signer in (city.officer, city.second):
        settlements.sign(by=signer, settlement=batch, content_sha256=batch.content_sha256, at=NOW)
    batch.refresh_from_db()
    return batch


@pytest.fixture
def two(city: City) -> Settlement:
    """A signed batch that pays two providers: 30.00 and 9.00 yuan."""
    audit.other_provider(city).passed(900)
    return city.signed(3_000)


def test_one_is_paid_and_one_returned(city: City, two: Settlement) -> None:
    record(city, two, answer(two, ("退回", "", "户名不符"), ("成功", "B-77", "")))

    two.refresh_from_db()
    first, second = two.payments.order_by("pk")
    assert two.status == Status.PAID
    assert (first.status, first.return_reason) == (PaymentStatus.RETURNED, "户名不符")
    assert first.transfer is None
    assert (second.status, second.bank_serial) == (PaymentStatus.PAID, "B-77")
    assert balance(AccountKind.PAID_OUT, city.scheme.code) == second.amount_fen
    by_provider = dict(two.claims.values_list("provider", "status"))
    assert by_provider == {
        first.provider_id: ClaimStatus.SETTLING, second.provider_id: ClaimStatus.PAID,
    }  # fmt: skip
    assert broken_anywhere() == []


def test_batch_stays_open_until_every_payment_is_answered(city: City, two: Settlement) -> None:
    content = answer(two, ("paid", "", ""), ("", "", ""))
    lines = content.decode("gb18030").splitlines(keepends=True)
    record(city, two, "".join([*lines[:2], lines[3]]).encode())

    two.refresh_from_db()
    assert two.status == Status.SIGNED
    assert sorted(two.payments.values_list("status", flat=True)) == ["paid", "waiting"]

    payment_results.pay(by=city.officer, settlement=two, at=NOW)
    two.refresh_from_db()
    assert two.status == Status.PAID
    assert broken_anywhere() == []


def test_money_that_comes_back_later_is_owed_again_and_paid_by_the_next_batch(city: City) -> None:
    batch = city.paid(3_000)
    payment = batch.payments.get()
    record(city, batch, answer(batch, ("returned", "R-1", "账号已销户")))

    payment.refresh_from_db()
    assert payment.reversal is not None
    assert payment.reversal.reverses_id == payment.transfer_id
    owed = f"{city.scheme.code}/{city.provider.code}"
    assert balance(AccountKind.PROVIDER_PAYABLE, owed) == 3_000
    assert balance(AccountKind.PAID_OUT, city.scheme.code) == 0
    assert batch.claims.get().status == ClaimStatus.SETTLING

    city.account("6222020903001499999")
    again = settlements.create(by=city.officer, scheme=city.scheme, at=NOW)
    repeated = again.payments.get()
    assert (repeated.replaces, repeated.account.account_number) == (payment, "6222020903001499999")
    assert not again.claims.exists()
    payment_results.pay(by=city.officer, settlement=signed_twice(city, again), at=NOW)

    assert balance(AccountKind.PROVIDER_PAYABLE, owed) == 0
    assert balance(AccountKind.PAID_OUT, city.scheme.code) == 3_000
    assert batch.claims.get().status == ClaimStatus.PAID
    assert broken_anywhere() == []
    with pytest.raises(settlements.NothingToSettle):
        settlements.create(by=city.officer, scheme=city.scheme, at=NOW)


def test_new_claims_and_a_returned_payment_of_one_provider_are_two_payments(city: City) -> None:
    batch = city.signed(3_000)
    record(city, batch, answer(batch, ("returned", "", "退汇")))
    city.passed(500)

    again = signed_twice(city, settlements.create(by=city.officer, scheme=city.scheme, at=NOW))
    payment_results.pay(by=city.officer, settlement=again, at=NOW)

    assert sorted(again.payments.values_list("amount_fen", flat=True)) == [500, 3_000]
    assert balance(AccountKind.PAID_OUT, city.scheme.code) == 3_500
    assert broken_anywhere() == []


def test_same_file_twice_changes_nothing(city: City, two: Settlement) -> None:
    content = answer(two, ("returned", "", "退汇"), ("paid", "B-1", ""))
    record(city, two, content)
    before = Transfer.objects.count(), list(Payment.objects.order_by("pk").values())

    rows = record(city, two, content)

    assert [row.is_new for row in rows] == [False, False]
    assert (Transfer.objects.count(), list(Payment.objects.order_by("pk").values())) == before


def test_trial_tells_and_stores_nothing(city: City, two: Settlement) -> None:
    rows = record(city, two, answer(two, ("paid", "", ""), ("returned", "", "退汇")), is_trial=True)

    assert [(row.number, row.result, row.is_new) for row in rows] == [
        (2, "paid", True), (3, "returned", True),
    ]  # fmt: skip
    assert set(two.payments.values_list("status", flat=True)) == {PaymentStatus.WAITING}


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("30.00", "30.01", "amount_differs"),
        (",1,", ",9,", "unknown_position"),
        ("paid,B-9,", "maybe,B-9,", "unknown_result"),
        ("paid,B-9,", "returned,B-9,", "reason_missing"),
        ("paid,B-9,", f"paid,{'9' * 61},", "text_too_long"),
    ],
)
def test_a_faulty_row_stops_the_whole_file(city: City, old: str, new: str, fault: str) -> None:
    batch = city.signed(3_000)
    content = answer(batch, ("paid", "B-9", "")).decode("gb18030")
    assert old in content

    with pytest.raises(payment_results.FaultyResults) as refusal:
        record(city, batch, content.replace(old, new).encode())

    assert [row.fault for row in refusal.value.rows] == [fault]
    assert batch.payments.get().status == PaymentStatus.WAITING


def test_a_returned_payment_is_not_paid_by_its_old_batch(city: City) -> None:
    batch = city.signed(3_000)
    record(city, batch, answer(batch, ("returned", "", "退汇")))

    with pytest.raises(payment_results.FaultyResults) as refusal:
        record(city, batch, answer(batch, ("paid", "", "")))

    assert [row.fault for row in refusal.value.rows] == ["paid_after_return"]


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\xff\xfe\x00", b'position,"x\n'])
def test_a_file_that_is_no_answer_is_refused(city: City, content: bytes) -> None:
    with pytest.raises(payment_results.UnreadableResults):
        record(city, city.signed(), content)


def test_results_need_two_signatures(city: City) -> None:
    with pytest.raises(settlements.NotSigned):
        record(city, city.settlement(), b"position,amount,result,bank_serial,reason\n")


def test_provider_without_an_account_waits_and_is_named(city: City) -> None:
    claim = city.passed(3_000)
    other = audit.other_provider(city)
    other.passed(900)
    with audit.unprotected():
        PayeeAccount.objects.filter(organization=city.provider.organization).delete()

    batch = batching.of(scheme=city.scheme, at=NOW)
    assert (batch.total_fen, batch.without_account) == (
        900,
        {batching.Payee(city.provider, None): 3_000},
    )
    made = settlements.create(by=city.officer, scheme=city.scheme, at=NOW)

    assert made.total_fen == 900
    claim.refresh_from_db()
    assert claim.status == ClaimStatus.PASSED


def test_a_changed_account_voids_the_preview_and_not_the_batch(city: City) -> None:
    city.passed(3_000)
    shown = batching.of(scheme=city.scheme, at=NOW).sha256
    city.account("6222020903001499999")

    with pytest.raises(settlements.WrongContent):
        settlements.create(by=city.officer, scheme=city.scheme, at=NOW, preview_sha256=shown)

    batch = signed_twice(city, settlements.create(by=city.officer, scheme=city.scheme, at=NOW))
    city.account("6222020903001488888")
    assert b"6222020903001499999" in payment_files.build(batch)


def test_account_is_read_as_people_write_it(city: City) -> None:
    stated = payees.state(
        by=city.finance,
        bank_name=" 中国银行　庆阳分行 ",
        account_number="６２２８ 4800-0000 1234",
        at=NOW,
    )

    assert (stated.bank_name, stated.account_number) == ("中国银行 庆阳分行", "6228480000001234")
    same = payees.state(
        by=city.finance, bank_name="中国银行 庆阳分行", account_number="6228480000001234", at=NOW
    )
    assert same == stated


@pytest.mark.parametrize(
    ("bank", "number", "field"),
    [
        ("", "62284800", "bank_name"),
        ("甲银行", "6.2E+18", "account_number"),
        ("甲银行", "1234567", "account_number"),
    ],
)
def test_account_that_cannot_be_one_is_refused(
    city: City, bank: str, number: str, field: str
) -> None:
    with pytest.raises(payees.AccountRefused) as refusal:
        payees.state(by=city.finance, bank_name=bank, account_number=number, at=NOW)

    assert set(refusal.value.errors) == {field}


def test_account_is_stated_by_who_claims(city: City) -> None:
    for actor in (city.officer, accounts.preparer(city.voucher.enterprise)):
        with pytest.raises(Forbidden):
            payees.state(by=actor, bank_name="甲银行", account_number="62284800", at=NOW)


def test_workbook_reads_back_equal_with_long_numbers_as_text(city: City) -> None:
    batch = city.signed(123_456)

    book = openpyxl.load_workbook(io.BytesIO(payment_files.build_workbook(batch)))
    [header, *rows] = book.worksheets[0].iter_rows(values_only=True)
    plain = list(csv.reader(io.StringIO(payment_files.build(batch).decode("utf-8-sig"))))

    assert list(header) == plain[0]
    for row, expected in zip(rows, plain[1:], strict=True):
        shown = [f"{cell:.2f}" if isinstance(cell, float | int) else cell or "" for cell in row]
        assert shown == expected
    assert rows[0][header.index("payee_account")] == "6222020903001483077"


def test_signing_and_stating_an_account_ask_who_you_are(city: City) -> None:
    batch = city.settlement()
    for actor, address in (
        (city.officer, url("settlement_sign", batch.code)),
        (city.finance, url("payee_account")),
    ):
        actor.user.set_password("Long-enough-2026")
        actor.user.save()
        page = signed_in(actor, confirmed=False).get(address)
        assert page.status_code == 302
        assert "reauthenticate" in page["Location"]
        assert signed_in(actor).get(address).status_code == 200


def test_pages_of_the_answer(city: City, two: Settlement) -> None:
    officer = signed_in(city.officer)
    address = url("settlement_results", two.code)
    assert officer.get(address).status_code == 200

    bad = answer(two, ("paid", "", ""), ("returned", "", ""))
    refused = officer.post(address, {"file": audit.invoice(bad, "answer.csv")})
    assert refused.status_code == 422
    assert "Write the bank&#x27;s reason" in refused.content.decode()
    good = answer(two, ("paid", "", ""), ("returned", "", "户名不符"))
    tried = officer.post(address, {"file": audit.invoice(good, "answer.csv"), "trial": "1"})
    assert "Will be recorded" in tried.content.decode()
    assert two.payments.filter(status=PaymentStatus.WAITING).count() == 2
    done = officer.post(address, {"file": audit.invoice(good, "answer.csv")})
    assert done.status_code == 302
    assert "户名不符" in officer.get(done["Location"]).content.decode()
    preview = officer.get(url("settlement_create", city.scheme.code)).content.decode()
    assert two.code in preview
