"""Matches as they are stored."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext

from marketplace.matching.actions import matches
from marketplace.matching.actions.answers import BEST
from marketplace.models import Bundle, Match, Need, Scenario
from providers.models import Layer, Meter
from tests.factories import accounts, marketplace, providers
from tests.factories.accounts import NOW

pytestmark = pytest.mark.django_db


def computed(need: Need) -> list[Match]:
    return matches.compute(by=accounts.preparer(need.enterprise), need=need, at=NOW)


def chain(scene: Scenario, price_yuan: str = "0.01", **facility: Any) -> Bundle:
    """A bundle whose application costs that much a call, in a facility of its own."""
    owner = providers.provider()
    place = providers.facility(owner, **facility)
    application = providers.offering(owner, layer=Layer.APPLICATION, facility=place)
    providers.rate(application, Meter.CALLS, price_yuan, 1)
    return marketplace.bundle(owner, [application], [scene])


def test_compute_prices_each_meter_on_the_months_quantity() -> None:
    scene = marketplace.scenario(coefficients={"input_tokens": 333, "output_tokens": 111})
    marketplace.bundle(scenes=[scene])
    need = marketplace.need(scene=scene, monthly_volume=7)

    (match,) = computed(need)

    # 2,331 input tokens at 2.00 and 777 output tokens at 8.00 yuan a million: 0.4662 and 0.6216 fen
    lines = {line["meter"]: (line["units"], line["amount_fen"]) for line in match.reasons["lines"]}
    assert lines == {"input_tokens": (2331, 0), "output_tokens": (777, 1)}
    assert (match.price_fen, match.voucher_fen, match.own_fen) == (1, 0, 1)


def test_compute_says_what_a_bundle_lacks() -> None:
    scene = marketplace.scenario()
    marketplace.bundle(scenes=[scene])

    (match,) = computed(marketplace.need(scene=scene))

    assert match.reasons["lacks"] == ["calls"]
    fit = next(part for part in match.reasons["components"] if part["name"] == "fit")
    assert fit["points"] == 666


def test_compute_ranks_cheaper_first_and_the_excluded_last() -> None:
    scene = marketplace.scenario(coefficients={"calls": 1})
    dear, cheap, far = chain(scene, "0.05"), chain(scene, "0.02"), chain(scene, region="110108")
    need = marketplace.need(scene=scene, region="621000")

    found = computed(need)

    assert [(row.bundle, row.rank) for row in found] == [(cheap, 1), (dear, 2), (far, None)]
    (exclusion,) = found[-1].reasons["exclusions"]
    assert (exclusion["limit"], exclusion["found"]) == ("region", "110108")


def test_compute_uses_the_price_in_force_on_the_civil_day() -> None:
    scene = marketplace.scenario(coefficients={"calls": 1})
    owner = providers.provider()
    sold = providers.offering(owner)
    today = date(2026, 10, 12)
    providers.rate(sold, Meter.CALLS, "0.90", 1, effective=DateRange(date(2026, 1, 1), today))
    providers.rate(sold, Meter.CALLS, "0.01", 1, effective=DateRange(today, None))
    marketplace.bundle(owner, [sold], [scene])

    (match,) = computed(marketplace.need(scene=scene, monthly_volume=100))

    assert match.price_fen == 100


def test_compute_excludes_a_price_that_ran_out() -> None:
    scene = marketplace.scenario(coefficients={"calls": 1})
    owner = providers.provider()
    sold = providers.offering(owner)
    over = DateRange(date(2026, 1, 1), date(2026, 10, 12))
    providers.rate(sold, Meter.CALLS, "0.90", 1, effective=over)
    marketplace.bundle(owner, [sold], [scene])

    (match,) = computed(marketplace.need(scene=scene))

    assert match.rank is None
    assert {row["limit"] for row in match.reasons["exclusions"]} == {"price"}


def test_compute_looks_at_every_declared_month_ahead() -> None:
    scene = marketplace.scenario(coefficients={"calls": 1})
    offered = chain(scene)
    sold = offered.offerings.get()
    providers.capacity(sold, meter=Meter.CALLS, month=date(2026, 9, 1), total_units=1)
    providers.capacity(sold, meter=Meter.CALLS, month=date(2026, 10, 1), total_units=10_000)
    providers.capacity(
        sold, meter=Meter.CALLS, month=date(2026, 11, 1), total_units=12_000, reserved_units=2_001
    )

    (match,) = computed(marketplace.need(scene=scene))

    (row,) = match.reasons["exclusions"]
    assert (row["limit"], row["month"], row["found"], row["short"]) == (
        "capacity",
        "2026-11-01",
        9_999,
        1,
    )


def test_compute_replaces_the_former_answer() -> None:
    scene = marketplace.scenario(coefficients={"calls": 1})
    first = chain(scene, "0.02")
    need = marketplace.need(scene=scene)
    computed(need)
    chain(scene, "0.01")
    Bundle.objects.filter(pk=first.pk).update(status="retired")

    again, third = computed(need), computed(need)

    assert [row.bundle for row in again] != [first]
    assert [(row.bundle, row.rank, row.score) for row in again] == [
        (row.bundle, row.rank, row.score) for row in third
    ]
    assert Match.objects.filter(need=need).count() == 1


def test_compute_ignores_bundles_of_other_scenarios_and_drafts() -> None:
    scene = marketplace.scenario()
    marketplace.bundle()
    marketplace.bundle(scenes=[scene], status="draft", published_at=None, published_by=None)

    assert computed(marketplace.need(scene=scene)) == []


def test_compute_takes_the_same_queries_for_one_bundle_and_for_thirty() -> None:
    counts = []
    for number in (1, 30):
        scene = marketplace.scenario()
        for _each in range(number):
            marketplace.bundle(scenes=[scene])
        need = marketplace.need(scene=scene, created_at=NOW - timedelta(days=1))
        by = accounts.preparer(need.enterprise)
        with CaptureQueriesContext(connection) as queries:
            assert len(matches.compute(by=by, need=need, at=NOW)) == min(number, BEST)
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert counts[1] <= 25
