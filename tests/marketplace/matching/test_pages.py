"""Pages of needs, without a browser."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.access import Actor
from accounts.models import Role
from marketplace.matching.actions import matches
from marketplace.models import Need, Scenario
from providers.models import Layer, Meter
from tests.factories import accounts, grants, marketplace, providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


def signed_in(actor: Actor) -> Client:
    client = Client()
    client.force_login(actor.user)
    return client


def shop(scene: Scenario, price_yuan: str = "0.01", **facility: Any) -> None:
    owner = providers.provider(accounts.organization("provider"))
    place = providers.facility(owner, **facility)
    sold = providers.offering(owner, layer=Layer.APPLICATION, facility=place)
    providers.rate(sold, Meter.CALLS, price_yuan, 1)
    marketplace.bundle(owner, [sold], [scene])


def matched(actor: Actor, scene: Scenario, **values: Any) -> Need:
    need = marketplace.need(actor.own(), scene, **values)
    matches.compute(by=actor, need=need, at=NOW)
    return need


FILLED = {
    "monthly_volume": "１０，０００",
    "monthly_budget": "1,000",
    "region": "621000",
    "latency": "20000",
    "needs_domestic_chip": "",
}


def test_choose_groups_scenarios_and_marks_those_of_other_industries() -> None:
    marketplace.scenario(name="外观质检", stage="production", sections="C")
    marketplace.scenario(name="智能仓储", stage="general", sections="FG")

    page = signed_in(accounts.preparer()).get(reverse("marketplace:need_choose")).content.decode()

    assert page.index("外观质检") < page.index("智能仓储")
    assert page.count('class="tag tone-neutral"') == 1


def test_create_states_the_need_and_leads_to_its_matches() -> None:
    by, scene = accounts.preparer(), marketplace.scenario(coefficients={"calls": 1})
    shop(scene)
    client = signed_in(by)

    answer = client.post(reverse("marketplace:need_create", args=[scene.slug]), FILLED)

    need = Need.objects.get()
    assert answer.url == reverse("marketplace:need_detail", args=[need.code])  # type: ignore[attr-defined]
    assert (need.monthly_volume, need.monthly_budget_fen) == (10_000, 100_000)
    assert (need.region, need.latency_us) == ("621000", 20_000)
    assert need.matches.get().rank == 1


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("monthly_volume", "-5"),
        ("monthly_volume", "NaN"),
        ("monthly_volume", "1e9"),
        ("monthly_volume", ""),
        ("monthly_volume", "9999999999999999999999"),
        ("monthly_budget", "-1"),
        ("monthly_budget", "NaN"),
        ("monthly_budget", "0"),
        ("region", "999999"),
        ("latency", "-7"),
        ("latency", "soon"),
    ],
)
def test_create_keeps_what_was_typed_and_says_what_is_wrong(name: str, typed: str) -> None:
    scene = marketplace.scenario()
    client = signed_in(accounts.preparer())

    answer = client.post(
        reverse("marketplace:need_create", args=[scene.slug]), {**FILLED, name: typed}
    )

    assert answer.status_code == 422
    assert name in answer.context["form"].errors
    assert "error-summary" in answer.content.decode()
    assert "1,000" in answer.content.decode()
    assert not Need.objects.exists()


def test_create_starts_from_the_values_of_the_link() -> None:
    scene = marketplace.scenario()
    address = reverse("marketplace:need_create", args=[scene.slug])

    answer = signed_in(accounts.preparer()).get(
        f"{address}?monthly_volume=777&monthly_budget=12.50&latency=4200&needs_domestic_chip=on"
    )

    page = answer.content.decode()
    assert 'value="777"' in page
    assert 'value="12.50"' in page
    assert "4.2" in page
    assert page.count("checked") >= 2


def test_create_with_a_link_full_of_nonsense_still_answers() -> None:
    scene = marketplace.scenario()
    address = reverse("marketplace:need_create", args=[scene.slug])

    answer = signed_in(accounts.preparer()).get(
        f"{address}?monthly_volume=<b>&latency=99999999999999&region=../&x=%00"
    )

    assert answer.status_code == 200
    assert "<b>" not in answer.content.decode()


def test_detail_shows_the_ranked_and_why_others_are_left_out() -> None:
    by, scene = accounts.signatory(), marketplace.scenario(coefficients={"calls": 1})
    shop(scene, "0.01")
    shop(scene, "0.09")
    shop(scene, "0.20")
    need = matched(by, scene)

    page = signed_in(by).get(reverse("marketplace:need_detail", args=[need.code])).content.decode()

    for amount in ("¥100.00", "¥900.00", "¥2,000.00", "¥1,000.00"):
        assert amount in page
    assert page.count(f"/needs/{need.code}/order/") == 2
    assert "monthly_budget=2000.00" in page


def test_detail_of_an_impossible_need_says_what_to_relax() -> None:
    by, scene = accounts.preparer(), marketplace.scenario(coefficients={"calls": 1})
    shop(scene, region="110108", latency_us=90_000)
    shop(scene, region="621002", latency_us=40_000)
    need = matched(by, scene, region="621000", latency_us=5000)

    answer = signed_in(by).get(reverse("marketplace:need_detail", args=[need.code]))

    assert answer.context["ranked"] == []
    told = {row.limit: (row.excluded, row.change) for row, _url in answer.context["advice"]}
    assert told["latency"][1] == {"latency": "40000"}
    assert told["region"][1] == {}
    assert "latency=40000" in answer.content.decode()


def test_detail_tells_the_nearest_bundle_when_one_step_is_not_enough() -> None:
    by, scene = accounts.preparer(), marketplace.scenario(coefficients={"calls": 1})
    shop(scene, "0.50", latency_us=40_000)
    need = matched(by, scene, region="621000", latency_us=5000)

    page = signed_in(by).get(reverse("marketplace:need_detail", args=[need.code])).content.decode()

    assert "最接近的套餐需要同时放宽几项" in page
    assert "monthly_budget=5000.00&amp;region=621000&amp;latency=40000" in page


def test_detail_when_nothing_is_offered_says_so() -> None:
    by, scene = accounts.preparer(), marketplace.scenario()
    need = matched(by, scene)

    page = signed_in(by).get(reverse("marketplace:need_detail", args=[need.code])).content.decode()

    assert 'class="empty"' in page


def test_match_again_uses_what_is_offered_now() -> None:
    by, scene = accounts.preparer(), marketplace.scenario(coefficients={"calls": 1})
    need = matched(by, scene)
    shop(scene)

    answer = signed_in(by).post(reverse("marketplace:need_match", args=[need.code]))

    assert answer.status_code == 302
    assert need.matches.count() == 1


def test_compare_shows_up_to_four_and_marks_the_cheapest() -> None:
    by, scene = accounts.preparer(), marketplace.scenario(coefficients={"calls": 1})
    for price in ("0.01", "0.02", "0.03", "0.04", "0.05"):
        shop(scene, price)
    need = matched(by, scene)
    address = reverse("marketplace:need_compare", args=[need.code])
    codes = "&".join(f"bundle={row.bundle.code}" for row in need.matches.shown())

    answer = signed_in(by).get(f"{address}?{codes}")

    table = answer.context["table"]
    assert len(table.columns) == 4
    assert table.rows[0].cells[0] == "¥100.00"
    assert table.rows[0].best == 0


def test_compare_marks_in_words_what_differs_and_can_leave_out_the_rest() -> None:
    by, scene = accounts.preparer(), marketplace.scenario(coefficients={"calls": 1})
    for price in ("0.01", "0.02"):
        shop(scene, price)
    need = matched(by, scene)
    address = reverse("marketplace:need_compare", args=[need.code])
    codes = "&".join(f"bundle={row.bundle.code}" for row in need.matches.shown())

    whole = signed_in(by).get(f"{address}?{codes}")
    short = signed_in(by).get(f"{address}?{codes}&short=1")

    rows = whole.context["table"].rows
    differing = [row.label for row in rows if row.differs]
    assert 0 < len(differing) < len(rows)
    assert whole.content.decode().count("≠") == len(differing)
    assert [row.label for row in short.context["table"].rows] == differing


def test_compare_one_alone_leads_back() -> None:
    by, scene = accounts.preparer(), marketplace.scenario()
    need = matched(by, scene)

    answer = signed_in(by).get(reverse("marketplace:need_compare", args=[need.code]))

    assert answer.status_code == 302


def test_pages_in_english_are_english() -> None:
    by, scene = accounts.signatory(), marketplace.scenario(coefficients={"calls": 1})
    shop(scene)
    need = matched(by, scene)
    client = signed_in(by)
    client.cookies["django_language"] = "en"

    page = client.get(reverse("marketplace:need_detail", args=[need.code])).content.decode()

    assert "1 bundle fits" in page
    assert "Visual quality inspection" in page


@pytest.mark.parametrize("name", ["need_detail", "need_compare"])
def test_another_tenants_need_is_not_found(name: str) -> None:
    need = marketplace.need()
    address = reverse(f"marketplace:{name}", args=[need.code])

    assert signed_in(accounts.signatory(need.enterprise)).get(address).status_code in {200, 302}
    assert signed_in(accounts.preparer()).get(address).status_code == 404


def test_another_tenant_cannot_match_again() -> None:
    need = marketplace.need()

    answer = signed_in(accounts.preparer()).post(
        reverse("marketplace:need_match", args=[need.code])
    )

    assert answer.status_code == 404


@pytest.mark.parametrize("name", ["need_list", "need_choose"])
def test_providers_and_bureaus_have_no_needs(name: str) -> None:
    address = reverse(f"marketplace:{name}")
    operator = accounts.member(accounts.organization("provider"), Role.OPERATOR)

    assert signed_in(operator).get(address).status_code == 403
    assert signed_in(accounts.officer()).get(address).status_code == 403
    assert Client().get(address).status_code == 302


def test_list_takes_the_same_queries_for_one_need_and_for_three() -> None:
    by, scene = accounts.preparer(), marketplace.scenario(coefficients={"calls": 1})
    shop(scene)
    client, counts = signed_in(by), []
    client.get(reverse("marketplace:need_list"))
    for volume in (1, 2, 3):
        matched(by, scene, monthly_volume=volume)
        if volume == 2:
            continue
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("marketplace:need_list")).status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_detail_takes_the_same_queries_for_one_bundle_and_for_three() -> None:
    by, counts = accounts.preparer(), []
    client = signed_in(by)
    client.get(reverse("marketplace:need_list"))
    for number in (1, 3):
        scene = marketplace.scenario(coefficients={"calls": 1})
        for _each in range(number):
            shop(scene)
        need = matched(by, scene)
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("marketplace:need_detail", args=[need.code]))
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_weights_move_the_order_and_stay_in_proportion() -> None:
    by, scene = accounts.signatory(), marketplace.scenario(coefficients={"calls": 1})
    shop(scene, "0.01", latency_us=50_000)
    shop(scene, "0.05", latency_us=500)
    need = matched(by, scene)
    cheap = need.matches.get(rank=1).bundle

    answer = signed_in(by).post(
        reverse("marketplace:need_weigh", args=[need.code]),
        {
            "own_share": "0",
            "fit": "0",
            "start_cost": "0",
            "days_to_first_use": "0",
            "latency": "7",
            "quality": "0",
        },
        follow=True,
    )

    need.refresh_from_db()
    assert answer.status_code == 200
    assert need.weights["latency"] == 100
    assert need.matches.get(rank=1).bundle != cheap


def test_weights_that_are_all_zero_change_nothing() -> None:
    by, scene = accounts.signatory(), marketplace.scenario(coefficients={"calls": 1})
    shop(scene)
    need = matched(by, scene)
    zero = dict.fromkeys(("own_share", "fit", "start_cost", "days_to_first_use", "latency"), "0")

    page = signed_in(by).post(
        reverse("marketplace:need_weigh", args=[need.code]), zero, follow=True
    )

    need.refresh_from_db()
    assert need.weights == {}
    assert "至少有一项大于零" in page.content.decode()


def test_cost_page_tells_the_month_in_which_the_voucher_runs_out() -> None:
    by, scene = accounts.signatory(), marketplace.scenario(coefficients={"calls": 1})
    grants.voucher(by.own(), grants.scheme(rules=metered.RULES), face_fen=5_000)
    shop(scene)
    need = matched(by, scene)
    bundle = need.matches.get().bundle

    page = signed_in(by).get(reverse("marketplace:need_cost", args=[need.code, bundle.code]))

    # 10,000 calls cost 100.00 a month; three tenths are 30.00, then 20.00 are left, then nothing.
    rows = page.context["rows"]
    assert [row.voucher_fen for row in rows[:4]] == [3_000, 2_000, 0, 0]
    assert [bool(row.note) for row in rows[:4]] == [False, True, True, False]
    assert need.matches.get().reasons["full_months"] == 1
