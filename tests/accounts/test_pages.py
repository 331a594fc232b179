"""Pages of people, organizations, members and keys, through HTTP."""

import html
import re
import subprocess
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.live_server_helper import LiveServer

from accounts.access import Actor
from accounts.actions import keys, people
from accounts.models import ApiKey, Membership, Organization, OrganizationKind, Role, User
from accounts.permissions import Permission
from tests.accounts.test_organizations import valid_uscc
from tests.factories import accounts
from tests.factories.accounts import NOW

pytestmark = pytest.mark.django_db

LIST_QUERIES = 12
"""Session, person, five about the device, memberships; count and rows of the list; the bell; the menu on claims."""


def browser(actor: Actor | User | None = None) -> Client:
    client = Client()
    if actor is not None:
        client.force_login(actor if isinstance(actor, User) else actor.user)
    return client


def registration(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "enterprise",
        "uscc": valid_uscc(),
        "name": "庆阳精工机械有限公司",
        "legal_person": "李四",
        "region": "621002",
        "industry": "C3484",
        "employees": "1200",
        "revenue_fen": "３０，０００",
        "assets_fen": "",
        **changes,
    }


def test_sign_up_makes_an_account_and_signs_in() -> None:
    client = browser()
    asked = {
        "email": "New@Firm.example",
        "name": "赵六",
        "password1": "a sentence of words",
        "password2": "a sentence of words",
    }

    answer = client.post(reverse("account_signup"), asked, follow=True)

    user = User.objects.get(email="new@firm.example")
    assert user.name == "赵六"
    assert user.code.startswith("US-")
    assert answer.redirect_chain[-1][0] == "/"
    assert "登记您的机构" in answer.content.decode()


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"password2": "another one"}, "密码"), ({"email": "no mail"}, "邮"), ({"name": ""}, "姓名")],
)
def test_wrong_sign_up_is_refused(changes: dict[str, str], words: str) -> None:
    asked = {
        "email": "new@firm.example",
        "name": "赵六",
        "password1": "a sentence of words",
        "password2": "a sentence of words",
        **changes,
    }

    answer = browser().post(reverse("account_signup"), asked)

    assert words in answer.content.decode()
    assert not User.objects.exists()


def test_invited_person_sets_a_password_by_mail() -> None:
    people.sign_up(email="invited@firm.example", password=None, name="钱七", at=NOW)

    browser().post(reverse("account_reset_password"), {"email": "invited@firm.example"})

    address = re.search(r"/accounts/password/reset/key/\S+", str(mail.outbox[0].body))
    assert address
    client = browser()
    form = client.get(address[0], follow=True)
    word = "a sentence of words"
    client.post(form.redirect_chain[-1][0], {"password1": word, "password2": word})
    invited = User.objects.get(email="invited@firm.example")
    assert invited.check_password(word)
    second_factor = browser(invited).get(reverse("mfa_activate_totp"))
    assert second_factor["Location"].startswith(reverse("account_reauthenticate"))


def test_person_registers_an_enterprise_and_sees_why_its_size() -> None:
    client = browser(accounts.user())

    answer = client.post(reverse("accounts:organization_register"), registration(), follow=True)

    page = answer.content.decode()
    made = Organization.objects.get()
    assert (made.revenue_fen, made.size) == (30_000_000_000, "medium")
    assert made.memberships.get().role == Role.SIGNATORY
    assert "按“工业”一行" in page
    assert "营业收入" in page


def test_person_registers_a_provider_without_figures() -> None:
    client = browser(accounts.user())
    asked = registration(kind="provider", industry="", employees="", revenue_fen="")

    client.post(reverse("accounts:organization_register"), asked)

    made = Organization.objects.get(kind=OrganizationKind.PROVIDER)
    assert made.memberships.get().role == Role.OPERATOR
    assert made.size == ""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"uscc": valid_uscc()[:17] + "0"}, "最后一位"),
        ({"uscc": "9.1E+17"}, "电子表格"),
        ({"industry": "98"}, "没有这个行业"),
        ({"industry": ""}, "请填写"),
        ({"industry": "70"}, "三位"),
        ({"employees": "-5"}, "大于或等于"),
        ({"employees": "1e3"}, "整数"),
        ({"revenue_fen": "-5"}, "万元"),
        ({"revenue_fen": "NaN"}, "万元"),
        ({"revenue_fen": "1e9"}, "万元"),
        ({"revenue_fen": ""}, "营业收入"),
        ({"region": "990000"}, ""),
        ({"kind": "bureau"}, ""),
    ],
)
def test_wrong_registration_keeps_what_was_typed(changes: dict[str, str], words: str) -> None:
    answer = browser(accounts.user()).post(
        reverse("accounts:organization_register"), registration(**changes)
    )

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "data-error-summary" in page
    assert words in page
    assert "庆阳精工机械有限公司" in page
    assert not Organization.objects.exists()


