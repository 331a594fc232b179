"""Windows of idle machines: dated, apart, within what is stated; offered and metered inside only."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.access import Actor
from accounts.models import Role
from common.errors import Forbidden
from providers.actions import idle_windows, subscriptions
from providers.models import Facility, IdleWindow, Meter, Offering
from providers.rules import windows
from tests.factories import accounts, providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from vouchers.billing.actions.metering import usage
from vouchers.billing.rules.events import Refusal

pytestmark = pytest.mark.django_db
EVENING = datetime(2026, 10, 12, 12, 0, tzinfo=UTC)
"""20:00 on the 12th in Asia/Shanghai."""
MORNING = EVENING + timedelta(hours=12)


@pytest.fixture
def facility() -> Facility:
    return providers.idle_facility()


@pytest.fixture
def operator(facility: Facility) -> Actor:
    return accounts.member(facility.provider.organization, Role.OPERATOR)


def opened(by: Actor, facility: Facility, days: int = 1) -> list[IdleWindow]:
    return idle_windows.open_daily(
        by=by, facility=facility, starts_at=EVENING, ends_at=MORNING, days=days, at=NOW
    )


def test_open_daily_makes_a_window_for_each_night(facility: Facility, operator: Actor) -> None:
    made = opened(operator, facility, days=3)

    assert [row.span.lower.day for row in made] == [12, 13, 14]
    assert windows.seconds_by_day(idle_windows.spans_of(made)) == {
        date(2026, 10, 12): 4 * 3600,
        date(2026, 10, 13): 12 * 3600,
        date(2026, 10, 14): 12 * 3600,
        date(2026, 10, 15): 8 * 3600,
    }
    october = date(2026, 10, 1)
    assert idle_windows.seconds_in_month(facility=facility, month=october) == 36 * 3600


def test_open_daily_over_the_end_of_a_month_counts_in_both(
    facility: Facility, operator: Actor
) -> None:
    late = EVENING + timedelta(days=19)  # 20:00 on the 31st
    idle_windows.open_daily(
        by=operator, facility=facility, starts_at=late, ends_at=late + timedelta(hours=12), at=NOW
    )

    found = [
        idle_windows.seconds_in_month(facility=facility, month=date(2026, month, 1))
        for month in (10, 11)
    ]
    assert found == [4 * 3600, 8 * 3600]


def test_open_daily_overlapping_is_refused_whole(facility: Facility, operator: Actor) -> None:
    opened(operator, facility)

    with pytest.raises(idle_windows.WindowOverlaps) as refusal:
        idle_windows.open_daily(
            by=operator,
            facility=facility,
            starts_at=EVENING - timedelta(days=1, hours=-6),
            ends_at=MORNING - timedelta(days=1, hours=-6),
            days=2,
            at=NOW,
        )

    assert refusal.value.code == "window_overlaps"
    assert IdleWindow.objects.count() == 1


def test_overlapping_windows_are_refused_by_the_database(facility: Facility) -> None:
    values = {"facility": facility, "opened_at": NOW, "opened_by": accounts.user()}
    IdleWindow.objects.create(code="A", span=DateTimeTZRange(EVENING, MORNING), **values)
    IdleWindow.objects.create(
        code="B", span=DateTimeTZRange(MORNING, MORNING + timedelta(hours=1)), **values
    )

    with (
        pytest.raises(IntegrityError, match="providers_idlewindow_no_overlap"),
        transaction.atomic(),
    ):
        IdleWindow.objects.create(
            code="C", span=DateTimeTZRange(MORNING - timedelta(seconds=1), MORNING), **values
        )


@pytest.mark.parametrize(
    ("starts", "hours", "days"),
    [
        (EVENING, -1, 1),  # backwards
        (EVENING - timedelta(days=9), 12, 1),  # over
        (EVENING, 13, 2),  # 13 of 12 idle hours on the 13th
        (EVENING + timedelta(days=80), 12, 1),  # beyond the last day stated
        (EVENING, 12, 0),
        (EVENING, 12, 367),
    ],
)
def test_impossible_windows_are_refused(
    facility: Facility, operator: Actor, starts: datetime, hours: int, days: int
) -> None:
    with pytest.raises(idle_windows.InvalidWindow):
        idle_windows.open_daily(
            by=operator,
            facility=facility,
            starts_at=starts,
            ends_at=starts + timedelta(hours=hours),
            days=days,
            at=NOW,
        )


def test_windows_of_another_kind_or_provider_are_refused(operator: Actor) -> None:
    with pytest.raises(Forbidden):
        opened(operator, providers.idle_facility())
    center = providers.facility()
    other = accounts.member(center.provider.organization, Role.OPERATOR)
    with pytest.raises(idle_windows.NotIdleCapacity):
        opened(other, center)


def test_withdraw_is_possible_until_just_before(facility: Facility, operator: Actor) -> None:
    [window] = opened(operator, facility)

    with pytest.raises(idle_windows.WindowBegan):
        idle_windows.withdraw(by=operator, window=window, at=EVENING - timedelta(minutes=10))
    early = EVENING - timedelta(minutes=11)
    for _time in range(2):
        assert idle_windows.withdraw(by=operator, window=window, at=early).withdrawn_at == early

    opened(operator, facility)  # the same hours are free again


def idle_offering(facility: Facility) -> Offering:
    made = providers.offering(facility.provider, facility=facility, layer="compute")
    providers.rate(made, Meter.CARD_SECONDS, "6.00", 3600)
    return made


def test_idle_machines_are_offered_while_a_window_stands(
    facility: Facility, operator: Actor
) -> None:
    made = idle_offering(facility)
    other = providers.token_offering(facility.provider)
    assert list(Offering.objects.offered_at(NOW)) == [other]
    buyer = accounts.signatory()

    def start(at: datetime) -> object:
        return subscriptions.start(
            by=buyer,
            enterprise=buyer.own(),
            offering=made,
            reference="OD-1",
            units_per_month={},
            at=at,
        )

    with pytest.raises(subscriptions.OutsideWindow):
        start(NOW)
    opened(operator, facility)

    assert set(Offering.objects.offered_at(NOW)) == {made, other}
    assert list(Offering.objects.offered_at(MORNING)) == [other]
    with pytest.raises(subscriptions.OutsideWindow):
        start(MORNING)
    assert start(NOW)


def test_usage_outside_a_window_is_refused_with_a_code(facility: Facility, operator: Actor) -> None:
    contract = providers.subscription(offered=idle_offering(facility))
    opened(operator, facility)
    meter = metered.operator(facility.provider)
    moments = [
        EVENING - timedelta(seconds=1),
        EVENING,
        MORNING - timedelta(seconds=1),
        MORNING,
    ]
    events = [
        metered.report(contract, moment, quantities={"card_seconds": 60}) for moment in moments
    ]

    answers = usage.ingest(by=meter, events=events, at=MORNING + timedelta(hours=1))

    outside = Refusal.OUTSIDE_WINDOW
    assert [each.code for each in answers] == [outside, None, None, outside]


def test_usage_without_any_window_is_refused(facility: Facility) -> None:
    contract = providers.subscription(offered=idle_offering(facility))
    event = metered.report(contract, EVENING, quantities={"card_seconds": 60})

    [answer] = usage.ingest(by=metered.operator(facility.provider), events=[event], at=MORNING)

    assert answer.code == Refusal.OUTSIDE_WINDOW
