"""Quotes: stated until a day, reserved against a clock, accepted as an order or given back."""

from datetime import timedelta

import pytest
from django.db import connection

from accounts.access import Actor
from accounts.models import Role
from common.errors import Forbidden
from common.states import WrongState
from marketplace.models import Order, Quote
from marketplace.orders.actions import judging, orders, quotes
from marketplace.orders.actions.orders import CONTRACT_VERSION
from providers.models import Capacity, CapacityHold, Layer, Meter, Rate, Reservation, Subscription
from tests.factories import accounts, grants, marketplace, providers
from tests.factories.accounts import NOW
from tests.marketplace.orders.test_orders import NOVEMBER, OCTOBER, buyer, offered
from vouchers.grants.actions import invariants as vouchers
from vouchers.grants.actions import wallets
from vouchers.ledger.actions import invariants as ledger

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


class Shop:
    """A bundle with room for exactly one need in two months, a need, and a voucher of 30 percent."""

    def __init__(self) -> None:
        self.bundle, self.need = offered()
        self.by: Actor = buyer(self.need)
        self.voucher = grants.voucher(self.need.enterprise)
        application = self.bundle.offerings.get(layer=Layer.APPLICATION)
        for month in (OCTOBER, NOVEMBER):
            providers.capacity(application, meter=Meter.CALLS, month=month, total_units=10_000)

    def asked(self) -> Quote:
        return quotes.ask(by=self.by, need=self.need, bundle=self.bundle, at=NOW)

    def reserved(self) -> Quote:
        return quotes.reserve(by=self.by, quote=self.asked(), at=NOW)

    def accept(self, quote: Quote, **values: object) -> Order:
        given = {
            "contract_version": CONTRACT_VERSION,
            "own_fen": quote.monthly_own_fen,
            "at": LATER,
        }
        return quotes.accept(by=self.by, quote=quote, **{**given, **values})  # type: ignore[arg-type]

    @property
    def taken(self) -> list[int]:
        rows = Capacity.objects.order_by("month")
        return list(rows.values_list("reserved_units", flat=True))

    @property
    def held_fen(self) -> int:
        return wallets.entry(voucher=self.voucher).held_fen


def broken() -> list[str]:
    """Names of the invariants of ledger and vouchers that do not hold."""
    found = []
    for name, query in {**ledger.QUERIES, **vouchers.QUERIES}.items():
        with connection.cursor() as cursor:
            cursor.execute(query.sql)
            if cursor.fetchall():
                found.append(name)
    return found


def test_asking_states_a_price_for_seven_days_and_holds_nothing() -> None:
    shop = Shop()

    quote = shop.asked()

    # 20 + 16 + 40 yuan; the voucher covers compute and platform and application alike: 30 percent
    assert quote.monthly_price_fen == 7600
    assert quote.monthly_voucher_fen + quote.monthly_own_fen == 7600
    assert quote.monthly_voucher_fen > 0
    assert (quote.status, quote.valid_until) == ("open", NOW + timedelta(days=7))
    assert (shop.taken, shop.held_fen, CapacityHold.objects.count()) == ([0, 0], 0, 0)


def test_asking_again_answers_with_the_same_quote_until_the_price_moves() -> None:
    shop = Shop()
    first = shop.asked()

    again = shop.asked()
    Rate.objects.filter(meter=Meter.CALLS).update(price_yuan="0.005")
    dearer = shop.asked()

    assert again == first
    assert (dearer.pk != first.pk, dearer.monthly_price_fen) == (True, 8600)


def test_asking_with_another_share_than_was_shown_is_refused() -> None:
    shop = Shop()

    with pytest.raises(judging.PriceChanged):
        quotes.ask(by=shop.by, need=shop.need, bundle=shop.bundle, at=NOW, own_fen=1)

    assert not Quote.objects.exists()


def test_reserving_holds_capacity_and_what_vouchers_would_pay() -> None:
    shop = Shop()

    quote = shop.reserved()

    assert (quote.status, quote.reserved_until) == ("reserved", NOW + timedelta(hours=72))
    assert shop.taken == [10_000, 10_000]
    assert shop.held_fen == quote.held_fen == quote.monthly_voucher_fen
    assert not Subscription.objects.exists()
    assert not Order.objects.exists()


def test_what_is_reserved_is_not_there_for_others() -> None:
    shop = Shop()
    shop.reserved()
    other = marketplace.need(scene=shop.need.scenario)

    with pytest.raises(judging.AboveCapacity):
        quotes.ask(by=buyer(other), need=other, bundle=shop.bundle, at=NOW)
    with pytest.raises(judging.AboveCapacity):
        orders.place(by=buyer(other), need=other, bundle=shop.bundle, at=NOW)


def test_accepting_starts_the_subscriptions_and_leaves_no_hold() -> None:
    shop = Shop()
    quote = shop.reserved()

    order = shop.accept(quote, own_number=" 采购-2026-7 ")

    quote.refresh_from_db()
    assert (quote.status, order.status, order.own_number) == ("ordered", "active", "采购-2026-7")
    assert order.monthly_own_fen == quote.monthly_own_fen
    assert Subscription.objects.filter(reference=order.code).count() == 2
    assert (shop.taken, shop.held_fen) == ([10_000, 10_000], 0)
    assert (CapacityHold.objects.count(), Reservation.objects.count()) == (0, 2)
    assert broken() == []


def test_accepting_twice_answers_with_the_same_order() -> None:
    shop = Shop()
    quote = shop.reserved()

    assert shop.accept(quote) == shop.accept(quote)

    assert (Order.objects.count(), Subscription.objects.count()) == (1, 2)


