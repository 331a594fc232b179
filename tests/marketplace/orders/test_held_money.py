"""What a reservation holds on vouchers and what the tick charges never add up to more than once."""

import pytest
from django.db import connection

from marketplace.orders.actions import quotes
from providers.models import Subscription
from tests.factories import grants, providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from tests.marketplace.orders.test_quotes import Shop, broken
from vouchers.billing.actions import invariants
from vouchers.billing.actions.charging import rating
from vouchers.billing.models import Bill
from vouchers.grants.actions import wallets
from vouchers.grants.models import Voucher

pytestmark = pytest.mark.django_db
EARLY = NOW.replace(day=2)
SHARE_FEN = 2280
"""30 percent of 36 and 40 yuan."""


class Tight(Shop):
    """The voucher is worth exactly what it would pay of the first month."""

    def __init__(self) -> None:
        super().__init__()
        plan = grants.scheme(rules=metered.RULES)
        Voucher.objects.update(status="frozen")  # the plain one of the shop
        self.voucher = grants.voucher(self.need.enterprise, plan, SHARE_FEN)
        grants.funds(self.need.enterprise, 10**9)

    def use(self, subscription: Subscription, **quantities: int) -> Bill:
        metered.use(subscription, quantities=quantities)
        assert rating.tick(at=NOW).failed == 0
        return Bill.objects.get(subscription=subscription)


def broken_bills() -> list[str]:
    """Names of billing's invariants that do not hold."""
    found = []
    with connection.cursor() as cursor:
        for name, query in invariants.QUERIES.items():
            cursor.execute(query.sql)
            if cursor.fetchall():
                found.append(name)
    return found


def test_after_acceptance_the_tick_charges_what_was_held_once() -> None:
    shop = Tight()
    asked = quotes.ask(by=shop.by, need=shop.need, bundle=shop.bundle, at=EARLY)
    quote = quotes.reserve(by=shop.by, quote=asked, at=EARLY)
    assert (quote.held_fen, wallets.entry(voucher=shop.voucher).available_fen) == (SHARE_FEN, 0)

    order = shop.accept(quote, at=EARLY)
    for subscription in Subscription.objects.filter(reference=order.code):
        shop.use(subscription, **subscription.monthly_units)

    entry = wallets.entry(voucher=shop.voucher)
    bills = Bill.objects.filter(enterprise=shop.need.enterprise)
    assert (entry.redeemed_fen, entry.held_fen, entry.available_fen) == (SHARE_FEN, 0, 0)
    assert sum(bill.voucher_fen for bill in bills) == quote.monthly_voucher_fen
    assert sum(bill.own_fen for bill in bills) == quote.monthly_own_fen
    assert broken() == broken_bills() == []


def test_while_reserved_other_bills_leave_the_held_money_alone() -> None:
    shop = Tight()
    other = providers.subscription(shop.need.enterprise)
    asked = quotes.ask(by=shop.by, need=shop.need, bundle=shop.bundle, at=EARLY)
    quote = quotes.reserve(by=shop.by, quote=asked, at=EARLY)

    # a million input tokens at 2.00 yuan: nothing is left on the voucher for it
    first = shop.use(other, input_tokens=1_000_000)
    quotes.withdraw(by=shop.by, quote=quote, at=EARLY)
    second = shop.use(other, input_tokens=1_000_000)

    assert (first.voucher_fen, first.own_fen) == (0, 200)
    # given back, it pays its share of the whole bill as far as that is not paid yet
    assert (second.total_fen, second.voucher_fen, second.own_fen) == (400, 120, 280)
    assert wallets.entry(voucher=shop.voucher).available_fen == SHARE_FEN - 120
    assert broken() == broken_bills() == []
