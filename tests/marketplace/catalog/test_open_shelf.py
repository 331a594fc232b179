"""The open shelf: what can be ordered at once, filtered, in a constant number of queries."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from marketplace.catalog import open_shelf
from providers.models import Facility, Meter, Offering
from tests.factories import bank, marketplace, providers
from tests.factories.accounts import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def on_shelf(price: str, place: Facility | None = None, **values: object) -> Offering:
    facility = place or providers.facility()
    made = providers.offering(facility.provider, facility=facility, layer="compute")
    providers.rate(made, Meter.CARD_SECONDS, price, 3600)
    marketplace.bundle(facility.provider, [made], **values)  # type: ignore[arg-type]
    return made


def names(**query: str) -> list[str]:
    page = Client().get(reverse("marketplace:shelf_list"), query)
    return [row.offering.name for row in page.context["page_obj"]]


def test_shelf_shows_what_starts_at_once() -> None:
    cheap, dear = on_shelf("6.00"), on_shelf("9.00")
    on_shelf("1.00", start_cost_fen=100)
    on_shelf("1.00", days_to_first_use=8)
    on_shelf("1.00", status="retired")
    providers.token_offering()  # in no bundle

    assert names() == [cheap.name, dear.name]


def test_shelf_shows_idle_machines_with_a_window_alone() -> None:
    idle = bank.exchange()
    marketplace.bundle(idle.provider, [idle])
    on_shelf("1.00", providers.idle_facility())

    [row] = open_shelf.rows_at(NOW)

    assert row.offering == idle
    assert row.window_span.lower.isoformat() == "2026-11-01T12:00:00+00:00"  # type: ignore[attr-defined]
    page = Client(headers={"accept-language": "en"}).get(reverse("marketplace:shelf_list"))
    assert "2026-11-01 20:00" in page.content.decode()
    slug = row.scenario_slug  # type: ignore[attr-defined]
    assert reverse("marketplace:need_create", args=[slug]) in page.content.decode()


def test_shelf_filters() -> None:
    here = on_shelf("6.00")
    there = on_shelf("3.00", providers.facility(region="110000"))
    idle = bank.exchange()
    marketplace.bundle(idle.provider, [idle])

    assert names(province="11") == [there.name]
    assert names(most_yuan="3") == [idle.name, there.name]
    assert set(names(unit="card_seconds")) == {here.name, there.name, idle.name}
    assert names(unit="calls") == []
    assert names(window="none") == [there.name, here.name]
    assert names(window="week") == []
    assert names(window="now") == []


def test_shelf_takes_as_many_queries_for_three_rows_as_for_one() -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as seen:
            Client().get(reverse("marketplace:shelf_list"))
        return len(seen)

    on_shelf("6.00")
    one = count()
    on_shelf("7.00")
    on_shelf("8.00")

    assert count() == one
