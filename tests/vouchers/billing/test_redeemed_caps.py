"""Caps on what is redeemed: drawn when a voucher pays a bill, given back when that is undone."""

import copy
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from providers.models import Subscription
from tests.factories import accounts, grants, providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from tests.threads import together
from tests.vouchers.grants.web import page
from tests.vouchers.ledger.sql import broken_anywhere, rows, tamper
from vouchers.billing.actions import invariants
from vouchers.billing.actions.charging import dues, rating
from vouchers.billing.actions.charging.prices import PriceBook
from vouchers.billing.models import Bill, Charge, UsageRollup
from vouchers.grants.models import Scheme, Voucher
from vouchers.grants.rules.schemes import RulesInvalid, from_json
from vouchers.ledger.actions import caps, transfers
from vouchers.ledger.models import Account

pytestmark = pytest.mark.django_db

OCTOBER, DECEMBER = date(2026, 10, 1), date(2026, 12, 1)
FEN = 5_000
"""Input tokens that cost one fen."""


def cap(limit: str, *per: str, **more: Any) -> dict[str, Any]:
    """A cap on what is redeemed; the limit in yuan."""
    known = {"id": "paid", "limit": limit, "per": list(per), "counts": "redeemed"}
    return {**known, "source": "main", "article": "1", **more}


def rules(*capped: dict[str, Any]) -> dict[str, Any]:
    return {**copy.deepcopy(metered.RULES), "caps": list(capped)}


def scheme(*capped: dict[str, Any], **values: Any) -> Scheme:
    return grants.scheme(rules=rules(*capped), **values)


def use(contract: Subscription, fen: int, month: date = OCTOBER) -> None:
    """Set the month's usage to so many fen, up or down."""
    UsageRollup.objects.update_or_create(
        subscription=contract,
        month=month,
        meter="input_tokens",
        context_from=0,
        day=month.replace(day=2),
        defaults={"quantity": fen * FEN, "events": 1},
    )
    metered.mark(contract, month)


def worth(contract: Subscription, fen: int, month: date = OCTOBER, at: datetime = NOW) -> Bill:
    """The bill after its usage was set and rated."""
    use(contract, fen, month)
    assert rating.tick(at=at).failed == 0
    return Bill.objects.get(subscription=contract, month=month)


def firm(*plans: Scheme) -> Subscription:
    """A firm's contract, with a voucher of each scheme in burn-down order and money of its own."""
    contract = providers.subscription()
    for priority, plan in enumerate(plans):
        grants.voucher(contract.enterprise, plan, priority=priority)
    grants.funds(contract.enterprise, 1_000_000)
    return contract


def parts(bill: Bill) -> tuple[int, int, int]:
    return bill.total_fen, bill.voucher_fen, bill.own_fen


def used(key: str) -> int:
    return caps.used(keys=[key])[key]


def clean() -> None:
    assert broken_anywhere(except_for=("I5",)) == []  # usage is set here without events


def test_cap_binds_in_the_middle_of_a_month() -> None:
    contract = firm(scheme(cap("4", "applicant", "year"), slug="capped"))

    bills = [parts(worth(contract, fen)) for fen in (1_000, 2_000, 3_000)]

    assert bills == [(1_000, 300, 700), (2_000, 400, 1_600), (3_000, 400, 2_600)]
    assert used(f"capped/paid/{contract.enterprise.code}/2026") == 400
    clean()


def test_two_bills_of_one_tick_share_what_two_schemes_leave_of_their_umbrella() -> None:
    office = accounts.bureau()
    first, second = (
        scheme(cap(limit, "applicant", "year", shared="city"), office=office)
        for limit in ("4", "5")
    )
    contract = firm(first, second)
    other = providers.subscription(contract.enterprise)
    use(other, 1_000)

    worth(contract, 1_000)

    # 300 of the first bill by the first voucher; of the second bill 100 to the first scheme's limit of
    # 400, then 100 more to the second scheme's limit of 500
    paid = Charge.objects.filter(payer="voucher").order_by("bill", "number")
    assert list(paid.values_list("voucher__scheme", "amount_fen")) == [
        (first.pk, 300),
        (first.pk, 100),
        (second.pk, 100),
    ]
    assert used(f"{office.pk}:city:redeemed/{contract.enterprise.code}/2026") == 500
    assert sum(bill.own_fen for bill in Bill.objects.all()) == 1_500
    clean()