def test_second_registration_of_a_company_says_what_to_do() -> None:
    browser(accounts.user()).post(reverse("accounts:organization_register"), registration())

    answer = browser(accounts.user()).post(
        reverse("accounts:organization_register"), registration()
    )

    assert answer.status_code == 422
    assert "已登记" in answer.content.decode()


def test_profile_form_shows_and_saves_units_of_ten_thousand() -> None:
    boss = accounts.signatory()
    client = browser(boss)

    page = client.get(reverse("accounts:organization_update")).content.decode()
    client.post(
        reverse("accounts:organization_update"),
        {
            "name": "改名公司", "legal_person": "李四", "region": "110108", "industry": "65",
            "employees": "10", "revenue_fen": "49.999999", "assets_fen": "0.5",
        },
    )  # fmt: skip

    firm = Organization.objects.get(pk=boss.own().pk)
    assert 'value="1200"' in page
    assert firm.revenue_fen == 49_999_999
    assert firm.assets_fen == 500_000
    assert firm.size == "micro"


def test_person_with_two_organizations_switches() -> None:
    boss = accounts.signatory()
    other = accounts.organization(OrganizationKind.PROVIDER, name="另一家")
    Membership.objects.create(
        user=boss.user, organization=other, role=Role.OPERATOR, created_at=NOW
    )
    client = browser(boss)

    page = client.get(reverse("accounts:account")).content.decode()
    client.post(reverse("accounts:organization_switch", args=[other.code]))

    assert "另一家" in page
    assert other.code in client.get(reverse("accounts:organization_detail")).content.decode()


def test_nobody_acts_for_a_strange_organization() -> None:
    stranger = accounts.organization()
    client = browser(accounts.signatory())

    answer = client.post(reverse("accounts:organization_switch", args=[stranger.code]))

    assert answer.status_code == 404


def test_manager_adds_and_ends_a_member() -> None:
    boss = accounts.signatory()
    client = browser(boss)
    asked = {"email": "clerk@firm.example", "name": "孙八", "role": "preparer"}

    added = client.post(reverse("accounts:member_add"), asked, follow=True)
    row = Membership.objects.get(user__email="clerk@firm.example")
    end = reverse("accounts:member_end", args=[row.code])
    confirm = client.get(end)
    client.post(end)

    assert "孙八" in added.content.decode()
    assert "结束" in confirm.content.decode()
    row.refresh_from_db()
    assert row.ended_by == boss.user


def test_preparer_and_signatory_are_two_people() -> None:
    boss = accounts.signatory()
    asked = {"email": boss.user.email, "name": "某", "role": "preparer"}

    answer = browser(boss).post(reverse("accounts:member_add"), asked)

    assert answer.status_code == 422
    assert "两个人" in answer.content.decode()


def test_last_manager_is_told_why_not() -> None:
    boss = accounts.signatory()
    row = Membership.objects.get(user=boss.user)

    answer = browser(boss).post(reverse("accounts:member_end", args=[row.code]))

    assert answer.status_code == 409
    assert "last_manager" in answer.content.decode()


def test_bureau_must_know_the_human() -> None:
    officer = accounts.officer()
    asked = {"email": "o@bureau.example", "name": "周九", "role": "reviewer"}

    missing = browser(officer).post(reverse("accounts:member_add"), asked)
    known = browser(officer).post(
        reverse("accounts:member_add"), asked | {"identity_number": "11010519491231002X"}
    )

    assert missing.status_code == 422
    assert known.status_code == 302
    assert len(User.objects.get(email="o@bureau.example").person_key) == 64


