"""Bills that fall: payments undone from the last one back, and what was undone paid again."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from providers.actions import subscriptions
from providers.models import Subscription, SubscriptionStatus
from tests.factories import accounts as accounts_made
from tests.factories import grants, providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from tests.vouchers.billing.test_redeemed_caps import cap
from tests.vouchers.ledger.sql import broken_anywhere
from vouchers.billing.actions.charging import rating
from vouchers.billing.actions.metering import usage
from vouchers.billing.models import Bill, Charge, UsageRollup
from vouchers.billing.rules import events
from vouchers.grants.actions import wallets
from vouchers.grants.models import Voucher, VoucherStatus
from vouchers.ledger.actions import accounts, caps
from vouchers.ledger.kinds import AccountKind

pytestmark = pytest.mark.django_db

OCTOBER = date(2026, 10, 1)
FEN = 5_000
"""Input tokens that cost one fen."""


@pytest.fixture
def contract() -> Subscription:
    return providers.subscription()


def voucher(contract: Subscription, face_fen: int = 300_000, **values: Any) -> Voucher:
    return grants.voucher(
        contract.enterprise, grants.scheme(rules=metered.RULES), face_fen, **values
    )


def worth(contract: Subscription, fen: int, at: datetime = NOW) -> Bill:
    """The bill after its month's usage was set to so many fen, up or down, and rated."""
    UsageRollup.objects.update_or_create(
        subscription=contract,
        month=OCTOBER,
        meter="input_tokens",
        context_from=0,
        day=date(2026, 10, 2),
        defaults={"quantity": fen * FEN, "events": 1},
    )
    metered.mark(contract, OCTOBER)
    assert rating.tick(at=at).failed == 0
    return Bill.objects.get(subscription=contract, month=OCTOBER)


def parts(bill: Bill) -> tuple[int, int, int, int]:
    return bill.total_fen, bill.voucher_fen, bill.own_fen, bill.receivable_fen


def available(found: Voucher) -> int:
    return accounts.available_fen(kind=AccountKind.VOUCHER, key=found.code)


def booked() -> list[tuple[int, str, int, int | None]]:
    """Number, payer, amount and the number that is undone, of each charge."""
    rows = Charge.objects.order_by("number")
    return list(rows.values_list("number", "payer", "amount_fen", "undoes__number"))


def clean() -> None:
    assert broken_anywhere(except_for=("I5",)) == []  # usage is set here without events


def test_fall_undoes_from_the_last_and_pays_the_rest_anew(contract: Subscription) -> None:
    paying = voucher(contract)
    grants.funds(contract.enterprise, 10_000)
    worth(contract, 1_000)
    worth(contract, 1_500)

    bill = worth(contract, 1_200)

    assert parts(bill) == (1_200, 360, 840, 0)
    assert booked() == [
        (1, "voucher", 300, None),
        (2, "own", 700, None),
        (3, "voucher", 150, None),
        (4, "own", 350, None),
        (5, "own", 350, 4),
        (6, "voucher", 150, 3),
        (7, "voucher", 60, None),
        (8, "own", 140, None),
    ]
    assert (available(paying), bill.bookings) == (300_000 - 360, 8)
    clean()


def test_fall_never_leaves_a_voucher_above_its_share(contract: Subscription) -> None:
    voucher(contract)
    grants.funds(contract.enterprise, 10_000)
    worth(contract, 1_000)

    bill = worth(contract, 500)

    assert parts(bill) == (500, 150, 350, 0)
    clean()


def test_fall_to_nothing_gives_everything_back(contract: Subscription) -> None:
    paying = voucher(contract, 100)
    grants.funds(contract.enterprise, 500)
    worth(contract, 1_000)

    bill = worth(contract, 0)

    assert parts(bill) == (0, 0, 0, 0)
    assert available(paying) == 100
    assert (
        accounts.available_fen(kind=AccountKind.ENTERPRISE_FUNDS, key=contract.enterprise.code)
        == 500
    )
    assert not bill.lines.exists()
    contract.refresh_from_db()
    assert contract.status == SubscriptionStatus.ACTIVE
    clean()


def test_rise_after_a_fall_moves_new_money_under_new_ids(contract: Subscription) -> None:
    grants.funds(contract.enterprise, 10_000)
    for fen in (200, 100, 200):
        bill = worth(contract, fen)

    assert parts(bill) == (200, 0, 200, 0)
    assert len(set(Charge.objects.values_list("pk", flat=True))) == 4
    clean()


