"""Pages and API of windows, shares, the compute bank and latency circles."""

import json
from collections.abc import Callable, Mapping
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.access import Actor
from accounts.models import Role
from providers.models import (
    BankDeposit,
    BankDraw,
    IdleWindow,
    Latency,
    Offering,
    PoolShare,
    PoolSplit,
)
from tests.factories import accounts, bank, providers
from tests.factories.accounts import NOW
from tests.factories.bank import HOUR

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
API = "/api/v1/"


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def visitor(actor: Actor | None = None) -> Client:
    client = Client(headers={"accept-language": "en"})
    if actor is not None:
        client.force_login(actor.user)
    return client


def queries(call: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as seen:
        call()
    return len(seen)


def sent(
    client: Client, path: str, body: Mapping[str, object], key: str = "k"
) -> tuple[int, object]:
    answer = client.post(
        API + path, json.dumps(body), "application/json", headers={"Idempotency-Key": key}
    )
    return answer.status_code, answer.json()


def text(page: object) -> str:
    return page.content.decode()  # type: ignore[attr-defined, no-any-return]


def test_windows_are_opened_and_withdrawn_on_the_page() -> None:
    facility = providers.idle_facility()
    client = visitor(accounts.member(facility.provider.organization, Role.OPERATOR))
    address = reverse("providers:window_list", args=[facility.code])
    night = {"first_day": "2026-10-12", "from_time": "20:00", "until_time": "08:00", "days": "2"}

    assert client.post(address, night).status_code == 302
    again = client.post(address, night)
    assert again.status_code == 422
    assert "overlap each other" in text(again)
    spans = IdleWindow.objects.order_by("pk").values_list("span", flat=True)
    assert [span.lower.isoformat() for span in spans] == [
        "2026-10-12T12:00:00+00:00",
        "2026-10-13T12:00:00+00:00",
    ]
    window = IdleWindow.objects.latest("pk")
    gone = reverse("providers:window_withdraw", args=[window.code])
    assert "Withdraw this window?" in text(client.get(gone))
    assert client.post(gone).status_code == 302
    assert text(client.get(address)).count("/withdraw/") == 1


def test_windows_through_the_api() -> None:
    facility = providers.idle_facility()
    client = visitor(accounts.member(facility.provider.organization, Role.OPERATOR))
    path = f"facilities/{facility.code}/windows/"
    body = {"starts_at": "2026-10-12T20:00:00+08:00", "ends_at": "2026-10-13T08:00:00+08:00"}

    status, made = sent(client, path, body)
    assert (status, len(made)) == (201, 1)  # type: ignore[arg-type]
    status, refusal = sent(client, path, body)
    assert (status, refusal["code"]) == (409, "window_overlaps")  # type: ignore[index]
    assert client.get(API + path).json()["count"] == 1
    status, gone = sent(client, f"windows/{made[0]['code']}/withdraw/", {})  # type: ignore[index]
    assert gone["withdrawn_at"]  # type: ignore[index]


def test_shares_are_stated_on_the_page_and_by_the_api() -> None:
    pool = providers.facility(kind="sme_pool", spec={"contributors": 2, "cards": 8})
    client = visitor(accounts.member(pool.provider.organization, Role.OPERATOR))
    first, second = accounts.organization(), accounts.organization()
    address = reverse("providers:share_list", args=[pool.code])
    lines = f"{first.code} 33.3333\n{second.code.lower()}, 66.6667%"

    wrong = client.post(address, {"month": "2026-10-01", "shares": f"{first.code} 33.33333"})
    assert (wrong.status_code, "no code with a percentage" in text(wrong)) == (422, True)
    assert client.post(address, {"month": "2026-10-01", "shares": lines}).status_code == 302

    assert dict(PoolShare.objects.values_list("organization", "parts")) == {
        first.pk: 333_333,
        second.pk: 666_667,
    }
    assert "33.3333%" in text(client.get(address))
    body = {"month": "2026-12", "parts": {first.code: 1, second.code: 999_999}}
    status, made = sent(client, f"facilities/{pool.code}/shares/", body)
    assert (status, made["version"]) == (201, 2)  # type: ignore[index]
    listed = client.get(f"{API}facilities/{pool.code}/shares/").json()["results"]
    assert [each["last_day"] for each in listed] == [None, "2026-11-30"]
    assert PoolSplit.objects.count() == 2


@pytest.fixture
def here() -> Offering:
    return bank.exchange()


@pytest.fixture
def there() -> Offering:
    return bank.exchange()


def test_bank_from_deposit_to_draw_on_the_pages(here: Offering, there: Offering) -> None:
    saver, keeper = bank.firm(), bank.keeper(here)
    client, office = visitor(saver), visitor(keeper)
    bank.deposit(bank.firm(), there, 5 * HOUR)
    wish = {"offering": here.code, "month": "2026-11-01", "card_seconds": "7.5", "reference": "a"}

    for _click in range(2):
        assert client.post(reverse("providers:bank_deposit"), wish).status_code == 302
    deposit = BankDeposit.objects.get(enterprise=saver.own())
    assert "Waiting for the keeper" in text(client.get(reverse("providers:bank_detail")))
    approve = reverse("providers:deposit_approve", args=[deposit.code])
    assert approve in text(office.get(reverse("providers:bank_detail")))
    assert office.post(approve).status_code == 302

    form = client.get(reverse("providers:bank_draw"))
    assert there.name in text(form)
    taken = {"offering": there.code, "month": "2026-11-01", "card_seconds": "6", "reference": "b"}
    refused = client.post(reverse("providers:bank_draw"), taken)
    assert (refused.status_code, "Others have 5 card-hours left" in text(refused)) == (422, True)
    assert client.post(reverse("providers:bank_draw"), {**taken, "card_seconds": "5"}).status_code
    page = text(client.get(reverse("providers:bank_detail")))
    assert "2.5 card-hours of 7.5 card-hours deposited are left" in page
    draw = BankDraw.objects.get()
    assert client.post(reverse("providers:draw_release", args=[draw.code])).status_code == 302
    assert "7.5 card-hours of 7.5 card-hours" in text(client.get(reverse("providers:bank_detail")))


def test_bank_refusal_is_told_with_its_reason(here: Offering) -> None:
    saver = bank.firm()
    deposit = bank.propose(saver, here, HOUR)
    office = visitor(bank.keeper(here))
    address = reverse("providers:deposit_refuse", args=[deposit.code])

    assert office.post(address, {"remark": ""}).status_code == 422
    assert office.post(address, {"remark": "机器在维修"}).status_code == 302

    assert "机器在维修" in text(visitor(saver).get(reverse("providers:bank_detail")))


def test_bank_through_the_api_with_one_key_is_one_effect(here: Offering, there: Offering) -> None:
    saver = bank.firm()
    client = visitor(saver)
    bank.deposit(bank.firm(), there, 5 * HOUR)
    body = {"month": "2026-11", "card_time": {"value": 2 * HOUR, "unit": "card_seconds"}}

    status, made = sent(client, "bank/deposits/", {**body, "offering": here.code})
    again, same = sent(client, "bank/deposits/", {**body, "offering": here.code})
    assert (status, again, made) == (201, 201, same)
    status, _told = sent(visitor(bank.keeper(here)), f"bank/deposits/{made['code']}/approve/", {})  # type: ignore[index]
    assert status == 200
    drawn = [sent(client, "bank/draws/", {**body, "offering": there.code}, "d") for _n in range(2)]
    assert drawn[0] == drawn[1]
    assert drawn[0][0] == 201
    answer = client.get(API + "bank/").json()
    assert [answer[name]["value"] for name in ("deposited", "left", "drawn")] == [7200, 0, 7200]
    status, refusal = sent(client, "bank/draws/", {**body, "offering": there.code}, "e")
    assert (status, refusal["code"]) == (409, "bank_hours_insufficient")  # type: ignore[index]
    code = drawn[0][1]["code"]  # type: ignore[index]
    assert sent(client, f"bank/draws/{code}/release/", {}, "r")[0] == 200
    assert client.get(API + "bank/draws/").json()["results"][0]["status"] == "released"
    no_key = client.post(API + "bank/draws/", json.dumps(body), "application/json")
    assert no_key.json()["code"] == "idempotency_key_missing"


def test_bank_page_takes_as_many_queries_for_three_deposits_as_for_one(
    here: Offering, there: Offering
) -> None:
    saver = bank.firm()
    client = visitor(saver)
    address = reverse("providers:bank_detail")
    bank.deposit(saver, here, HOUR)
    client.get(address)
    one = queries(lambda: client.get(address))
    for _number in range(2):
        bank.deposit(saver, here, HOUR)

    assert queries(lambda: client.get(address)) == one


def test_circles_are_public_and_tables_are_loaded(here: Offering) -> None:
    center = providers.facility(latency_us=3000)
    client = visitor(accounts.member(center.provider.organization, Role.OPERATOR))
    row = f"{center.code},621002,0.85,2026-10-12"
    table = f"facility,district,latency_ms,from_day\n{row}\n"
    address = reverse("providers:latency_load")

    def load(content: str, **more: str) -> object:
        file = SimpleUploadedFile("l.csv", content.encode())
        return client.post(address, {"file": file, **more})

    assert "nothing has been saved" in text(load(table, check="1"))
    assert "Nothing was taken" in text(load(table + "x,621002,1,2026-10-12\n"))
    assert not Latency.objects.exists()
    assert "The table is taken" in text(load(table))

    near = visitor().get(reverse("providers:latency_list"), {"district": "621002", "limit": "1"})
    assert center.name in text(near)
    assert here.facility is not None
    assert here.facility.name not in text(near)
    found = visitor().get(API + "latencies/", {"district": "621002", "limit_ms": "1"}).json()
    assert [(each["facility"], each["latency"]["value"]) for each in found] == [(center.code, 850)]
    body = {"table": table, "dry_run": False}
    assert sent(client, "latency-imports/", body)[1][0]["outcome"] == "unchanged"  # type: ignore[index]
    assert visitor(bank.firm()).get(address).status_code == 403
    assert Latency.objects.get().effective.lower == date(2026, 10, 12)
