"""What a match promises is what billing charges for the same usage.

With one voucher the promise holds whichever subscription is rated first. Of several vouchers with
different shares one may run dry within the month; then it matters who comes first, and the promise
is the one for the order of the offerings.
"""

from datetime import date
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Organization
from marketplace.matching.actions import matches
from marketplace.models import Order, Scenario
from marketplace.orders.actions import orders
from providers.models import Subscription
from tests.factories import accounts, grants, marketplace, providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from vouchers.billing.actions.charging import rating
from vouchers.billing.models import Bill

pytestmark = pytest.mark.django_db

PRICES = st.decimals(min_value="0.0001", max_value="9", places=4).map(str)
UNITS = st.integers(1, 900)
OCTOBER = date(2026, 10, 1)
TOKENS = ["input_tokens", "output_tokens", "cached_tokens"]


def narrowed(meters: list[str]) -> dict[str, Any]:
    """A scheme that pays for offerings that bill nothing but those meters."""
    return {**metered.RULES, "covers": {"meters": metered.sourced(meters)}}


def capped(limit_yuan: str, *per: str) -> dict[str, Any]:
    """A scheme that caps what is redeemed: of each bill, or of each firm in a year."""
    cap = {"id": "paid", "limit": limit_yuan, "per": list(per), "counts": "redeemed"}
    return {**metered.RULES, "caps": [{**cap, "source": "main", "article": "1"}]}


SCHEMES = [
    metered.RULES,
    narrowed(TOKENS),
    narrowed(TOKENS[:2]),
    capped("3.21", "applicant", "year"),
    capped("300"),
    capped("300", "applicant", "month"),
]


def chain(scene: Scenario, prices: list[str], *, is_published: bool) -> None:
    """Card time, tokens and calls of one provider, at those prices for a thousand units.

    As a published bundle, or only as offerings of which the platform may compose one.
    """
    owner = providers.provider(accounts.organization("provider"))
    compute = providers.offering(owner, layer="compute", facility=providers.facility(owner))
    platform = providers.offering(owner, layer="platform")
    application = providers.offering(owner, layer="application")
    sold = [
        (compute, "card_seconds"),
        (platform, "input_tokens"),
        (platform, "output_tokens"),
        (platform, "cached_tokens"),
        (application, "calls"),
    ]
    for (offering, meter), price in zip(sold, prices, strict=True):
        providers.rate(offering, meter, price, 1000)
    if is_published:
        marketplace.bundle(owner, [compute, platform, application], [scene])
    else:
        for offering in (compute, platform, application):
            marketplace.terms(offering, [scene])


def fund(firm: Organization, faces: list[tuple[int, dict[str, Any], int, int]]) -> None:
    """Vouchers of those faces and schemes, each with its own share."""
    for face_fen, rules, numerator, denominator in faces:
        plan = grants.scheme(rules=rules)
        grants.voucher(
            firm, plan, face_fen, share_numerator=numerator, share_denominator=denominator
        )


def _rate(order: Order, *, in_turn: bool) -> None:
    """By the tick, or each subscription in the order of the offerings."""
    if not in_turn:
        assert rating.tick(at=NOW).failed == 0
        return
    for subscription in Subscription.objects.filter(reference=order.code).order_by("offering_id"):
        rating.rate(subscription=subscription, month=OCTOBER, at=NOW)


@given(
    prices=st.lists(PRICES, min_size=5, max_size=5),
    coefficients=st.fixed_dictionaries(
        {"card_seconds": UNITS, "input_tokens": UNITS, "output_tokens": UNITS, "calls": UNITS}
    ),
    volume=st.integers(1, 5000),
    faces=st.lists(
        st.tuples(
            st.integers(1, 400_000), st.sampled_from(SCHEMES), st.integers(1, 9), st.integers(9, 11)
        ),
        max_size=3,
    ),
    is_published=st.booleans(),
)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_price_and_voucher_share_of_a_match_equal_what_is_billed(
    prices: list[str],
    coefficients: dict[str, int],
    volume: int,
    faces: list[tuple[int, dict[str, Any], int, int]],
    is_published: bool,
) -> None:
    with transaction.atomic():
        firm = accounts.organization()
        fund(firm, faces)
        scene = marketplace.scenario(coefficients=coefficients)
        chain(scene, prices, is_published=is_published)
        need = marketplace.need(firm, scene, monthly_volume=volume, monthly_budget_fen=10**12)
        by = accounts.signatory(firm)
        (match,) = matches.compute(by=by, need=need, at=NOW)
        promised = (match.price_fen, match.voucher_fen, match.own_fen)

        order = orders.place(by=by, need=need, bundle=match.bundle, at=NOW.replace(day=2))
        grants.funds(firm, 10**12)
        for subscription in Subscription.objects.filter(reference=order.code):
            metered.use(subscription, quantities=subscription.monthly_units)
        _rate(order, in_turn=len(faces) > 1)

        bills = Bill.objects.filter(enterprise=firm, month=OCTOBER)
        assert not any(bill.receivable_fen for bill in bills)
        assert promised == (
            sum(bill.total_fen for bill in bills),
            sum(bill.voucher_fen for bill in bills),
            sum(bill.own_fen for bill in bills),
        )
        assert promised[0] == order.monthly_price_fen
        transaction.set_rollback(True)  # the next example starts afresh
