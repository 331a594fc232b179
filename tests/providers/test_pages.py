"""Pages of supply: who sees what, forms that keep what was typed, constant query counts."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.access import Actor
from accounts.models import OrganizationKind, Role
from providers.models import Facility, Meter, Offering, Provider, ProviderStatus, Rate
from tests.factories import accounts, providers
from tests.factories.accounts import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def supplier() -> Provider:
    return providers.provider()


@pytest.fixture
def operator(supplier: Provider) -> Actor:
    return accounts.member(supplier.organization, Role.OPERATOR)


def visitor(actor: Actor | None = None) -> Client:
    client = Client(headers={"accept-language": "en"})
    if actor is not None:
        client.force_login(actor.user)
    return client


def queries(call: Callable[[], object]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        call()
    return len(seen)


def draft(supplier: Provider, **values: object) -> Offering:
    return providers.offering(
        supplier, **{"status": "draft", "listed_at": None, "listed_by": None, **values}
    )


def test_catalog_shows_listed_with_price_to_everybody(supplier: Provider) -> None:
    listed = providers.token_offering(supplier, name="甲模型服务")
    draft(supplier, name="草稿服务")

    page = visitor().get(reverse("providers:offering_list")).content.decode()

    assert "甲模型服务" in page
    assert "¥2.00 / million tokens" in page
    assert "草稿服务" not in page
    assert (
        visitor().get(reverse("providers:offering_detail", args=[listed.code])).status_code == 200
    )


def test_catalog_hides_unverified_providers(supplier: Provider) -> None:
    providers.token_offering(supplier, name="甲模型服务")
    Provider.objects.update(status=ProviderStatus.REFUSED)

    assert "甲模型服务" not in visitor().get(reverse("providers:offering_list")).content.decode()


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {"A", "B", "C"}),
        ("layer=compute", {"A"}),
        ("region=621000", {"A"}),
        ("region=110000", {"B"}),
        ("kind=sme_pool", {"B"}),
        ("has_domestic_chip=on", {"C"}),
    ],
)
def test_catalog_filters(supplier: Provider, query: str, names: set[str]) -> None:
    near = providers.facility(supplier, region="621002")
    far = providers.facility(
        supplier, region="110105", kind="sme_pool", spec={"contributors": 2, "cards": 4}
    )
    providers.offering(supplier, name="offering A", facility=near, layer="compute")
    providers.offering(supplier, name="offering B", facility=far)
    providers.offering(supplier, name="offering C", has_domestic_chip=True)

    page = visitor().get(f"{reverse('providers:offering_list')}?{query}").content.decode()

    assert {name for name in "ABC" if f"offering {name}" in page} == names


def test_catalog_query_count_constant(supplier: Provider) -> None:
    url = reverse("providers:offering_list")
    providers.token_offering(supplier, facility=providers.facility(supplier))
    visitor().get(url)
    one = queries(lambda: visitor().get(url))
    for _number in range(2):
        other = providers.provider()
        providers.token_offering(other, facility=providers.facility(other))

    assert queries(lambda: visitor().get(url)) == one


def test_own_offerings_query_count_constant(supplier: Provider, operator: Actor) -> None:
    url, client = reverse("providers:offering_own"), visitor(operator)
    providers.token_offering(supplier, facility=providers.facility(supplier))
    client.get(url)
    one = queries(lambda: client.get(url))
    for _number in range(2):
        made = providers.token_offering(supplier, facility=providers.facility(supplier))
        providers.subscription(offered=made)

    assert queries(lambda: client.get(url)) == one


def test_subscriptions_query_count_constant(supplier: Provider, operator: Actor) -> None:
    url, client = reverse("providers:subscription_list"), visitor(operator)
    first = providers.subscription(offered=providers.token_offering(supplier))
    page = client.get(url).content.decode()
    one = queries(lambda: client.get(url))
    for _number in range(2):
        providers.subscription(offered=providers.token_offering(supplier))

    assert first.code in page
    assert queries(lambda: client.get(url)) == one


def test_subscriptions_of_others_not_listed(supplier: Provider) -> None:
    theirs = providers.subscription(offered=providers.token_offering(supplier))
    stranger = accounts.member(providers.provider().organization, Role.OPERATOR)

    page = visitor(stranger).get(reverse("providers:subscription_list")).content.decode()

    assert theirs.code not in page


def test_queue_query_count_constant() -> None:
    officer, url = visitor(accounts.officer()), reverse("providers:provider_list")
    providers.provider()
    officer.get(url)
    one = queries(lambda: officer.get(url))
    providers.provider()
    providers.provider()

    assert queries(lambda: officer.get(url)) == one


@pytest.mark.parametrize("name", ["offering_manage", "price_set", "capacity_declare"])
def test_offering_pages_three_people(supplier: Provider, operator: Actor, name: str) -> None:
    url = reverse(f"providers:{name}", args=[draft(supplier).code])
    colleague = accounts.member(supplier.organization, Role.VIEWER)
    stranger = accounts.member(providers.provider().organization, Role.OPERATOR)

    assert visitor(operator).get(url).status_code == 200
    assert visitor(colleague).get(url).status_code == 403
    assert visitor(stranger).get(url).status_code == 404
    assert visitor().get(url).status_code == 302


def test_draft_offering_page_only_for_its_organization(supplier: Provider) -> None:
    url = reverse("providers:offering_detail", args=[draft(supplier).code])
    colleague = accounts.member(supplier.organization, Role.VIEWER)

    assert visitor(colleague).get(url).status_code == 200
    assert visitor(accounts.officer()).get(url).status_code == 404
    assert visitor().get(url).status_code == 404


def test_whole_onboarding_through_pages() -> None:
    newcomer = accounts.member(accounts.organization(OrganizationKind.PROVIDER), Role.OPERATOR)
    client, officer = visitor(newcomer), visitor(accounts.officer())

    client.post(
        reverse("providers:registration_submit"),
        {
            "contact": "王五",
            "license_kind": "idc",
            "license_number": "B1-1",
            "license_expires_on": "2029-01-01",
        },
    )
    provider = Provider.objects.get(organization=newcomer.organization)
    assert (
        provider.organization.name
        in officer.get(reverse("providers:provider_list")).content.decode()
    )
    officer.post(reverse("providers:provider_verify", args=[provider.code]))
    client.post(
        reverse("providers:facility_add", args=["appliance"]),
        {
            "name": "一号一体机",
            "region": "621002",
            "latency_ms": "0.5",
            "spec_machines": "2",
            "spec_cards_per_machine": "8",
        },
    )
    facility = Facility.objects.get(provider=provider)
    client.post(
        reverse("providers:offering_create"),
        {"layer": "compute", "facility": facility.pk, "name": "厂内卡时"},
    )
    offering = Offering.objects.get(provider=provider)
    client.post(
        reverse("providers:price_set", args=[offering.code]),
        {"meter": "card_seconds", "price_yuan": "１８.５", "from_day": "2026-10-12"},
    )
    client.post(
        reverse("providers:capacity_declare", args=[offering.code]),
        {"meter": "card_seconds", "month": "2026-10", "amount": "1000.5"},
    )
    client.post(reverse("providers:offering_publish", args=[offering.code]))

    assert facility.spec == {"machines": 2, "cards_per_machine": 8}
    assert facility.latency_us == 500
    [rate] = Rate.objects.filter(offering=offering)
    assert (str(rate.price_yuan), rate.per_units) == ("18.5000000000", 3600)
    assert offering.capacities.get().total_units == 3_601_800
    assert (
        "¥18.50 / card-hour" in visitor().get(reverse("providers:offering_list")).content.decode()
    )
    checklist = client.get(reverse("providers:onboarding")).content.decode()
    assert "To do" not in checklist


def test_refused_price_keeps_what_was_typed(supplier: Provider, operator: Actor) -> None:
    url = reverse("providers:price_set", args=[draft(supplier).code])
    typed = {"meter": Meter.CALLS, "price_yuan": "7.77", "from_day": "2026-10-11", "source": "x"}

    answer = visitor(operator).post(url, typed)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "A price cannot begin in the past" in page
    assert 'value="7.77"' in page
    assert not Rate.objects.exists()


@pytest.mark.parametrize("price", ["NaN", "-1", "Infinity", "abc", "", "0.00000000001"])
def test_bad_price_refused_at_its_field(supplier: Provider, operator: Actor, price: str) -> None:
    url = reverse("providers:price_set", args=[draft(supplier).code])

    answer = visitor(operator).post(
        url, {"meter": "calls", "price_yuan": price, "from_day": "2026-10-12"}
    )

    assert answer.status_code == 422
    assert "#id_price_yuan" in answer.content.decode()


def tiers(*rows: dict[str, str]) -> dict[str, str]:
    """Rows of the formset of tiers."""
    found = {"tiers-TOTAL_FORMS": "5", "tiers-INITIAL_FORMS": "0"}
    for number, row in enumerate(rows):
        found |= {f"tiers-{number}-{name}": value for name, value in row.items()}
    return found


TOKENS = {
    "meter": "input_tokens",
    "price_yuan": "0",
    "from_day": "2026-10-12",
    "minimum": "5.00",
}


def test_price_in_tiers_set_and_shown_with_units(supplier: Provider, operator: Actor) -> None:
    """A free half million, then 2.00; long requests 6.00."""
    offering = providers.offering(supplier)
    rows = tiers(
        {"beyond": "0.5", "price_yuan": "2"}, {}, {"longer_than": "256000", "price_yuan": "6"}
    )

    answer = visitor(operator).post(
        reverse("providers:price_set", args=[offering.code]), {**TOKENS, **rows}
    )

    assert answer.status_code == 302
    found = offering.rates.order_by("context_from", "volume_from")
    assert list(found.values_list("context_from", "volume_from", "price_yuan", "minimum_fen")) == [
        (0, 0, Decimal(0), 500),
        (0, 500_000, Decimal(2), 0),
        (256_000, 0, Decimal(6), 0),
    ]
    page = visitor().get(reverse("providers:offering_detail", args=[offering.code]))
    text = page.content.decode()
    for words in (
        "up to 0.5 million tokens",
        "over 0.5 million tokens",
        "up to 256,000 tokens",
        "over 256,000 tokens",
        "¥6.00 / million tokens",
        "¥5.00",
    ):
        assert words in text
    assert (
        "¥0.00 – ¥6.00 / million tokens"
        in visitor().get(reverse("providers:offering_list")).content.decode()
    )


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"beyond": "0.0000001", "price_yuan": "2"}, "Enter fewer decimals."),
        ({"longer_than": "-1", "price_yuan": "2"}, "tiers-0-longer_than"),
        ({"longer_than": "9"}, "tiers-0-price_yuan"),
        ({"price_yuan": "2"}, "Two tiers begin at the same place."),
    ],
)
def test_tier_that_cannot_be_refused_with_what_was_typed(
    supplier: Provider, operator: Actor, row: dict[str, str], words: str
) -> None:
    url = reverse("providers:price_set", args=[draft(supplier).code])

    answer = visitor(operator).post(url, {**TOKENS, "price_yuan": "1", **tiers(row)})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert 'value="5.00"' in page
    assert not Rate.objects.exists()


def test_model_prices_checked_then_imported_without_another_upload(
    supplier: Provider, operator: Actor
) -> None:
    url = reverse("providers:price_import")
    entry = {"model": "m", "currency": "USD", "input_per_million": 0.28, "output_per_million": 0.42}
    text = json.dumps([entry, {"model": "n", "currency": "EUR"}])
    typed = {"exchange_rate": "7.10", "from_day": "2026-10-12"}
    file = SimpleUploadedFile("prices.json", text.encode())

    trial = visitor(operator).post(url, {**typed, "file": file, "check": "1"})
    kept = Offering.objects.exists()
    done = visitor(operator).post(
        url, {**typed, "listing": trial.context["form"].initial["listing"]}
    )

    assert (trial.status_code, kept, done.status_code) == (200, False, 200)
    assert "Would be imported" in trial.content.decode()
    assert "The price is not in US dollars." in done.content.decode()
    assert Offering.objects.get(provider=supplier).rates.count() == 2


@pytest.mark.parametrize("text", ["", "{}", "[1]", "[" * 100_000])
def test_model_prices_that_are_no_list_refused(
    supplier: Provider, operator: Actor, text: str
) -> None:
    typed = {"exchange_rate": "7.10", "from_day": "2026-10-12", "listing": text}

    answer = visitor(operator).post(reverse("providers:price_import"), typed)

    assert answer.status_code == 422
    assert "not a JSON list" in answer.content.decode()


def test_capacity_above_what_the_facility_can_deliver_refused(
    supplier: Provider, operator: Actor
) -> None:
    hall = providers.facility(supplier, spec={"cards": 1})
    offering = draft(supplier, facility=hall, layer="compute")

    answer = visitor(operator).post(
        reverse("providers:capacity_declare", args=[offering.code]),
        {"meter": "card_seconds", "month": "2026-10", "amount": "745"},
    )

    assert answer.status_code == 422
    assert "can deliver 744 card-hours" in answer.content.decode()


def test_double_click_on_verify_is_refused_in_words() -> None:
    provider = providers.provider(status="submitted", decided_at=None, decided_by=None)
    officer = visitor(accounts.officer())
    url = reverse("providers:provider_verify", args=[provider.code])

    assert officer.post(url).status_code == 302
    second = officer.post(url)

    assert second.status_code == 409
    assert "wrong_state" in second.content.decode()


def test_refusal_reaches_the_providers_checklist(supplier: Provider, operator: Actor) -> None:
    Provider.objects.update(status="submitted", decided_at=None, decided_by=None)
    officer = visitor(accounts.officer())

    empty = officer.post(reverse("providers:provider_refuse", args=[supplier.code]), {"remark": ""})
    officer.post(
        reverse("providers:provider_refuse", args=[supplier.code]), {"remark": "许可证号有误"}
    )

    assert empty.status_code == 422
    assert "许可证号有误" in visitor(operator).get(reverse("providers:onboarding")).content.decode()


def test_every_kind_has_a_form(operator: Actor) -> None:
    for kind in ("edge_data_center", "idle_capacity", "metro_network"):
        page = visitor(operator).get(reverse("providers:facility_add", args=[kind]))
        assert page.status_code == 200
    assert (
        visitor(operator).get(reverse("providers:facility_add", args=["moon"])).status_code == 404
    )


def test_price_history_and_next_month_shown(supplier: Provider, operator: Actor) -> None:
    offering = providers.offering(supplier)
    providers.rate(offering, Meter.CALLS, "0.05", 1)
    providers.capacity(offering, month=date(2026, 11, 1))

    page = visitor(operator).get(reverse("providers:offering_manage", args=[offering.code]))

    assert "¥0.05 / call" in page.content.decode()
    assert "2026-11" in page.content.decode()
