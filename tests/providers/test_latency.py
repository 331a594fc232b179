"""Latency circles: what a district reaches, and tables that come as files."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from accounts.access import Actor
from accounts.models import Role
from providers.actions import latency
from providers.models import Facility, Latency, LatencySource
from tests.factories import accounts, providers
from tests.factories.accounts import NOW

pytestmark = pytest.mark.django_db
LATER = datetime(2026, 11, 5, 2, 0, tzinfo=UTC)
XIFENG, BEIJING = "621002", "110000"


def table(*rows: str) -> bytes:
    return "\r\n".join(["facility,district,latency_ms,from_day", *rows]).encode()


@pytest.fixture
def facility() -> Facility:
    return providers.facility(latency_us=3000)


@pytest.fixture
def operator(facility: Facility) -> Actor:
    return accounts.member(facility.provider.organization, Role.OPERATOR)


def test_within_without_figures_takes_what_the_city_is_told(facility: Facility) -> None:
    providers.facility(region=BEIJING, latency_us=100)

    assert latency.within(district=XIFENG, limit_ms=3, at=NOW) == {facility.pk: 3000}
    assert latency.within(district=XIFENG, limit_ms=Decimal("2.999"), at=NOW) == {}


def test_within_prefers_the_measured_figure(facility: Facility, operator: Actor) -> None:
    row = f"{facility.code},{XIFENG},0.85,2026-10-12"
    latency.load(by=operator, content=table(row), at=NOW)
    assert latency.within(district=XIFENG, limit_ms=1, at=NOW) == {facility.pk: 850}

    measured = f"{facility.code},{XIFENG},1.2,2026-10-12"
    latency.load(by=accounts.officer(), content=table(measured), at=NOW)

    assert latency.within(district=XIFENG, limit_ms=1, at=NOW) == {}
    assert latency.reach(district=XIFENG, at=NOW) == {facility.pk: (1200, LatencySource.MEASURED)}


def test_load_reaches_another_city_from_its_first_day(facility: Facility, operator: Actor) -> None:
    content = table(f"{facility.code},{BEIJING},18.5,2026-11-01")
    latency.load(by=operator, content=content, at=NOW)

    assert latency.within(district=BEIJING, limit_ms=20, at=NOW) == {}
    assert latency.within(district=BEIJING, limit_ms=20, at=LATER) == {facility.pk: 18_500}


def test_load_same_file_twice_changes_nothing(facility: Facility, operator: Actor) -> None:
    content = table(f"{facility.code},{XIFENG},0.85,2026-10-12")
    latency.load(by=operator, content=content, at=NOW)

    [answer] = latency.load(by=operator, content=content, at=LATER)

    assert answer.outcome == "unchanged"
    assert Latency.objects.count() == 1


def test_load_ends_the_figure_before(facility: Facility, operator: Actor) -> None:
    for row in ("0.85,2026-10-12", "0.9,2026-11-01"):
        latency.load(by=operator, content=table(f"{facility.code},{XIFENG},{row}"), at=NOW)

    spans = Latency.objects.order_by("pk").values_list("latency_us", "effective")
    assert list(spans) == [
        (850, DateRange(date(2026, 10, 12), date(2026, 11, 1))),
        (900, DateRange(date(2026, 11, 1), None)),
    ]


def test_load_with_wrong_rows_says_which_and_keeps_none(
    facility: Facility, operator: Actor
) -> None:
    foreign = providers.facility()
    content = table(
        f"{facility.code},{XIFENG},0.85,2026-10-12",
        f"{facility.code},999999,0.85,2026-10-12",
        f"{foreign.code},{XIFENG},0.85,2026-10-12",
        f"{facility.code},{BEIJING},9.1E+17,2026-10-12",
        f"{facility.code},{BEIJING},1,someday",
        f"{facility.code},{BEIJING},1,2026-10-11",
        "one,cell",
        f"{facility.code},{XIFENG},0.86,2026-10-12",
    )

    answers = latency.load(by=operator, content=content, at=NOW)

    assert [each.number for each in answers if each.outcome == "refused"] == [3, 4, 5, 6, 7, 8, 9]
    assert all(str(each.message) for each in answers if each.outcome == "refused")
    assert not Latency.objects.exists()


def test_load_trial_keeps_nothing(facility: Facility, operator: Actor) -> None:
    content = table(f"{facility.code},{XIFENG},0.85,2026-10-12")

    [answer] = latency.load(by=operator, content=content, at=NOW, is_trial=True)

    assert answer.outcome == "taken"
    assert not Latency.objects.exists()


def test_load_of_something_else_is_refused(operator: Actor) -> None:
    with pytest.raises(latency.UnreadableLatencies):
        latency.load(by=operator, content=b"a,b\r\n1,2", at=NOW)


def test_load_takes_gb18030_and_full_width_digits(facility: Facility, operator: Actor) -> None:
    row = f"{facility.code},{XIFENG},０.85,2026/10/12"
    content = table(row).decode().encode("gb18030")

    [answer] = latency.load(by=operator, content=content, at=NOW)

    assert answer.outcome == "taken"


def test_overlapping_figures_are_refused_by_the_database(facility: Facility) -> None:
    values = {
        "facility": facility,
        "district": XIFENG,
        "latency_us": 1,
        "source": LatencySource.DECLARED,
        "stated_at": NOW,
        "stated_by": accounts.user(),
    }
    Latency.objects.create(effective=DateRange(date(2026, 1, 1), None), **values)

    with pytest.raises(IntegrityError, match="providers_latency_no_overlap"), transaction.atomic():
        Latency.objects.create(effective=DateRange(date(2026, 5, 1), None), **values)
