"""Capacity by month: never below what is reserved, never above what a facility can deliver."""

from datetime import date

import pytest

from accounts.access import Actor
from accounts.models import Event, Role
from common.errors import Forbidden
from providers.actions import capacities, subscriptions
from providers.models import Capacity, Meter, Offering, Reservation
from tests.factories import accounts, providers
from tests.factories.accounts import NOW

from .test_kinds import BOUNDS, FULL

pytestmark = pytest.mark.django_db
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
OCTOBER_SECONDS = 31 * 24 * 3600


@pytest.fixture
def cards() -> Offering:
    owner = providers.provider()
    hall = providers.facility(owner, spec={"cards": 8})
    return providers.offering(owner, facility=hall, layer="compute")


@pytest.fixture
def operator(cards: Offering) -> Actor:
    return accounts.member(cards.provider.organization, Role.OPERATOR)


def declare(by: Actor, offering: Offering, units: int, **values: object) -> Capacity:
    fields = {"meter": Meter.CARD_SECONDS, "month": OCTOBER, "total_units": units, **values}
    return capacities.declare(by=by, offering=offering, at=NOW, **fields)  # type: ignore[arg-type]


def subscribe(offering: Offering, units: int) -> None:
    signatory = accounts.signatory()
    subscriptions.start(
        by=signatory,
        enterprise=signatory.own(),
        offering=offering,
        reference=f"OD-{signatory.own().code}"[:40],
        units_per_month={Meter.CARD_SECONDS: units},
        at=NOW,
    )


def test_declare_then_correct(operator: Actor, cards: Offering) -> None:
    declare(operator, cards, 1000)

    declare(operator, cards, 2000, month=date(2026, 10, 17))

    row = Capacity.objects.get()
    assert (row.month, row.total_units, row.left_units) == (OCTOBER, 2000, 2000)


def test_declare_up_to_the_physical_bound(operator: Actor, cards: Offering) -> None:
    most = 8 * OCTOBER_SECONDS

    assert declare(operator, cards, most).total_units == most
    with pytest.raises(capacities.AbovePhysicalBound):
        declare(operator, cards, most + 1)


@pytest.mark.parametrize(("kind", "meter"), [(k, m) for k in BOUNDS for m in BOUNDS[k]])
def test_declare_at_the_bound_of_each_kind_and_one_unit_above(kind: str, meter: str) -> None:
    owner = providers.provider()
    place = providers.facility(owner, kind=kind, spec=FULL[kind])
    offered = providers.offering(owner, facility=place, layer="compute")
    operator = accounts.member(owner.organization, Role.OPERATOR)
    hours = 8 if kind == "idle_capacity" else 24
    most = BOUNDS[kind][meter] * 31 * hours * 3600

    with pytest.raises(capacities.AbovePhysicalBound) as refusal:
        declare(operator, offered, most + 1, meter=meter)
    made = declare(operator, offered, most, meter=meter)

    assert refusal.value.code == "above_physical_bound"
    assert made.total_units == most


def test_declare_a_meter_that_the_kind_does_not_deliver_refused() -> None:
    owner = providers.provider()
    place = providers.facility(owner, kind="storage_center", spec=FULL["storage_center"])
    offered = providers.offering(owner, facility=place, layer="storage")

    with pytest.raises(capacities.InvalidCapacity) as refusal:
        declare(accounts.member(owner.organization, Role.OPERATOR), offered, 1)

    assert set(refusal.value.errors) == {"meter"}


def test_declare_shares_the_facility_with_other_offerings(operator: Actor, cards: Offering) -> None:
    sibling = providers.offering(cards.provider, facility=cards.facility, layer="compute")
    declare(operator, sibling, 7 * OCTOBER_SECONDS)

    with pytest.raises(capacities.AbovePhysicalBound):
        declare(operator, cards, 2 * OCTOBER_SECONDS)

    assert declare(operator, cards, OCTOBER_SECONDS).total_units == OCTOBER_SECONDS


def test_declare_unbounded_meter_without_limit(operator: Actor, cards: Offering) -> None:
    assert declare(operator, cards, 10**15, meter=Meter.CALLS).total_units == 10**15


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"total_units": -1}, "total_units"),
        ({"total_units": True}, "total_units"),
        ({"total_units": 2**63}, "total_units"),
        ({"meter": "joules"}, "meter"),
        ({"month": date(2026, 9, 1)}, "month"),
    ],
)
def test_declare_impossible_refused(
    operator: Actor, cards: Offering, values: dict[str, object], field: str
) -> None:
    with pytest.raises(capacities.InvalidCapacity) as refusal:
        declare(operator, cards, **{"units": 5, **values})  # type: ignore[arg-type]

    assert set(refusal.value.errors) == {field}


def test_declare_below_reserved_refused(operator: Actor, cards: Offering) -> None:
    declare(operator, cards, 1000)
    subscribe(cards, 600)

    with pytest.raises(capacities.BelowReserved):
        declare(operator, cards, 599)

    assert declare(operator, cards, 600).left_units == 0


def test_new_month_holds_what_running_subscriptions_need(operator: Actor, cards: Offering) -> None:
    declare(operator, cards, 1000)
    subscribe(cards, 600)
    subscribe(cards, 300)

    with pytest.raises(capacities.BelowReserved):
        declare(operator, cards, 899, month=NOVEMBER)
    row = declare(operator, cards, 1000, month=NOVEMBER)

    assert row.left_units == 100
    assert sorted(Reservation.objects.filter(capacity=row).values_list("units", flat=True)) == [
        300,
        600,
    ]


def test_declare_three_people(cards: Offering) -> None:
    colleague = accounts.member(cards.provider.organization, Role.VIEWER)
    stranger = accounts.member(providers.provider().organization, Role.OPERATOR)

    for by in (colleague, stranger, accounts.officer()):
        with pytest.raises(Forbidden):
            declare(by, cards, 5)


def test_declare_each_opens_new_months_and_corrects_known_ones(
    operator: Actor, cards: Offering
) -> None:
    declare(operator, cards, 1000)
    subscribe(cards, 400)
    wanted = {NOVEMBER: 500, OCTOBER: 2000}

    made = capacities.declare_each(
        by=operator, offering=cards, meter=Meter.CARD_SECONDS, units_by_month=wanted, at=NOW
    )

    assert [(row.month, row.total_units, row.reserved_units) for row in made] == [
        (OCTOBER, 2000, 400),
        (NOVEMBER, 500, 400),
    ]
    assert Reservation.objects.count() == 2
    told = Event.objects.filter(verb="capacity.declared").order_by("pk")
    assert [event.data["month"] for event in told] == ["2026-10-01", "2026-10-01", "2026-11-01"]


def test_declare_each_with_one_refused_month_writes_nothing(
    operator: Actor, cards: Offering
) -> None:
    most = 8 * 30 * 24 * 3600  # what eight cards deliver in November, a day less than October
    wanted = {OCTOBER: most + 1, NOVEMBER: most + 1}

    with pytest.raises(capacities.AbovePhysicalBound):
        capacities.declare_each(
            by=operator, offering=cards, meter=Meter.CARD_SECONDS, units_by_month=wanted, at=NOW
        )

    assert not Capacity.objects.exists()
    assert not Event.objects.filter(verb="capacity.declared").exists()