def test_fall_undoes_the_settling_of_what_was_outstanding(contract: Subscription) -> None:
    worth(contract, 1_000)
    grants.funds(contract.enterprise, 600)
    assert rating.tick(at=NOW).settled == 1

    bill = worth(contract, 800)

    assert parts(bill) == (800, 0, 600, 200)
    clean()


@pytest.mark.parametrize("status", [VoucherStatus.FROZEN, VoucherStatus.EXPIRED])
def test_ended_voucher_pays_again_no_more_than_it_got_back(
    contract: Subscription, status: str
) -> None:
    paying = voucher(contract, expires_at=NOW + timedelta(days=1))
    grants.funds(contract.enterprise, 10_000)
    worth(contract, 1_000)
    later = NOW + timedelta(days=2)
    if status == VoucherStatus.EXPIRED:
        assert wallets.expire_due(at=later) == 1
    else:
        Voucher.objects.filter(pk=paying.pk).update(status=status)

    assert parts(worth(contract, 800, later)) == (800, 240, 560, 0)
    assert parts(worth(contract, 2_000, later)) == (2_000, 240, 1_760, 0)

    left = available(paying)
    assert left == (60 if status == VoucherStatus.EXPIRED else 300_000 - 240)
    if status == VoucherStatus.EXPIRED:
        assert wallets.expire_due(at=later) == 1
        assert available(paying) == 0
    clean()


def test_bills_of_one_firm_share_a_voucher_in_order(contract: Subscription) -> None:
    paying = voucher(contract, 100)
    grants.funds(contract.enterprise, 10_000)
    other = providers.subscription(contract.enterprise, contract.offering)
    for each in (other, contract):
        metered.use(each, datetime(2026, 10, 2, tzinfo=UTC), input_tokens=300 * FEN)

    assert rating.tick(at=NOW).rated == 2

    found = [parts(each)[:3] for each in Bill.objects.order_by("subscription")]
    assert found == [(300, 90, 210), (300, 10, 290)]
    assert available(paying) == 0
    clean()


def test_correction_after_the_end_gives_back_to_the_same_payers_in_reverse(
    contract: Subscription,
) -> None:
    capped = cap("1.2", "applicant", "year")
    first = voucher(contract, 90, priority=0)
    plan = grants.scheme(rules={**metered.RULES, "caps": [capped]}, slug="capped")
    second = grants.voucher(contract.enterprise, plan, priority=1)
    grants.funds(contract.enterprise, 10_000)
    by = metered.operator(contract.offering.provider)
    original = metered.report(contract, quantities={"input_tokens": 1_000 * FEN})
    usage.ingest(by=by, events=[original], at=NOW)
    rating.tick(at=NOW)
    boss = accounts_made.signatory(contract.enterprise)
    subscriptions.end(by=boss, subscription=contract, at=NOW)
    before = booked(), caps.used(keys=[f"capped/paid/{contract.enterprise.code}/2026"])

    later = NOW + timedelta(days=3)
    change = events.report(
        source="/test",
        event_id="less",
        time=later,
        subscription=contract.code,
        quantities={"input_tokens": -800 * FEN},
        corrects=original.id,
    )
    usage.ingest(by=by, events=[change], at=later)
    assert rating.tick(at=later).failed == 0

    # 30 % of 1,000: the first voucher has 90, the second tops up to 300 as far as its cap of 120 goes
    assert before[0] == [
        (1, "voucher", 90, None),
        (2, "voucher", 120, None),
        (3, "own", 790, None),
    ]
    assert list(before[1].values()) == [120]
    # 30 % of 200 are 60: all is undone from the last back, then 60 and 140 are paid anew
    assert booked()[3:] == [
        (4, "own", 790, 3),
        (5, "voucher", 120, 2),
        (6, "voucher", 90, 1),
        (7, "voucher", 60, None),
        (8, "own", 140, None),
    ]
    assert (available(first), available(second)) == (30, second.face_fen)
    assert list(caps.used(keys=[f"capped/paid/{contract.enterprise.code}/2026"]).values()) == [0]
    funds = accounts.available_fen(kind=AccountKind.ENTERPRISE_FUNDS, key=contract.enterprise.code)
    assert funds == 10_000 - 140
    contract.refresh_from_db()
    assert contract.status == SubscriptionStatus.ENDED
    assert broken_anywhere() == []
