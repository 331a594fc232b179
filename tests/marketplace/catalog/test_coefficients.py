"""Coefficients: stated anew by a bureau with a reason, kept with their history."""

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from common.errors import Forbidden
from marketplace.catalog.actions import scenarios
from marketplace.matching.actions import matches
from marketplace.models import CoefficientChange, Scenario
from tests.factories import accounts, marketplace
from tests.factories.accounts import NOW
from tests.factories.clearing import calls_bundle

pytestmark = pytest.mark.django_db
WORDS = {"reason": "实测每张两次调用", "reason_en": "two calls each, as measured"}


def test_a_new_figure_changes_the_next_match_and_leaves_its_history() -> None:
    scene = marketplace.scenario(coefficients={"calls": 1})
    calls_bundle(scene)
    need, officer = marketplace.need(scene=scene), accounts.officer()
    by = accounts.preparer(need.enterprise)
    (before,) = matches.compute(by=by, need=need, at=NOW)

    scenarios.restate(by=officer, scenario=scene, meter="calls", units=2, at=NOW, **WORDS)

    need.refresh_from_db()
    (after,) = matches.compute(by=by, need=need, at=NOW)
    change = CoefficientChange.objects.get()
    assert (before.price_fen, after.price_fen) == (10_000, 20_000)
    assert (change.before, change.after, change.stated_for) == (1, 2, officer.organization)


def test_the_same_again_is_no_change() -> None:
    scene, officer = marketplace.scenario(coefficients={"calls": 1}), accounts.officer()
    for _time in range(2):
        scenarios.restate(by=officer, scenario=scene, meter="calls", units=2, at=NOW, **WORDS)

    assert CoefficientChange.objects.count() == 1


def test_loading_the_shipped_scenarios_keeps_what_was_stated_anew() -> None:
    scenarios.load()
    scene = Scenario.objects.get(slug="contract-review")
    scenarios.restate(
        by=accounts.officer(), scenario=scene, meter="calls", units=9, at=NOW, **WORDS
    )

    scenarios.load()

    scene.refresh_from_db()
    assert scene.coefficients["calls"] == 9
    assert scene.assumptions["calls"]["en"] == WORDS["reason_en"]


def test_history_cannot_be_changed() -> None:
    scene = marketplace.scenario(coefficients={"calls": 1})
    scenarios.restate(
        by=accounts.officer(), scenario=scene, meter="calls", units=2, at=NOW, **WORDS
    )

    with pytest.raises(DatabaseError), transaction.atomic():
        CoefficientChange.objects.update(after=3)
    with pytest.raises(DatabaseError), transaction.atomic():
        CoefficientChange.objects.all().delete()


@pytest.mark.parametrize(
    ("field", "value"),
    [("meter", "images"), ("units", 0), ("units", 10**16), ("reason", " "), ("reason_en", "")],
)
def test_figures_that_cannot_be_meant_are_refused_at_their_field(field: str, value: object) -> None:
    scene = marketplace.scenario(coefficients={"calls": 1})
    given = {"meter": "calls", "units": 2, **WORDS, field: value}

    with pytest.raises(scenarios.InvalidCoefficient) as refused:
        scenarios.restate(by=accounts.officer(), scenario=scene, at=NOW, **given)  # type: ignore[arg-type]

    assert set(refused.value.errors) == {field}
    assert not CoefficientChange.objects.exists()


def test_only_scheme_officers_may_state_them() -> None:
    scene = marketplace.scenario(coefficients={"calls": 1})
    for by in (accounts.signatory(), accounts.officer(None, Role.REVIEWER)):
        with pytest.raises(Forbidden):
            scenarios.restate(by=by, scenario=scene, meter="calls", units=2, at=NOW, **WORDS)


def test_the_page_keeps_what_was_typed_and_shows_the_history() -> None:
    scene, client = marketplace.scenario(coefficients={"calls": 1}), Client()
    client.force_login(accounts.officer().user)
    address = reverse("marketplace:scenario_detail", args=[scene.slug])

    bad = client.post(address, {"meter": "calls", "units": "0", **WORDS})
    good = client.post(address, {"meter": "calls", "units": "2", **WORDS}, follow=True)

    assert bad.status_code == 422
    assert WORDS["reason_en"] in bad.content.decode()
    assert WORDS["reason"] in good.content.decode()
    assert scene.slug in client.get(reverse("marketplace:scenario_list")).content.decode()
