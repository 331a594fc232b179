"""Schemes that pay after the fact: the firm pays its bills, claims, the provider confirms, the firm is paid."""

import copy
import random
from datetime import timedelta
from fractions import Fraction

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from accounts import topics
from accounts.models import Notification
from common.errors import Forbidden
from common.states import WrongState
from tests.factories import accounts, billing, grants, plans
from tests.factories.accounts import NOW
from tests.factories.audit import City
from tests.factories.cases import Desk
from tests.factories.refunds import Payback
from tests.vouchers.audit.test_pages import signed_in, url
from tests.vouchers.audit.test_payment_results import balance
from tests.vouchers.grants import people
from tests.vouchers.ledger.sql import broken_anywhere
from vouchers.audit.actions import (
    batching,
    claims,
    disputes,
    payment_files,
    payment_results,
    refund_answers,
    refunds,
    settlements,
)
from vouchers.audit.models import Claim, ClaimStatus, Payment, PaymentStatus, Recovery, Refund
from vouchers.audit.models import SettlementStatus as Status
from vouchers.billing.actions.charging import purses
from vouchers.billing.models import Bill, BillStatus
from vouchers.grants.actions import wallets
from vouchers.grants.models import Voucher
from vouchers.ledger.actions import accounts as ledger
from vouchers.ledger.kinds import AccountKind

pytestmark = pytest.mark.django_db


@pytest.fixture
def payback() -> Payback:
    return Payback()


def owed_fen(payback: Payback) -> int:
    """What the ledger says that the scheme owes the firm."""
    key = f"{payback.city.scheme.code}/{payback.firm.code}"
    return balance(AccountKind.ENTERPRISE_PAYABLE, key)


def left_fen(payback: Payback) -> int:
    return ledger.available_fen(kind=AccountKind.VOUCHER, key=payback.voucher.code)


def test_approved_post_subsidy_becomes_a_voucher_that_pays_no_bill() -> None:
    rules = copy.deepcopy(plans.QINGYANG)
    rules["mode"] = {**rules["rate"], "value": "post_subsidy"}
    voucher = people.issued(people.cast(grants.scheme(rules=rules)))

    assert (voucher.pays_back, voucher.face_fen) == (True, 3_000_000)
    assert purses.usable(enterprise=voucher.enterprise, at=people.AFTER_NOTICE) == []


def test_claim_is_the_share_of_what_the_firm_paid_itself(payback: Payback) -> None:
    payback.bill(33_336)
    payback.bill(10_000)
    Payback(payback.city).bill(5_000)  # another firm's

    [claim] = refunds.prefill(by=payback.owner, month=billing.MONTH, at=NOW)

    # 30 % of 333.36 yuan is 100.008, of 100 yuan 30: half up to the fen: 100.01 and 30.00
    assert (claim.amount_fen, claim.enterprise) == (13_001, payback.firm)
    assert sorted(claim.refunds.values_list("amount_fen", flat=True)) == [3_000, 10_001]
    assert (claim.lines.count(), owed_fen(payback), left_fen(payback)) == (0, 0, 300_000)
    assert broken_anywhere() == []


def test_bill_with_something_outstanding_is_not_claimed(payback: Payback) -> None:
    billed = payback.bill(10_000)
    Bill.objects.filter(pk=billed.pk).update(own_fen=9_999, receivable_fen=1)
    payback.bill(10_000, status=BillStatus.CLOSED)

    assert refunds.prefill(by=payback.owner, month=billing.MONTH, at=NOW) == []


def test_claim_never_asks_more_than_the_voucher_has(payback: Payback) -> None:
    small = Payback(City(), face_fen=2_000)
    small.bill(5_000)
    small.bill(5_000)

    [claim] = refunds.prefill(by=small.owner, month=billing.MONTH, at=NOW)

    # 15.00 yuan of the first bill, 5.00 of the second: the voucher has 20.00
    assert sorted(claim.refunds.values_list("amount_fen", flat=True)) == [500, 1_500]


def test_two_schemes_never_pay_back_more_than_was_paid() -> None:
    one = Payback()
    other = City(provider=one.city.provider)
    for share in (9, 10):
        grants.voucher(
            one.firm,
            other.scheme,
            50_000,
            pays_back=True,
            share_numerator=share,
            share_denominator=10,
        )
    one.bill(10_000)

    made = refunds.prefill(by=one.owner, month=billing.MONTH, at=NOW)

    assert sum(claim.amount_fen for claim in made) == 10_000