def test_falling_bill_gives_the_room_back_to_the_next_one() -> None:
    contract = firm(scheme(cap("4", "year"), slug="pool"))
    other = providers.subscription(contract.enterprise)
    worth(contract, 2_000)

    fallen = worth(contract, 1_000)
    left = used("pool/paid/2026")
    next_bill = worth(other, 1_000)

    assert (parts(fallen), left) == ((1_000, 300, 700), 300)
    assert parts(next_bill) == (1_000, 100, 900)
    assert used("pool/paid/2026") == 400
    clean()


def test_cap_without_a_key_bounds_what_a_voucher_pays_of_each_bill() -> None:
    contract = firm(scheme(cap("2")))
    other = providers.subscription(contract.enterprise)

    bills = [parts(worth(contract, fen)) for fen in (1_000, 2_000, 500)]

    assert bills == [(1_000, 200, 800), (2_000, 200, 1_800), (500, 150, 350)]
    assert parts(worth(other, 1_000)) == (1_000, 200, 800)
    assert not Account.objects.filter(kind="cap").exists()
    clean()


@pytest.mark.parametrize(("dated", "years"), [("usage", (300, 0)), ("redemption", (0, 300))])
def test_cap_goes_by_the_month_used_or_by_the_day_of_payment(
    dated: str, years: tuple[int, int]
) -> None:
    contract = firm(scheme(cap("4", "year", dated=dated), slug="dated"))

    worth(contract, 1_000, DECEMBER, datetime(2027, 1, 2, tzinfo=UTC))

    assert (used("dated/paid/2026"), used("dated/paid/2027")) == years
    clean()


def test_cap_whose_key_nobody_knows_leaves_nothing() -> None:
    contract = firm(scheme(cap("4", "contract_number")))

    assert parts(worth(contract, 1_000)) == (1_000, 0, 1_000)


def test_ticks_ask_as_much_for_three_capped_bills_as_for_one() -> None:
    plan = scheme(cap("4", "applicant", "year"), cap("100", "year", id="all"), cap("2", id="each"))
    counts = []
    for number in (1, 3):
        for contract in [firm(plan) for _ in range(number)]:
            use(contract, 1_000)
        found = dues.of_shards(dues.shards(None), month=None, limit=9)
        with CaptureQueriesContext(connection) as queries:
            rating.rate_each(found=found, book=PriceBook(), at=NOW)
        counts.append(len(queries))

    assert [bill.voucher_fen for bill in Bill.objects.all()] == [200] * 4
    assert counts[0] == counts[1]
    clean()


def test_voucher_page_says_what_its_caps_leave() -> None:
    plan = scheme(cap("4", "year", title="Pool of the year"), cap("2", id="each", title="Each"))
    contract = firm(plan)
    other = providers.subscription(contract.enterprise)
    voucher = Voucher.objects.get()
    client = page(accounts.preparer(contract.enterprise))

    with time_machine.travel(NOW, tick=False):
        worth(contract, 500)
        before = client.get(f"/wallet/{voucher.code}/").content.decode()
        worth(other, 5_000)
        worth(providers.subscription(contract.enterprise), 5_000)
        after = client.get(f"/wallet/{voucher.code}/").content.decode()

    assert "Pool of the year" in before
    assert "used up" not in before
    assert used(f"{plan.slug}/paid/2026") == 400  # 150 + 200 of the second bill + 50 of the third
    assert "This limit is used up" in after


