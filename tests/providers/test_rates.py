"""Price lists: exact, by day, and never edited once begun."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.access import Actor
from accounts.models import Role
from common.errors import Forbidden
from common.periods import local_day
from providers.actions import rates
from providers.models import Meter, Offering, OfferingStatus, Rate
from providers.rules.prices import PriceTier
from tests.factories import accounts, providers
from tests.factories.accounts import NOW

pytestmark = pytest.mark.django_db
TODAY = local_day(NOW)


@pytest.fixture
def draft() -> Offering:
    return providers.offering()


@pytest.fixture
def operator(draft: Offering) -> Actor:
    return accounts.member(draft.provider.organization, Role.OPERATOR)


def set_price(by: Actor, offering: Offering, price: str = "2.00", **values: object) -> Rate:
    fields = {
        "meter": Meter.INPUT_TOKENS,
        "price_yuan": Decimal(price),
        "per_units": 1_000_000,
        "from_day": TODAY,
        **values,
    }
    return rates.set_price(by=by, offering=offering, at=NOW, **fields)  # type: ignore[arg-type]


def price_on(offering: Offering, day: date) -> list[Decimal]:
    return list(offering.rates.in_force_on(day).values_list("price_yuan", flat=True))


def test_first_price_begins_today(operator: Actor, draft: Offering) -> None:
    set_price(operator, draft)

    assert price_on(draft, TODAY) == [Decimal(2)]
    assert price_on(draft, TODAY - timedelta(days=1)) == []


def test_new_price_ends_the_old_one_on_its_day(operator: Actor, draft: Offering) -> None:
    set_price(operator, draft, "2.00")
    later = TODAY + timedelta(days=10)

    set_price(operator, draft, "1.50", from_day=later)

    assert price_on(draft, later - timedelta(days=1)) == [Decimal("2.00")]
    assert price_on(draft, later) == [Decimal("1.50")]


def test_price_from_yesterday_refused(operator: Actor, draft: Offering) -> None:
    with pytest.raises(rates.PriceInPast):
        set_price(operator, draft, from_day=TODAY - timedelta(days=1))


def test_price_of_today_not_replaced_today(operator: Actor, draft: Offering) -> None:
    providers.rate(draft, price_yuan="2.00")

    with pytest.raises(rates.PriceInPast) as refusal:
        set_price(operator, draft, "9.99", from_day=TODAY)

    assert "from_day" in refusal.value.errors
    assert price_on(draft, TODAY) == [Decimal("2.00")]


@pytest.mark.parametrize("days", [10, 11])
def test_price_before_an_announced_one_refused(operator: Actor, draft: Offering, days: int) -> None:
    set_price(operator, draft, "2.00")
    set_price(operator, draft, "1.50", from_day=TODAY + timedelta(days=11))

    with pytest.raises(rates.PriceOverlaps):
        set_price(operator, draft, "1.80", from_day=TODAY + timedelta(days=days))

    assert Rate.objects.filter(offering=draft).count() == 2


def test_overlap_stopped_by_database_too(draft: Offering) -> None:
    providers.rate(draft)

    with pytest.raises(IntegrityError), transaction.atomic():
        providers.rate(draft)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"price_yuan": Decimal("NaN")}, "price_not_a_number"),
        ({"price_yuan": Decimal("sNaN")}, "price_not_a_number"),
        ({"price_yuan": Decimal("Infinity")}, "price_not_a_number"),
        ({"price_yuan": Decimal("-0.01")}, "price_negative"),
        ({"price_yuan": Decimal("0.00000000001")}, "price_too_fine"),
        ({"price_yuan": Decimal("1e10")}, "price_too_large"),
        ({"per_units": 0}, "price_without_unit"),
        ({"per_units": -5}, "price_without_unit"),
        ({"meter": "joules"}, "price_without_unit"),
    ],
)
def test_impossible_price_refused_with_code(
    operator: Actor, draft: Offering, values: dict[str, Any], code: str
) -> None:
    with pytest.raises(rates.InvalidPrice) as refusal:
        set_price(operator, draft, **values)

    assert refusal.value.code == code
    assert refusal.value.errors
    assert not Rate.objects.exists()


def set_tiers(by: Actor, offering: Offering, *tiers: PriceTier, **values: object) -> list[Rate]:
    fields = {
        "meter": Meter.INPUT_TOKENS,
        "per_units": 1_000_000,
        "from_day": TODAY,
        "tiers": tiers,
        **values,
    }
    return rates.set_prices(by=by, offering=offering, at=NOW, **fields)  # type: ignore[arg-type]


TWO = Decimal(2)


def test_tiers_all_begin_and_the_old_list_ends_whole(operator: Actor, draft: Offering) -> None:
    set_tiers(
        operator,
        draft,
        PriceTier(TWO),
        PriceTier(Decimal("1.5"), volume_from=10_000_000),
        PriceTier(Decimal(6), context_from=256_000),
        minimum_fen=500,
    )
    later = TODAY + timedelta(days=3)

    set_price(operator, draft, "1.80", from_day=later)

    stated = draft.rates.in_force_on(TODAY).order_by("context_from", "volume_from")
    assert list(stated.values_list("price_yuan", "volume_from", "minimum_fen")) == [
        (TWO, 0, 500),
        (Decimal("1.5"), 10_000_000, 0),
        (Decimal(6), 0, 0),
    ]
    assert {rate.last_day for rate in stated} == {later - timedelta(days=1)}
    assert price_on(draft, later) == [Decimal("1.80")]


@pytest.mark.parametrize(
    ("tiers", "values"),
    [
        ([], {}),
        ([PriceTier(TWO, volume_from=5)], {}),
        ([PriceTier(TWO), PriceTier(TWO, context_from=256_000, volume_from=5)], {}),
        ([PriceTier(TWO), PriceTier(Decimal(1))], {}),
        ([PriceTier(TWO), PriceTier(TWO, volume_from=-1)], {}),
        ([PriceTier(TWO), PriceTier(TWO, volume_from=10**16)], {}),
        ([PriceTier(TWO, volume_from=step) for step in range(51)], {}),
        ([PriceTier(TWO), PriceTier(TWO, context_from=9)], {"meter": Meter.CARD_SECONDS}),
        ([PriceTier(TWO)], {"minimum_fen": -1}),
        ([PriceTier(TWO)], {"minimum_fen": 10**16}),
        ([PriceTier(TWO), PriceTier(Decimal("NaN"), volume_from=5)], {}),
    ],
)
def test_tiers_that_do_not_price_every_unit_once_refused(
    operator: Actor, draft: Offering, tiers: list[PriceTier], values: dict[str, Any]
) -> None:
    with pytest.raises(rates.InvalidPrice) as refusal:
        set_tiers(operator, draft, *tiers, **values)

    assert refusal.value.errors
    assert not Rate.objects.exists()


def test_retired_offering_not_priced(operator: Actor, draft: Offering) -> None:
    Offering.objects.filter(pk=draft.pk).update(status=OfferingStatus.RETIRED)

    with pytest.raises(rates.OfferingRetired):
        set_price(operator, draft)


def test_price_three_people(draft: Offering) -> None:
    colleague = accounts.member(draft.provider.organization, Role.PROVIDER_FINANCE)
    stranger = accounts.member(providers.provider().organization, Role.OPERATOR)

    for by in (colleague, stranger, accounts.signatory(), accounts.officer()):
        with pytest.raises(Forbidden):
            set_price(by, draft)


@given(days=st.lists(st.integers(min_value=-3, max_value=40), min_size=1, max_size=8))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_sequence_leaves_one_price_a_day(
    operator: Actor, draft: Offering, days: list[int]
) -> None:
    with transaction.atomic():
        for number, day in enumerate(days):
            try:
                set_price(operator, draft, str(number), from_day=TODAY + timedelta(days=day))
            except (rates.PriceInPast, rates.PriceOverlaps):
                continue
        first = Rate.objects.filter(offering=draft).order_by("effective").first()
        begins = first.effective.lower if first else TODAY
        counts = {len(price_on(draft, begins + timedelta(days=day))) for day in range(60)}
        transaction.set_rollback(True)

    assert counts == ({1} if first else {0})