def test_provider_confirms_and_the_share_becomes_payable_at_once(payback: Payback) -> None:
    claim = payback.sent(10_000)

    assert (claim.status, owed_fen(payback)) == (ClaimStatus.CONFIRMING, 0)
    confirmed = refund_answers.confirm(by=payback.city.finance, claim=claim, at=NOW)

    assert confirmed.status == ClaimStatus.SUBMITTED
    assert (owed_fen(payback), left_fen(payback)) == (3_000, 297_000)
    assert confirmed.lines.get().amount_fen == 3_000
    assert wallets.entry(voucher=payback.voucher).redeemed_fen == 3_000
    assert broken_anywhere() == []


def test_provider_is_told_what_waits_and_the_firm_what_was_answered(payback: Payback) -> None:
    claim = payback.sent(10_000)
    refund_answers.refuse(by=payback.city.finance, claim=claim, finding="未付清", at=NOW)
    again = payback.send(Claim.objects.get(), at=NOW + timedelta(hours=1))
    refund_answers.confirm(by=payback.city.finance, claim=again, at=NOW + timedelta(hours=2))

    told = Notification.objects.order_by("pk").values_list("topic", "organization", "key")
    seller, firm = payback.city.finance.own().pk, payback.firm.pk
    assert [row[:2] for row in dict.fromkeys(told)] == [
        ("refund_asked", seller),
        ("refund_refused", firm),
        ("refund_asked", seller),
        ("refund_confirmed", firm),
    ]
    asked = Notification.objects.filter(topic="refund_asked")[0]
    words = topics.one("refund_asked").said(asked.data)
    assert payback.firm.name in words.title
    assert "30.00" in words.text
    assert asked.url == url("claim_detail", claim.code)


def test_second_click_posts_nothing(payback: Payback) -> None:
    claim = payback.confirmed()

    with pytest.raises(WrongState):
        refund_answers.confirm(by=payback.city.finance, claim=claim, at=NOW)

    assert owed_fen(payback) == 3_000


def test_only_the_provider_of_the_bills_answers(payback: Payback) -> None:
    claim = payback.sent()
    other = City(scheme=payback.city.scheme)

    for who in (other.finance, payback.owner, payback.city.auditor):
        with pytest.raises(Forbidden):
            refund_answers.confirm(by=who, claim=claim, at=NOW)

    assert owed_fen(payback) == 0


def test_refused_claim_returns_to_the_firm_and_is_filled_anew(payback: Payback) -> None:
    claim = payback.sent()

    with pytest.raises(claims.FindingMissing):
        refund_answers.refuse(by=payback.city.finance, claim=claim, finding=" ", at=NOW)
    refund_answers.refuse(by=payback.city.finance, claim=claim, finding="未付清", at=NOW)
    payback.bill(1_000)
    [again] = refunds.prefill(by=payback.owner, month=billing.MONTH, at=NOW)

    claim.refresh_from_db()
    assert (again.pk, claim.status, claim.finding) == (claim.pk, ClaimStatus.DRAFT, "未付清")
    assert claim.amount_fen == 3_300
    assert broken_anywhere() == []


def test_frozen_voucher_or_changed_bill_stops_the_confirmation(payback: Payback) -> None:
    claim = payback.sent()
    officer = accounts.officer(payback.city.scheme.bureau)
    wallets.freeze(by=officer, voucher=payback.voucher, reason="核查", at=NOW)

    with pytest.raises(refund_answers.LinesChanged):
        refund_answers.confirm(by=payback.city.finance, claim=claim, at=NOW)

    wallets.unfreeze(by=officer, voucher=payback.voucher, reason="无误", at=NOW)
    Bill.objects.filter(pk=claim.refunds.get().bill_id).update(own_fen=2_999, receivable_fen=7_001)
    with pytest.raises(refund_answers.LinesChanged):
        refund_answers.confirm(by=payback.city.finance, claim=claim, at=NOW)
    assert owed_fen(payback) == 0


