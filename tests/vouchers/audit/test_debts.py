"""Paying back: parts, never more than is left, a wrong record, writing off by two people, overdue and told once."""

import threading
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Notification, Role
from common.errors import Forbidden
from tests.factories import accounts
from tests.factories.accounts import NOW
from tests.factories.audit import unprotected
from tests.factories.cases import Desk
from tests.threads import together
from tests.vouchers.audit.test_pages import signed_in
from vouchers.audit.actions import debt_invariants, debts, write_offs
from vouchers.audit.actions.debts import DebtInvalid, MoreThanLeft
from vouchers.audit.models import Recovery, Repayment, WriteOff
from vouchers.audit.rules import terms
from vouchers.billing.actions import funds
from vouchers.grants.actions.recusals import SameOfficer
from vouchers.ledger.actions import accounts as ledger_accounts
from vouchers.ledger.actions.transfers import TransferConflict
from vouchers.ledger.kinds import AccountKind

pytestmark = pytest.mark.django_db

TODAY = date(2026, 10, 12)


class Owed:
    """A provider that was paid 3,000 fen and has to pay all of them back."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.officer, self.second = self.desk.city.officer, self.desk.city.second
        claim = self.desk.city.paid(3_000).claims.get()
        case = self.desk.case(claim.lines.get().bill)
        self.desk.signed(case, self.desk.recovering(case, 3_000))
        self.recovery = Recovery.objects.get(case=case)

    def record(self, fen: int, reference: str = "B-1", **values: Any) -> Repayment:
        given = {"by": self.officer, "received_on": TODAY, "at": NOW, **values}
        return debts.record(recovery=self.recovery, amount_fen=fen, reference=reference, **given)

    def propose(self, fen: int) -> WriteOff:
        return write_offs.propose(
            by=self.officer, recovery=self.recovery, amount_fen=fen, reason="破产清算", at=NOW
        )

    @property
    def debt(self) -> debts.Debt:
        return debts.of(recovery=self.recovery, today=TODAY)

    @property
    def receivable_fen(self) -> int:
        key = f"{self.desk.city.scheme.code}/{self.desk.city.provider.organization.code}"
        return -balance(AccountKind.RECEIVABLE, key)


def balance(kind: AccountKind, key: str) -> int:
    return ledger_accounts.balance_fen(account=ledger_accounts.get_or_open(kind=kind, key=key))


def broken() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(debt_invariants.BROKEN)
        return list(cursor.fetchall())


@pytest.fixture
def owed() -> Owed:
    return Owed()


def test_debt_is_paid_back_in_parts_down_to_nothing(owed: Owed) -> None:
    assert (owed.recovery.due_fen, owed.recovery.due_on) == (3_000, date(2026, 11, 11))

    owed.record(1_000, "B-1")
    owed.record(500, "B-2")
    assert (owed.debt.repaid_fen, owed.debt.left_fen, owed.receivable_fen) == (1_500, 1_500, 1_500)
    owed.record(1_500, "B-3")

    assert (owed.debt.left_fen, owed.receivable_fen) == (0, 0)
    assert balance(AccountKind.BANK, owed.desk.city.scheme.bureau.code) == -3_000
    assert broken() == []


def test_more_than_is_left_is_refused_and_nothing_moves(owed: Owed) -> None:
    owed.record(2_500)

    with pytest.raises(MoreThanLeft):
        owed.record(501, "B-2")

    assert (owed.debt.left_fen, owed.receivable_fen) == (500, 500)


def test_same_receipt_again_answers_the_first_and_another_amount_is_a_conflict(owed: Owed) -> None:
    first = owed.record(1_000)

    assert owed.record(1_000).pk == first.pk
    with pytest.raises(TransferConflict):
        owed.record(900)

    assert owed.debt.repaid_fen == 1_000


def test_receipt_that_was_a_firms_deposit_is_no_repayment(owed: Owed) -> None:
    firm = owed.desk.city.voucher.enterprise
    funds.deposit(by=owed.officer, enterprise=firm, amount_fen=1_000, reference="B-1", at=NOW)

    with pytest.raises(TransferConflict):
        owed.record(1_000, "B-1")
    owed.record(1_000, "B-2")

    assert [row.reference for row in funds.receipts(by=owed.officer)] == ["B-1"]


def test_wrong_record_is_taken_back_whole_and_once(owed: Owed) -> None:
    wrong = owed.record(1_000)

    undone = debts.take_back(by=owed.second, repayment=wrong, reason="录入错误", at=NOW)
    again = debts.take_back(by=owed.second, repayment=wrong, reason="录入错误", at=NOW)
    right = owed.record(100)  # the same receipt of the bank, with its true amount

    assert again.pk == undone.pk
    assert right.reference == wrong.reference
    assert (owed.debt.left_fen, owed.receivable_fen) == (2_900, 2_900)
    assert broken() == []


def test_writing_off_takes_two_people(owed: Owed) -> None:
    owed.record(1_000)
    proposal = owed.propose(2_000)
    assert owed.debt.left_fen == 2_000

    with pytest.raises(SameOfficer):
        write_offs.approve(by=owed.officer, write_off=proposal, at=NOW)
    done = write_offs.approve(by=owed.second, write_off=proposal, at=NOW)
    again = write_offs.approve(by=owed.second, write_off=proposal, at=NOW)

    assert again.pk == done.pk
    assert (owed.debt.written_off_fen, owed.debt.left_fen, owed.receivable_fen) == (2_000, 0, 0)
    assert balance(AccountKind.WRITTEN_OFF, owed.desk.city.scheme.code) == -2_000
    assert broken() == []


def test_second_account_of_one_human_does_not_write_off(owed: Owed) -> None:
    bureau = owed.desk.city.scheme.bureau
    one, two = (accounts.member(bureau, Role.SETTLEMENT_OFFICER, person_key="k" * 64) for _ in "ab")
    proposal = write_offs.propose(by=one, recovery=owed.recovery, amount_fen=1, reason="x", at=NOW)

    with pytest.raises(SameOfficer):
        write_offs.approve(by=two, write_off=proposal, at=NOW)

    assert owed.debt.left_fen == 3_000


def test_proposal_that_a_receipt_overtook_is_not_carried_out(owed: Owed) -> None:
    proposal = owed.propose(3_000)
    owed.record(1)

    with pytest.raises(MoreThanLeft):
        write_offs.approve(by=owed.second, write_off=proposal, at=NOW)
    write_offs.decline(by=owed.second, write_off=proposal, at=NOW)

    assert owed.propose(2_999).status == "proposed"


def test_another_bureau_records_nothing(owed: Owed) -> None:
    stranger = accounts.officer(accounts.bureau(), Role.SETTLEMENT_OFFICER)

    with pytest.raises(Forbidden):
        owed.record(1, by=stranger)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"fen": 0}, "amount"),
        ({"fen": 1, "reference": " "}, "reference"),
        ({"fen": 1, "received_on": TODAY + timedelta(days=1)}, "received_on"),
    ],
)
def test_receipt_that_cannot_be_names_its_field(
    owed: Owed, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(DebtInvalid) as refused:
        owed.record(**values)

    assert set(refused.value.errors) == {field}


@pytest.mark.parametrize(
    ("today", "word"),
    [
        (date(2026, 11, 3), ""),
        (date(2026, 11, 4), "soon"),
        (date(2026, 11, 11), "soon"),
        (date(2026, 11, 12), "overdue-0"),
        (date(2026, 12, 11), "overdue-0"),
        (date(2026, 12, 12), "overdue-1"),
    ],
)
def test_occasion_of_a_message(today: date, word: str) -> None:
    assert terms.occasion(last=date(2026, 11, 11), today=today) == word


def test_debtor_and_bureau_are_told_once_each_time(owed: Owed) -> None:
    def told() -> dict[str, int]:
        rows = Notification.objects.filter(topic__startswith="debt_").values_list("topic", "key")
        return {topic: sum(each == topic for each, _key in set(rows)) for topic, _key in rows}

    for days in (22, 23, 30):  # November 3, 4 and 11
        debts.remind_due(at=NOW + timedelta(days=days))
    assert told() == {"debt_due": 1}
    late = NOW + timedelta(days=31)
    debts.remind_due(at=late)
    debts.remind_due(at=late)
    assert told() == {"debt_due": 1, "debt_overdue": 1, "debt_unpaid": 1}
    assert debts.of(recovery=owed.recovery, today=date(2026, 11, 12)).is_overdue
    owed.record(3_000)

    debts.remind_due(at=NOW + timedelta(days=70))

    assert told() == {"debt_due": 1, "debt_overdue": 1, "debt_unpaid": 1, "debt_received": 1}
    assert not debts.of(recovery=owed.recovery, today=date(2026, 11, 12)).is_overdue


def test_invariant_names_a_debt_that_was_tampered_with(owed: Owed) -> None:
    owed.record(1_000)
    with unprotected(), connection.cursor() as cursor:
        cursor.execute("UPDATE vouchers_repayment SET amount_fen = 900")

    found = {(row[0], row[2]) for row in broken()}

    assert found == {
        ("repayment", "differs from its transfer"),
        ("receivable", "is not what the debts of its debtor leave"),
    }


def _receipts(owed: Owed) -> list[Any]:
    return [partial(owed.record, 2_000, name) for name in ("B-1", "B-2")]


@pytest.mark.django_db(transaction=True)
def test_two_receipts_at_once_pay_too_much_without_the_lock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    barrier = threading.Barrier(2)
    look = debts.require_left

    def unlocked(*, by: Any, recovery: Recovery) -> Recovery:
        return Recovery.objects.select_related("case", "scheme__bureau", "debtor").get(
            pk=recovery.pk
        )

    def looked(recovery: Recovery, amount_fen: int, today: date) -> None:
        look(recovery, amount_fen, today)
        barrier.wait(timeout=20)  # both have looked before either writes

    owed = Owed()
    owed.record(1_000, "B-0")
    monkeypatch.setattr(debts, "lock", unlocked)
    monkeypatch.setattr(debts, "require_left", looked)

    together(_receipts(owed))

    assert owed.debt.left_fen == -2_000, "else the race was never met"
    assert broken()


@pytest.mark.django_db(transaction=True)
def test_of_two_receipts_at_once_one_is_taken() -> None:
    owed = Owed()
    owed.record(1_000, "B-0")  # so that the accounts are there, as without the lock

    answers = together(_receipts(owed))

    assert sum(isinstance(answer, MoreThanLeft) for answer in answers) == 1
    assert (owed.debt.left_fen, owed.receivable_fen) == (0, 0)


def url(name: str, *args: str) -> str:
    return reverse(f"vouchers:{name}", args=args)


def test_pages_from_slip_to_write_off(owed: Owed) -> None:
    code = owed.recovery.case.code
    officer, second = signed_in(owed.officer), signed_in(owed.second)
    debtor, firm = signed_in(owed.desk.provider), signed_in(owed.desk.firm)
    with time_machine.travel(NOW, tick=False):
        officer.post(
            url("collection_account"),
            {"holder": "庆阳市财政局", "bank_name": "甘肃银行", "account_number": "6222 0209 0300"},
        )
        page = debtor.get(url("due_detail", code)).content.decode()
        slip = debtor.get(url("due_slip", code))
        receipt = {"amount": "10.00", "reference": "B-1", "received_on": "2026-10-12"}
        too_much = officer.post(url("debt_receive", code), receipt | {"amount": "30.01"})
        officer.post(url("debt_receive", code), receipt)
        officer.post(url("debt_take_back", code), {"reference": "B-1", "reason": "录入错误"})
        officer.post(url("debt_receive", code), receipt | {"amount": "12.00"})
        officer.post(url("debt_write_off", code), {"amount": "18.00", "reason": "破产清算"})
        proposal = WriteOff.objects.get()
        second.post(url("write_off_decide", proposal.code), {"approve": "1"})

        told = officer.get(url("debt_detail", code)).content.decode()
        listed = officer.get(url("debt_list")).content.decode()

    assert "622202090300" in page
    assert slip["Content-Type"] == "application/pdf"
    assert too_much.status_code == 422
    assert "Only 30.00 yuan are still owed" in too_much.content.decode()
    assert "Settled in full" in told
    assert "Settled in full" in listed
    assert "Settled in full" in debtor.get(url("due_list")).content.decode()
    assert firm.get(url("due_detail", code)).status_code == 404
    assert broken() == []


def test_lists_ask_as_often_for_three_debts_as_for_one(owed: Owed) -> None:
    reader = signed_in(owed.officer)
    reader.get(url("debt_list"))
    counts = []
    for more in (0, 2):
        for _number in range(more):
            case = owed.desk.case(owed.desk.city.paid(1_000).claims.get().lines.get().bill)
            owed.desk.signed(case, owed.desk.recovering(case, 1_000))
        with CaptureQueriesContext(connection) as seen:
            reader.get(url("debt_list"))
        counts.append(len(seen))

    assert counts[0] == counts[1]


def test_api_records_once_and_writes_off_by_two_people(owed: Owed) -> None:
    code = owed.recovery.case.code
    officer, second = signed_in(owed.officer), signed_in(owed.second)
    body = {
        "amount": {"amount": "10.00", "currency": "CNY"}, "reference": "B-1",
        "received_on": "2026-10-12",
    }  # fmt: skip

    def post(client: Any, name: str, given: Any, key: str) -> Any:
        return client.post(
            reverse(name, args=[code]), given,
            content_type="application/json", headers={"Idempotency-Key": key},
        )  # fmt: skip

    with time_machine.travel(NOW, tick=False):
        first = post(officer, "api-debt-receive", body, "r-1")
        again = post(officer, "api-debt-receive", body, "r-1")
        proposed = post(
            officer, "api-debt-write-off",
            {"amount": {"amount": "20.00", "currency": "CNY"}, "reason": "破产清算"}, "w-1",
        )  # fmt: skip
        address = reverse("api-write-off-approve", args=[proposed.json()["code"]])
        headers = {"Idempotency-Key": "a-1"}
        refused = officer.post(address, {}, content_type="application/json", headers=headers)
        approved = second.post(address, {}, content_type="application/json", headers=headers)
        read = officer.get(reverse("api-debt-read", args=[code])).json()
        [due] = signed_in(owed.desk.provider).get(reverse("api-due-list")).json()["results"]

    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert refused.json()["code"] == "same_officer"
    assert approved.json()["status"] == "approved"
    assert read["left"] == {"amount": "0.00", "currency": "CNY"}
    assert len(read["repayments"]) == 1
    assert (due["case"], due["left"]["amount"]) == (code, "0.00")