@pytest.mark.parametrize("count", [1, 3])
def test_team_list_costs_the_same_for_one_and_three(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    firm = accounts.organization()
    client = browser(accounts.signatory(firm))
    for _number in range(count - 1):
        accounts.preparer(firm)

    client.get(reverse("accounts:member_list"))  # the first visit notes the device
    with django_assert_num_queries(LIST_QUERIES):
        client.get(reverse("accounts:member_list"))


@pytest.mark.parametrize("count", [1, 3])
def test_key_list_costs_the_same_for_one_and_three(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    boss = accounts.signatory()
    for number in range(count):
        keys.create(
            by=boss, name=f"k{number}", scopes=["order.view"], at=NOW,
            expires_at=NOW + timedelta(days=9),
        )  # fmt: skip

    client = browser(boss)
    client.get(reverse("accounts:key_list"))  # the first visit notes the device
    with django_assert_num_queries(LIST_QUERIES):
        client.get(reverse("accounts:key_list"))


def test_key_is_shown_once() -> None:
    boss = accounts.signatory()
    client = browser(boss)
    last_day = (timezone.now() + timedelta(days=30)).date().isoformat()
    asked = {"name": "计量系统", "scopes": ["usage.view"], "expires_on": last_day}

    made = client.post(reverse("accounts:key_create"), asked)
    listed = client.get(reverse("accounts:key_list")).content.decode()

    key = ApiKey.objects.get()
    token = re.search(r"pk_\w{8}_[\w-]+", made.content.decode())
    assert token
    assert token[0] not in listed
    assert key.prefix in listed
    assert "no-store" in made["Cache-Control"]
    assert key.last_day.isoformat() == last_day


@pytest.mark.parametrize("scope", ["organization.manage", "settlement.sign"])
def test_scope_not_held_is_refused_by_the_form(scope: str) -> None:
    asked = {"name": "k", "scopes": [scope], "expires_on": "2099-01-01"}

    answer = browser(accounts.signatory()).post(reverse("accounts:key_create"), asked)

    assert answer.status_code == 422
    assert not ApiKey.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_quick_start_really_runs(live_server: LiveServer) -> None:
    boss = accounts.signatory()
    client = browser(boss)
    last_day = (timezone.now() + timedelta(days=30)).date().isoformat()
    asked = {"name": "试用", "scopes": ["usage.view"], "expires_on": last_day}
    host = live_server.url.removeprefix("http://")
    page = client.post(reverse("accounts:key_create"), asked, headers={"host": host})
    command = re.search(r'id="quick-start">(.*?)</pre>', page.content.decode(), re.DOTALL)
    assert command

    done = subprocess.run(  # the page's own command, as a person would paste it
        ["bash", "-c", html.unescape(command[1])], capture_output=True, text=True, check=True
    )

    assert f'"organization":"{boss.own().code}"' in done.stdout


def test_second_factor_is_reachable_from_the_account_page() -> None:
    client = browser(accounts.officer())

    page = client.get(reverse("accounts:account")).content.decode()

    assert reverse("mfa_index") in page
    assert client.get(reverse("mfa_index")).status_code == 200


def test_session_dies_when_the_person_is_deactivated() -> None:
    boss = accounts.signatory()
    client = browser(boss)
    address = reverse("accounts:organization_detail")
    assert client.get(address).status_code == 200

    people.deactivate(email=boss.user.email, at=NOW)

    assert client.get(address).status_code == 302
    assert not client.login(email=boss.user.email, password="correct horse battery")


def test_home_tells_a_signatory_that_a_preparer_is_missing() -> None:
    firm = accounts.organization()
    boss = accounts.signatory(firm)

    alone = browser(boss).get("/").content.decode()
    accounts.preparer(firm)
    complete = browser(boss).get("/").content.decode()

    assert reverse("accounts:member_add") in alone
    assert reverse("accounts:member_add") not in complete


def test_home_warns_of_keys_about_to_expire() -> None:
    boss = accounts.signatory()
    at = timezone.now()
    keys.create(
        by=boss, name="k", scopes=[Permission.ORDER_VIEW], at=at, expires_at=at + timedelta(days=3)
    )

    page = browser(boss).get("/").content.decode()

    assert reverse("accounts:key_list") in page


def test_visitor_sees_the_public_first_page() -> None:
    page = browser().get("/").content.decode()

    assert reverse("account_signup") in page
    assert reverse("account_login") in page


@pytest.mark.parametrize(
    "name",
    [
        "accounts:account", "accounts:organization_register", "accounts:organization_detail",
        "accounts:organization_update", "accounts:member_list", "accounts:member_add",
        "accounts:key_list", "accounts:key_create", "home",
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_page_speaks_one_language(name: str, language: str) -> None:
    client = browser(accounts.signatory())
    client.cookies["django_language"] = language

    page = client.get(reverse(name)).content.decode()

    main = re.search(r"<h1>(.*?)</h1>", page, re.DOTALL)
    assert main
    chinese = re.search(r"[\u4e00-\u9fff]", main[1]) is not None
    shows_a_name = name == "accounts:organization_detail"
    assert chinese is (language == "zh-hans" or shows_a_name)