def test_cap_on_redemptions_bounds_what_is_paid_back() -> None:
    rules = copy.deepcopy(plans.QINGYANG)
    rules["caps"] = [
        {
            "id": "redeemed", "limit": {"yuan": "5000"}, "per": ["applicant"], "counts": "redeemed",
            "source": rules["rate"]["source"], "article": "第五条",
        }
    ]  # fmt: skip
    payback = Payback(City(scheme=grants.scheme(rules=rules)), face_fen=2_000_000)
    first = payback.confirmed(1_000_000)
    second = payback.draft(1_000_000)

    # 3,000 of the 5,000 yuan are gone: 2,000 are left of the second share of 3,000
    assert (first.amount_fen, second.amount_fen) == (300_000, 200_000)
    refund_answers.confirm(by=payback.city.finance, claim=payback.send(second), at=NOW)
    assert owed_fen(payback) == 500_000
    assert broken_anywhere() == []


def test_bill_that_was_claimed_back_is_not_disputed(payback: Payback) -> None:
    silent = {"confirmed_at": None, "confirmed_by": None, "lapsed_at": NOW}
    billed = payback.bill(10_000, **silent)
    [claim] = refunds.prefill(by=payback.owner, month=billing.MONTH, at=NOW)
    payback.send(claim)

    with pytest.raises(disputes.PaidBack):
        disputes.open_dispute(by=payback.owner, bill=billed, reason="用量不符", at=NOW)


def test_settlement_pays_the_firm_and_the_file_names_it(payback: Payback) -> None:
    batch = payback.signed(10_000)

    file = payment_files.build(batch).decode("utf-8-sig")
    payment_results.pay(by=payback.city.officer, settlement=batch, at=NOW)

    payment = Payment.objects.get()
    assert (payment.payee, payment.provider, payment.amount_fen) == (payback.firm, None, 3_000)
    assert payback.firm.uscc in file
    assert payback.city.provider.organization.uscc not in file
    assert "6222020903009999999" in file
    assert owed_fen(payback) == 0
    claim = batch.claims.get()
    assert (claim.status, claim.payee) == (ClaimStatus.PAID, payback.firm)
    assert broken_anywhere() == []


def test_firm_and_provider_are_paid_in_one_batch(payback: Payback) -> None:
    payback.city.passed(3_000)
    payback.account()
    payback.passed(10_000)

    batch = settlements.create(by=payback.city.officer, scheme=payback.city.scheme, at=NOW)

    assert batch.total_fen == 6_000
    assert [each.payee for each in batch.payments.order_by("pk")] == [
        payback.city.provider.organization,
        payback.firm,
    ]
    assert broken_anywhere() == []


def test_returned_payment_is_owed_again_and_paid_by_the_next_batch(payback: Payback) -> None:
    batch = payback.signed(10_000)
    payment_results.pay(by=payback.city.officer, settlement=batch, at=NOW)
    answer = "position,amount,result,bank_serial,reason\n1,30.00,returned,S1,户名不符\n"

    payment_results.record(
        by=payback.city.officer, settlement=batch, content=answer.encode(), at=NOW
    )
    owed = owed_fen(payback)
    again = settlements.create(by=payback.city.officer, scheme=payback.city.scheme, at=NOW)

    batch.refresh_from_db()
    old, new = Payment.objects.order_by("pk")
    assert (old.status, owed, batch.status) == (PaymentStatus.RETURNED, 3_000, Status.PAID)
    assert (new.replaces, new.payee, again.total_fen) == (old, payback.firm, 3_000)
    assert broken_anywhere() == []


def test_firm_without_an_account_waits_and_is_named(payback: Payback) -> None:
    payback.passed(10_000)

    shown = batching.of(scheme=payback.city.scheme, at=NOW)

    assert shown.without_account == {batching.Payee(None, payback.firm): 3_000}
    with pytest.raises(settlements.NothingToSettle):
        settlements.create(by=payback.city.officer, scheme=payback.city.scheme, at=NOW)


def test_person_of_the_firm_signs_nothing_that_pays_it(payback: Payback) -> None:
    payback.account()
    payback.passed(10_000)
    batch = settlements.create(by=payback.city.officer, scheme=payback.city.scheme, at=NOW)
    accounts.member(payback.firm, "viewer", person_key="k9")
    payback.city.officer.user.person_key = "k9"
    payback.city.officer.user.save(update_fields=["person_key"])

    with pytest.raises(Forbidden):
        settlements.sign(
            by=payback.city.officer, settlement=batch, content_sha256=batch.content_sha256, at=NOW
        )