def test_bill_page_and_statement_say_which_cap_bound_and_what_it_left() -> None:
    plan = scheme(cap("4", "year", title="Pool of the year"))
    contract = firm(plan)
    client = page(accounts.preparer(contract.enterprise))

    def shown(fen: int) -> tuple[str, str]:
        url = f"/bills/{worth(contract, fen).code}/"
        english = {"Accept-Language": "en"}
        statement = client.get(f"{url}files/csv/", headers=english).content.decode()
        return client.get(url, headers=english).content.decode(), statement

    with time_machine.travel(NOW, tick=False):
        before, after, fallen = shown(1_000), shown(3_000), shown(1_200)

    words = "“Pool of the year”, ¥4.00: it left ¥4.00 of this bill to the voucher of"
    assert [words in text for text in before] == [False, False]
    assert [words in text for text in after] == [True, True]
    assert [words in text for text in fallen] == [False, False]
    clean()


@pytest.mark.parametrize(
    ("tampering", "fault"),
    [
        ("UPDATE vouchers_capbound SET limit_fen = 401", "the cap said to have bound left room"),
        ("DELETE FROM vouchers_capbound", "own money or outstanding"),
    ],
)
@pytest.mark.parametrize("per", [("year",), ()])
def test_i7_knows_why_a_capped_voucher_was_passed_over(
    tampering: str, fault: str, per: tuple[str, ...]
) -> None:
    worth(firm(scheme(cap("4", *per))), 2_000)
    assert rows(invariants.QUERIES["I7"]) == []

    tamper(tampering)

    [row] = rows(invariants.QUERIES["I7"])
    assert row[2] == fault


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"limit": {"count": 1}}, "caps/0/limit"),
        ({"dated": "usage", "counts": "claimed"}, "caps/0/dated"),
        ({"dated": "someday"}, "caps/0/dated"),
    ],
)
def test_cap_that_cannot_be_redeemed_is_refused(change: dict[str, Any], path: str) -> None:
    with pytest.raises(RulesInvalid) as refusal:
        from_json(rules(cap("4", "year") | change))

    assert [fault.path for fault in refusal.value.faults] == [path]


@pytest.mark.parametrize(
    ("tampering", "fault"),
    [
        ("UPDATE vouchers_transfer SET amount_fen = 299 WHERE reason = 'cap'", "more is redeemed"),
        ("UPDATE vouchers_transfer SET amount_fen = 299 WHERE reason = 'redeemed'", "draw differs"),
        ("UPDATE vouchers_transfer SET reference = '' WHERE reason = 'redeemed'", "draw differs"),
    ],
)
def test_i11_names_a_cap_that_was_passed_or_not_drawn(tampering: str, fault: str) -> None:
    worth(firm(scheme(cap("4", "year"), slug="pool")), 1_000)
    assert rows(invariants.QUERIES["I11"]) == []

    tamper(tampering)

    [row] = rows(invariants.QUERIES["I11"])
    assert row[0] == "pool/paid/2026"
    assert row[3].startswith(fault)


def sixteen() -> int:
    """Sixteen firms that want 300 fen each of a pool of 1,000, each paid by a worker of its own; how many failed."""
    contracts = [firm(plan) for plan in [scheme(cap("10", "year"), slug="pool")] for _ in range(16)]
    for contract in contracts:
        use(contract, 1_000)

    answers = together(
        [
            lambda each=each: rating.rate(subscription=each, month=OCTOBER, at=NOW)  # type: ignore[misc]
            for each in contracts
        ]
    )
    return sum(isinstance(answer, Exception) for answer in answers)


@pytest.mark.django_db(transaction=True)
def test_sixteen_payments_at_once_stay_within_a_pool() -> None:
    assert sixteen() == 0

    found = sorted(bill.voucher_fen for bill in Bill.objects.all())
    assert found == [0] * 12 + [100, 300, 300, 300]
    assert used("pool/paid/2026") == 1_000
    clean()


@pytest.mark.django_db(transaction=True)
def test_payments_race_for_a_pool_when_its_lock_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        transfers,
        "lock",
        lambda pks: {row.pk: row for row in Account.objects.filter(pk__in=list(pks))},
    )

    assert sixteen() > 0  # the guard behind the lock refuses what the unlocked check let through

    assert used("pool/paid/2026") <= 1_000
