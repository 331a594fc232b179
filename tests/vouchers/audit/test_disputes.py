"""A dispute freezes its bill's lines alone, and ends in a correcting entry."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.access import Actor
from accounts.models import Notification
from common.errors import DomainError, Forbidden
from common.states import WrongState
from tests.factories import accounts, billing, files, grants
from tests.factories.accounts import NOW
from tests.factories.audit import City
from vouchers.audit.actions import dispute_entries, disputes, invariants, prefilling, settlements
from vouchers.audit.models import Claim, ClaimLine, ClaimStatus, Dispute, DisputeStatus
from vouchers.billing.actions import bills
from vouchers.billing.models import Bill, BillStatus, Charge
from vouchers.ledger.models import Account

pytestmark = pytest.mark.django_db

SILENT = {
    "status": BillStatus.CONFIRMED,
    "confirmed_at": None,
    "confirmed_by": None,
    "lapsed_at": NOW,
}


@pytest.fixture
def city() -> City:
    return City()


def broken() -> dict[str, object]:
    return {each.name: each.rows for each in invariants.check(at=NOW) if not each.holds}


def owner(bill: Bill) -> Actor:
    return accounts.signatory(bill.enterprise)


def disputed(city: City, voucher_fen: int = 3_000) -> Dispute:
    bill = city.bill(voucher_fen, **SILENT)
    return disputes.open_dispute(by=owner(bill), bill=bill, reason="9月3日未使用", at=NOW)


def test_dispute_takes_only_its_line_off_the_claim(city: City) -> None:
    first, second = city.bill(3_000, **SILENT), city.bill(6_000)
    [claim] = prefilling.prefill(by=city.finance, month=billing.MONTH, at=NOW)

    made = disputes.open_dispute(by=owner(first), bill=first, reason="9月3日未使用", at=NOW)

    claim.refresh_from_db()
    assert (claim.status, claim.amount_fen) == (ClaimStatus.DRAFT, 6_000)
    assert list(claim.lines.standing().values_list("bill", flat=True)) == [second.pk]
    assert made.bureau == city.scheme.bureau
    assert broken() == {}


def test_claim_of_which_all_lines_are_disputed_is_over(city: City) -> None:
    bill = city.bill(3_000, **SILENT)
    prefilling.prefill(by=city.finance, month=billing.MONTH, at=NOW)

    disputes.open_dispute(by=owner(bill), bill=bill, reason="x", at=NOW)

    assert list(Claim.objects.values_list("status", "amount_fen")) == [(ClaimStatus.EMPTIED, 0)]
    assert prefilling.prefill(by=city.finance, month=billing.MONTH, at=NOW) == []


def test_settlement_goes_on_without_the_disputed_line(city: City) -> None:
    bill = city.bill(3_000, **SILENT)
    city.passed(6_000)

    disputes.open_dispute(by=owner(bill), bill=bill, reason="x", at=NOW)
    batch = settlements.create(by=city.officer, scheme=city.scheme, at=NOW)

    assert batch.total_fen == 6_000
    assert broken() == {}


def test_bill_in_a_settlement_is_not_disputed(city: City) -> None:
    bill = city.bill(3_000, **SILENT)
    city.settlement(6_000)

    with pytest.raises(disputes.BillSettled):
        disputes.open_dispute(by=owner(bill), bill=bill, reason="x", at=NOW)

    bill.refresh_from_db()
    assert bill.status == BillStatus.CONFIRMED


def test_accepted_offer_is_a_correcting_entry_and_is_claimed_anew(city: City) -> None:
    made = _claimed_and_disputed(city)
    left = Account.objects.get(pk=city.voucher.account_id).available_fen
    dispute_entries.say(by=city.finance, dispute=made, text="同意扣减", offered_fen=8_000, at=NOW)

    disputes.accept(by=owner(made.bill), dispute=made, offered_fen=8_000, at=NOW)

    bill = Bill.objects.get(pk=made.bill_id)
    # 10,000 fen of which the voucher paid three tenths: 8,000 leave it 2,400
    assert (bill.status, bill.total_fen, bill.voucher_fen) == (BillStatus.CONFIRMED, 8_000, 2_400)
    assert bill.corrected_fen == 2_000
    assert Account.objects.get(pk=city.voucher.account_id).available_fen == left + 600
    [fresh] = prefilling.prefill(by=city.finance, month=billing.MONTH, at=NOW)
    assert fresh.amount_fen == 2_400
    assert broken() == {}


def test_withdrawn_dispute_pays_the_same_by_a_new_transfer(city: City) -> None:
    made = _claimed_and_disputed(city)

    ended = disputes.withdraw(by=owner(made.bill), dispute=made, at=NOW)

    bill = Bill.objects.get(pk=made.bill_id)
    assert (ended.status, ended.outcome_fen) == (DisputeStatus.WITHDRAWN, 10_000)
    assert (bill.total_fen, bill.voucher_fen, bill.corrected_fen) == (10_000, 3_000, 0)
    [fresh] = prefilling.prefill(by=city.finance, month=billing.MONTH, at=NOW)
    assert fresh.amount_fen == 3_000
    assert ClaimLine.objects.count() == 2
    assert broken() == {}


def test_withdrawn_dispute_of_what_was_never_claimed_moves_nothing(city: City) -> None:
    made = disputed(city)
    before = Charge.objects.count()

    disputes.withdraw(by=owner(made.bill), dispute=made, at=NOW)

    assert Charge.objects.count() == before


def test_voucher_that_ended_meanwhile_pays_no_more_than_it_got_back(city: City) -> None:
    made = _claimed_and_disputed(city)
    city.voucher.expires_at = NOW - timedelta(days=60)
    city.voucher.save(update_fields=["expires_at"])

    disputes.withdraw(by=owner(made.bill), dispute=made, at=NOW)

    assert Bill.objects.get(pk=made.bill_id).voucher_fen == 3_000


def test_bureau_decides_after_the_answer_or_the_last_day(city: City) -> None:
    made = disputed(city)
    ask: dict[str, Any] = {
        "by": city.auditor,
        "dispute": made,
        "total_fen": 0,
        "answer": "设备停机",
    }

    with pytest.raises(disputes.TooEarly):
        disputes.decide(**ask, at=NOW)
    late = NOW + timedelta(days=disputes.DAYS + 1)
    ended = disputes.decide(**ask, at=late)

    bill = Bill.objects.get(pk=made.bill_id)
    assert (ended.status, bill.total_fen, bill.corrected_fen) == ("decided", 0, 10_000)
    assert broken() == {}
    with pytest.raises(WrongState):
        disputes.decide(**ask, at=late)


def test_decision_needs_reasons_a_total_within_and_an_unrelated_officer(city: City) -> None:
    made = disputed(city)
    dispute_entries.say(by=city.finance, dispute=made, text="计量无误", at=NOW)

    for total_fen, answer in ((10_001, "x"), (-1, "x"), (5_000, " ")):
        with pytest.raises(DomainError):
            disputes.decide(
                by=city.auditor, dispute=made, total_fen=total_fen, answer=answer, at=NOW
            )
    with pytest.raises(Forbidden):
        disputes.decide(by=City().auditor, dispute=made, total_fen=5_000, answer="x", at=NOW)


def test_both_sides_speak_until_the_last_day(city: City) -> None:
    made = disputed(city)
    dispute_entries.say(by=owner(made.bill), dispute=made, file=files.upload(), at=NOW)
    dispute_entries.say(by=city.finance, dispute=made, text="附计量日志", at=NOW)

    for stranger in (city.auditor, City().finance):
        with pytest.raises(Forbidden):
            dispute_entries.say(by=stranger, dispute=made, text="x", at=NOW)
    with pytest.raises(Forbidden):
        dispute_entries.say(by=owner(made.bill), dispute=made, offered_fen=1, at=NOW)
    late = NOW + timedelta(days=disputes.DAYS + 1)
    with pytest.raises(dispute_entries.TimeOver):
        dispute_entries.say(by=city.finance, dispute=made, text="x", at=late)

    assert [entry.number for entry in made.entries.light()] == [1, 2]
    told = Notification.objects.filter(topic__startswith="dispute").values_list("topic", flat=True)
    assert {"dispute_opened", "dispute_entry"} <= set(told)


def test_offer_that_changed_is_not_accepted(city: City) -> None:
    made = disputed(city)
    for fen in (8_000, 9_000):
        dispute_entries.say(by=city.finance, dispute=made, offered_fen=fen, at=NOW)

    with pytest.raises(disputes.OfferChanged):
        disputes.accept(by=owner(made.bill), dispute=made, offered_fen=8_000, at=NOW)


def test_confirmed_bill_is_disputed_only_where_silence_confirmed_it(city: City) -> None:
    bill = city.bill(3_000)

    with pytest.raises(WrongState):
        disputes.open_dispute(by=owner(bill), bill=bill, reason="x", at=NOW)
    with pytest.raises(Forbidden):
        disputes.open_dispute(by=city.finance, bill=bill, reason="x", at=NOW)


def test_silence_confirms_after_the_last_day_and_not_before(city: City) -> None:
    last = NOW.date()
    waiting = city.bill(3_000, status=BillStatus.CLOSED, answer_until=last)
    open_ended = city.bill(3_000, status=BillStatus.CLOSED)

    assert bills.lapse(at=NOW) == 0
    assert bills.lapse(at=NOW + timedelta(days=1)) == 1
    assert bills.lapse(at=NOW + timedelta(days=1)) == 0

    waiting.refresh_from_db()
    open_ended.refresh_from_db()
    assert (waiting.status, waiting.confirmed_at) == (BillStatus.CONFIRMED, None)
    assert open_ended.status == BillStatus.CLOSED


def test_answer_day_is_the_longest_of_the_schemes_that_paid(city: City) -> None:
    rules = grants.scheme().rules
    slow = grants.scheme(rules={**rules, "answer_days": {**rules["notice_days"], "value": 20}})
    quick = grants.scheme(rules={**rules, "answer_days": {**rules["notice_days"], "value": 5}})
    both, mixed, none = (city.bill(3_000, status=BillStatus.CLOSED) for _ in range(3))
    for bill, schemes in ((both, [slow, quick]), (mixed, [slow])):
        Charge.objects.filter(bill=bill, payer="voucher")
        for scheme in schemes:
            billing.charge(bill, grants.voucher(bill.enterprise, scheme, 10_000), 100)

    bills.set_answer_days(month=billing.MONTH, at=NOW)

    # the city's own scheme paid of all three and says nothing: silence confirms none of them
    for bill in (both, mixed, none):
        bill.refresh_from_db()
        assert bill.answer_until is None
    city.scheme.rules = quick.rules
    city.scheme.save(update_fields=["rules"])
    bills.set_answer_days(month=billing.MONTH, at=NOW)
    for bill, days in ((both, 20), (mixed, 20), (none, 5)):
        bill.refresh_from_db()
        assert bill.answer_until == NOW.date() + timedelta(days=days)


def _claimed_and_disputed(city: City) -> Dispute:
    bill = city.bill(3_000, **SILENT)
    prefilling.prefill(by=city.finance, month=billing.MONTH, at=NOW)
    return disputes.open_dispute(by=owner(bill), bill=bill, reason="9月3日未使用", at=NOW)