def test_random_bills_and_vouchers_add_up() -> None:
    one = Payback(face_fen=4_000)
    draw = random.Random(20260701)
    for share in (1, 7, 10):
        grants.voucher(
            one.firm, one.city.scheme, draw.randrange(2_000, 9_000), pays_back=True,
            share_numerator=share, share_denominator=10,
        )  # fmt: skip
    bills = [one.bill(draw.randrange(1, 5_000) * 2) for _ in range(8)]
    [claim] = refunds.prefill(by=one.owner, month=billing.MONTH, at=NOW)
    refund_answers.confirm(by=one.city.finance, claim=one.send(claim), at=NOW)

    for voucher in Voucher.objects.filter(pays_back=True):
        lines = list(voucher.refunds.select_related("bill"))
        exact = Fraction(voucher.share_numerator, voucher.share_denominator)
        assert sum(line.amount_fen for line in lines) <= voucher.face_fen
        for line in lines:
            assert line.amount_fen <= exact * line.bill.own_fen + Fraction(1, 2)
    for billed in bills:
        assert sum(billed.refunds.values_list("amount_fen", flat=True)) <= billed.own_fen
    assert (
        owed_fen(one)
        == claim.amount_fen
        == sum(Refund.objects.values_list("amount_fen", flat=True))
    )
    assert broken_anywhere() == []


def test_case_recovers_what_was_paid_back_as_a_debt_of_the_firm() -> None:
    desk = Desk()
    payback = Payback(desk.city)
    batch = payback.signed(10_000)
    payment_results.pay(by=payback.city.officer, settlement=batch, at=NOW)
    line = Refund.objects.get()
    case = desk.case(line.bill, voucher=line.voucher)

    desk.signed(case, desk.recovering(case, 3_000, debtor=payback.firm))

    made = Recovery.objects.get()
    assert (made.clawed_fen, made.due_fen, made.debtor) == (0, 3_000, payback.firm)
    assert broken_anywhere() == []


def test_database_refuses_a_second_refund_and_a_changed_one(payback: Payback) -> None:
    line = payback.confirmed().refunds.get()

    with pytest.raises(IntegrityError, match="vouchers_refund_once"), transaction.atomic():
        Refund.objects.create(claim=line.claim, bill=line.bill, voucher=line.voucher, amount_fen=1)
    for change in ({"amount_fen": 1}, {"transfer": None}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Refund.objects.filter(pk=line.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        line.delete()


def test_months_of_bills_that_no_voucher_covers_are_not_offered(payback: Payback) -> None:
    payback.bill(10_000)
    offered = refunds.months(by=payback.owner)
    Voucher.objects.filter(pk=payback.voucher.pk).update(kind="storage")

    assert offered == {billing.MONTH: 1}
    assert refunds.months(by=payback.owner) == {}
    assert refunds.prefill(by=payback.owner, month=billing.MONTH, at=NOW) == []


def test_pages_lead_from_the_bill_to_the_confirmation(payback: Payback) -> None:
    payback.bill(10_000)
    firm, seller = signed_in(payback.owner), signed_in(payback.city.finance)

    shown = firm.get(url("claim_list")).content.decode()
    made = firm.post(url("claim_prefill"), {"month": "2026-09-01"})
    code = Claim.objects.get().code
    hidden = seller.get(url("claim_detail", code))
    inside = firm.get(url("claim_detail", code)).content.decode()
    payback.send(Claim.objects.get())
    asked = seller.get(url("claim_list")).content.decode()
    page = seller.get(url("claim_detail", code)).content.decode()
    seller.post(url("claim_answer", code), {"outcome": "confirm"})
    told = firm.get(url("claim_detail", code)).content.decode()
    audited = signed_in(payback.city.auditor).get(url("audit_detail", code)).content.decode()

    assert "Ready to claim back" in shown
    assert made.status_code == 302
    assert hidden.status_code == 404
    assert "Send to the provider" in inside
    assert code in asked
    assert "Confirm the lines" in page
    assert payback.voucher.code not in page
    assert "Confirmed by the provider" in told
    assert "The enterprise is paid" in audited
    assert Claim.objects.get().status == ClaimStatus.SUBMITTED


def test_firms_find_claims_in_the_menu_only_where_they_claim(payback: Payback) -> None:
    claims_back, pays_at_once = signed_in(payback.owner), accounts.signatory()
    entry = f'href="{url("claim_list")}"'

    assert entry in claims_back.get("/").content.decode()
    assert entry not in signed_in(pays_at_once).get("/").content.decode()
    assert "Payments to you" in claims_back.get(url("claim_list")).content.decode()
    finance = signed_in(payback.city.finance).get("/").content.decode()
    assert entry in finance
    assert f'href="{url("settlement_list")}"' in finance
