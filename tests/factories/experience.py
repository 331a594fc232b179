"""Dull orders that were used: rollups and bills straight into the tables."""

from datetime import date, datetime, timedelta

from accounts.models import Organization
from common.periods import local_day, month_start
from marketplace.experience.actions import ratings
from marketplace.models import Bundle, Need, Order, Rating, Scenario
from marketplace.orders.actions import orders
from providers.models import Layer, Meter, Offering, Subscription
from tests.factories import accounts, billing, marketplace, providers
from tests.factories.accounts import NOW
from vouchers.billing.models import BillLine, UsageRollup

ORDERED = NOW - timedelta(days=50)


def seller(name: str = "赵六") -> Offering:
    """An application at 0.004 yuan a call, of a provider with a legal representative of its own."""
    owner = providers.provider(accounts.organization("provider", legal_person=name))
    application = providers.offering(owner, layer=Layer.APPLICATION)
    providers.rate(application, Meter.CALLS, "0.004", 1)
    return application


def bundle(scene: Scenario | None = None, offered: Offering | None = None) -> Bundle:
    """A bundle of one application, for a scenario that needs one call a picture."""
    application = offered or seller()
    scenario = scene or marketplace.scenario(coefficients={"calls": 1})
    return marketplace.bundle(application.provider, [application], [scenario])


def order(
    bought: Bundle | None = None, firm: Organization | None = None, at: datetime = ORDERED
) -> Order:
    """Ten thousand pictures a month, ordered fifty days ago: 40 yuan a month."""
    chosen = bought or bundle()
    scene = chosen.scenarios.get()
    need: Need = marketplace.need(enterprise=firm, scene=scene)
    by = accounts.signatory(need.enterprise)
    return orders.place(by=by, need=need, bundle=chosen, at=at)


def used(ordered: Order, *days: date, quantity: int = 100) -> Subscription:
    """Calls on each of the days, as rollups."""
    subscription = Subscription.objects.get(reference=ordered.code)
    for day in days:
        UsageRollup.objects.create(
            subscription=subscription,
            month=month_start(day),
            meter=Meter.CALLS,
            day=day,
            quantity=quantity,
            events=1,
        )
    return subscription


def used_long(ordered: Order) -> Subscription:
    """Calls on the day of ordering and thirty days later."""
    first = local_day(ordered.placed_at)
    return used(ordered, first, first + timedelta(days=30))


def billed(ordered: Order, units: int, amount_fen: int) -> None:
    """A bill of September with one line for so many calls."""
    subscription = Subscription.objects.get(reference=ordered.code)
    made = billing.bill(subscription, amount_fen)
    rate = subscription.offering.rates.get()
    BillLine.objects.create(
        bill=made, rate=rate, origin=made.month, meter=Meter.CALLS, quantity=units,
        amount_fen=amount_fen,
    )  # fmt: skip


def rated(ordered: Order, stars: int = 5, *, is_reached: bool = True) -> Rating:
    """A rating by the firm's signatory, after long use."""
    used_long(ordered)
    return ratings.rate(
        by=accounts.signatory(ordered.enterprise),
        order=ordered,
        stars=stars,
        is_outcome_reached=is_reached,
        words="",
        at=NOW,
    )