def test_accepting_at_another_price_asks_again_and_keeps_the_reservation() -> None:
    shop = Shop()
    quote = shop.reserved()
    Rate.objects.filter(meter=Meter.CALLS).update(price_yuan="0.005")

    with pytest.raises(judging.PriceChanged):
        shop.accept(quote)

    quote.refresh_from_db()
    assert (quote.status, quote.monthly_price_fen) == ("reserved", 8600)
    assert shop.taken == [10_000, 10_000]
    assert shop.held_fen == quote.held_fen
    assert shop.accept(quote).monthly_price_fen == 8600


def test_reserving_at_another_price_asks_again() -> None:
    shop = Shop()
    quote = shop.asked()
    Rate.objects.filter(meter=Meter.CALLS).update(price_yuan="0.005")

    with pytest.raises(judging.PriceChanged):
        quotes.reserve(by=shop.by, quote=quote, at=NOW)

    quote.refresh_from_db()
    assert (quote.status, quote.monthly_price_fen, shop.taken) == ("open", 8600, [0, 0])
    assert quotes.reserve(by=shop.by, quote=quote, at=NOW).status == "reserved"


def test_accepting_an_old_text_is_refused() -> None:
    shop = Shop()
    quote = shop.reserved()

    with pytest.raises(quotes.ContractChanged):
        shop.accept(quote, contract_version=CONTRACT_VERSION - 1)

    assert not Order.objects.exists()


def test_the_clock_gives_all_back_once() -> None:
    shop = Shop()
    quote = shop.reserved()
    end = quote.reserved_until
    assert end is not None

    assert quotes.lapse_due(at=end - timedelta(seconds=1)) == 0
    with pytest.raises(quotes.QuoteLapsed):
        shop.accept(quote, at=end)
    assert quotes.lapse_due(at=end) == 1
    assert quotes.lapse_due(at=end) == 0

    quote.refresh_from_db()
    assert (quote.status, shop.taken, shop.held_fen) == ("lapsed", [0, 0], 0)
    with pytest.raises(quotes.QuoteLapsed):
        shop.accept(quote, at=end)
    assert broken() == []


def test_an_open_quote_lapses_after_seven_days() -> None:
    shop = Shop()
    quote = shop.asked()

    with pytest.raises(quotes.QuoteLapsed):
        quotes.reserve(by=shop.by, quote=quote, at=quote.valid_until)

    assert quotes.lapse_due(at=quote.valid_until) == 1
    assert shop.asked() != quote


def test_withdrawing_gives_all_back_and_the_need_can_be_reserved_again() -> None:
    shop = Shop()
    quote = shop.reserved()

    quotes.withdraw(by=shop.by, quote=quote, at=LATER)
    quotes.withdraw(by=shop.by, quote=quote, at=LATER)

    assert (shop.taken, shop.held_fen) == ([0, 0], 0)
    with pytest.raises(WrongState):
        shop.accept(quote)
    assert shop.reserved().status == "reserved"
    assert shop.taken == [10_000, 10_000]


def test_another_bundle_is_not_reserved_for_the_same_need() -> None:
    shop = Shop()
    other = marketplace.bundle(scenes=[shop.need.scenario])
    second = quotes.ask(by=shop.by, need=shop.need, bundle=other, at=NOW)
    shop.reserved()

    with pytest.raises(quotes.AnotherReserved):
        quotes.reserve(by=shop.by, quote=second, at=NOW)
    with pytest.raises(quotes.AnotherReserved):
        quotes.ask(by=shop.by, need=shop.need, bundle=other, at=NOW)


def test_placing_at_once_takes_over_what_was_reserved() -> None:
    shop = Shop()
    quote = shop.reserved()

    orders.place(by=shop.by, need=shop.need, bundle=shop.bundle, at=LATER)

    quote.refresh_from_db()
    assert (quote.status, shop.taken, shop.held_fen) == ("ordered", [10_000, 10_000], 0)


def test_placing_another_bundle_gives_back_what_was_reserved() -> None:
    shop = Shop()
    other = marketplace.bundle(scenes=[shop.need.scenario])
    quote = shop.reserved()

    orders.place(by=shop.by, need=shop.need, bundle=other, at=LATER)

    quote.refresh_from_db()
    assert (quote.status, shop.taken, shop.held_fen) == ("withdrawn", [0, 0], 0)


def test_a_voucher_worth_less_is_held_as_far_as_it_reaches() -> None:
    shop = Shop()
    quote = shop.reserved()
    second = marketplace.need(shop.need.enterprise, shop.need.scenario, monthly_volume=1)

    other = marketplace.bundle(scenes=[shop.need.scenario])

    found = quotes.ask(by=shop.by, need=second, bundle=other, at=NOW)

    left = wallets.entry(voucher=shop.voucher).available_fen
    assert left == shop.voucher.face_fen - quote.held_fen
    assert found.monthly_voucher_fen <= left


@pytest.mark.parametrize("role", [Role.PREPARER, Role.VIEWER])
def test_reserving_accepting_and_withdrawing_need_the_signatory(role: str) -> None:
    shop = Shop()
    quote = shop.asked()
    shop.by = accounts.member(shop.need.enterprise, role)

    with pytest.raises(Forbidden):
        quotes.reserve(by=shop.by, quote=quote, at=NOW)
    with pytest.raises(Forbidden):
        shop.accept(quote)
    with pytest.raises(Forbidden):
        quotes.withdraw(by=shop.by, quote=quote, at=NOW)


def test_strangers_get_nowhere() -> None:
    shop = Shop()
    quote = shop.asked()
    stranger = accounts.signatory()

    assert not Quote.objects.visible_to(stranger).exists()
    with pytest.raises(Forbidden):
        quotes.ask(by=stranger, need=shop.need, bundle=shop.bundle, at=NOW)
    with pytest.raises(Forbidden):
        quotes.reserve(by=stranger, quote=quote, at=NOW)
