"""The pre-check on pages: one question each, back works, answers are kept and carried on."""

from typing import Any

import pytest
import time_machine
from django.test import Client

from tests.factories import accounts, grants, plans
from tests.factories.accounts import NOW
from vouchers.grants.models import Application
from vouchers.grants.rules import files

from .web import page

pytestmark = pytest.mark.django_db
MAKER = {
    "kind": "compute",
    "planned_spend_fen": "100,000",
    "legal_form": "company",
    "region": "621002",
    "industry": "3484",
    "employees": "40",
    "revenue_fen": "1200",
}


@pytest.fixture(autouse=True)
def monday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def walk(client: Client, given: dict[str, str], scheme: str = "") -> Any:
    """Answer question after question as the pages lead; the last page."""
    url, seen = f"/precheck/kind/{f'?scheme={scheme}' if scheme else ''}", []
    while "/result/" not in url:
        step = url.split("/")[2]
        seen.append(step)
        answer = client.post(url, {step: given.get(step, ""), "scheme": scheme})
        assert answer.status_code == 302, (step, answer.content.decode())
        url = answer["Location"]
    last: Any = client.get(url)
    last.steps = seen
    return last


def test_yes_with_amount_and_only_the_figures_that_decide() -> None:
    scheme = grants.scheme()

    result = walk(page(), MAKER)

    assert result.steps == list(MAKER)
    text = result.content.decode()
    assert "Yes, your company could get a voucher" in text
    assert "¥30,000.00" in text
    assert f"/schemes/{scheme.code}/apply/" in text


@pytest.mark.parametrize(
    ("industry", "asked"),
    [
        ("7010", ["revenue_fen", "assets_fen"]),
        ("0111", ["revenue_fen"]),
        ("9411", []),
        ("", ["employees", "revenue_fen"]),
    ],
)
def test_questions_follow_the_row_of_the_standard(industry: str, asked: list[str]) -> None:
    grants.scheme()

    result = walk(page(), {**MAKER, "industry": industry, "assets_fen": "1"})

    assert result.steps[5:] == asked
    assert 5 <= len(result.steps) <= 8


def test_no_with_the_reason_and_what_else() -> None:
    beijing, other = grants.scheme(rules=plans.BEIJING), grants.scheme(name_en="The other scheme")
    large = {**MAKER, "employees": "5000", "revenue_fen": "900000"}

    text = walk(page(), large, scheme=beijing.code).content.decode()

    assert "Not under this scheme as things stand" in text
    assert "The size of the enterprise is not among those supported" in text
    assert other.title in text or "The other scheme" in text


def test_perhaps_while_something_is_not_known() -> None:
    beijing = grants.scheme(rules=plans.BEIJING)
    few = {"kind": "compute", "planned_spend_fen": "100000"}

    text = walk(page(), few, scheme=beijing.code).content.decode()

    assert "Perhaps: some things are still open" in text


@pytest.mark.parametrize("amount", ["-5", "NaN", "1e400", "0", "1.234", ""])
def test_what_is_no_amount_is_refused_and_kept_in_the_field(amount: str) -> None:
    grants.scheme()

    answer = page().post("/precheck/planned_spend_fen/", {"planned_spend_fen": amount})

    assert answer.status_code == 422
    assert "planned_spend_fen" in answer.context["form"].errors


def test_back_shows_the_answer_and_progress() -> None:
    grants.scheme()
    client = page()
    client.post("/precheck/kind/", {"kind": "compute"})
    client.post("/precheck/planned_spend_fen/", {"planned_spend_fen": "88888"})

    text = client.get("/precheck/planned_spend_fen/").content.decode()

    assert 'value="88888.00"' in text
    assert "2 / 7" in text
    assert 'href="/precheck/kind/"' in text


def test_result_without_answers_leads_to_the_first_open_question() -> None:
    grants.scheme()
    client = page()
    client.post("/precheck/kind/", {"kind": "compute"})

    assert client.get("/precheck/result/")["Location"] == "/precheck/planned_spend_fen/"


def test_answers_fill_registration_and_application_after_signing_in() -> None:
    scheme = grants.scheme()
    client = page()
    walk(client, MAKER)
    preparer = accounts.preparer()
    client.post(
        "/accounts/login/",
        {"login": preparer.user.email, "password": "correct horse battery"},
    )

    begin = client.get(f"/schemes/{scheme.code}/apply/").content.decode()
    register = client.get("/accounts/organizations/new/")

    assert 'value="100000.00"' in begin
    initial = register.context["form"].initial
    assert (initial["industry"], initial["employees"]) == ("3484", 40)
    assert 'value="1200"' in register.content.decode()


def test_forgetting_forgets() -> None:
    grants.scheme()
    client = page()
    walk(client, MAKER)

    client.post("/precheck/forget/")

    assert client.get("/precheck/result/")["Location"] == "/precheck/kind/"


def test_nobody_is_led_into_an_empty_pre_check() -> None:
    text = page().get("/precheck/").content.decode()

    assert "No scheme is open today" in text


def test_kind_of_applicant_is_carried_into_an_application_that_asks_for_it() -> None:
    text = files.shipped()["qingyang-2024"].read_text(encoding="utf-8")
    scheme = grants.scheme(rules=files.parse(text).data)
    preparer = accounts.preparer()
    client = page()
    walk(client, {**MAKER, "legal_form": "research_institute"}, scheme=scheme.code)
    client.force_login(preparer.user)

    url = f"/schemes/{scheme.code}/apply/"
    answer = client.post(url, {"kind": "compute", "planned_spend_fen": "100000", "seen": "1"})

    assert answer.status_code == 302, answer.content.decode()
    assert Application.objects.get().answers["legal_form"] == "research_institute"
