"""API of people, organizations, members and keys."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.access import Actor
from accounts.models import ApiKey, Membership, Organization, Role
from tests.accounts.test_organizations import valid_uscc
from tests.factories import accounts

pytestmark = pytest.mark.django_db


def caller(actor: Actor) -> Client:
    client = Client()
    client.force_login(actor.user)
    return client


def registration(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "enterprise",
        "name": "庆阳精工机械有限公司",
        "uscc": valid_uscc(),
        "region": "621002",
        "industry": "C34",
        "employees": 1200,
        "revenue": {"amount": "300000000.00", "currency": "CNY"},
        "legal_person": "李四",
        "role": "signatory",
        **changes,
    }


def post(client: Client, name: str, body: Any, *args: str) -> Any:
    return client.post(reverse(name, args=args), body, "application/json")


def test_registration_answers_the_sized_organization() -> None:
    client = Client()
    client.force_login(accounts.user())

    answer = post(client, "api-organizations", registration())

    assert answer.status_code == 201
    body = answer.json()
    assert body["size"] == "medium"
    assert body["industry"] == "34"
    assert body["revenue"] == {"amount": "300000000.00", "currency": "CNY"}
    assert body["assets"] is None


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"uscc": valid_uscc()[:17] + "0"}, "/uscc"),
        ({"uscc": 9.1e17}, "/uscc"),
        ({"uscc": "9.1E+17"}, "/uscc"),
        ({"industry": "98"}, "/industry"),
        ({"industry": "59"}, "/industry"),
        ({"region": "000000"}, "/region"),
        ({"employees": -1}, "/employees"),
        ({"employees": 1.5}, "/employees"),
        ({"employees": True}, "/employees"),
        ({"employees": "NaN"}, "/employees"),
        ({"revenue": {"amount": "NaN", "currency": "CNY"}}, "/revenue"),
        ({"revenue": {"amount": "-1", "currency": "CNY"}}, "/revenue"),
        ({"revenue": {"amount": 1, "currency": "CNY"}}, "/revenue"),
        ({"revenue": 1}, "/revenue"),
        ({"revenue": None}, "/revenue_fen"),
        ({"kind": "bureau"}, "/kind"),
        ({"name": "x" * 101}, "/name"),
        ({"name": "a\x00b"}, "/name"),
    ],
)
def test_wrong_registration_is_a_problem_at_its_pointer(
    changes: dict[str, Any], pointer: str
) -> None:
    client = Client()
    client.force_login(accounts.user())

    answer = post(client, "api-organizations", registration(**changes))

    assert answer.status_code in {400, 422}
    assert answer["Content-Type"] == "application/problem+json"
    assert pointer in answer.json()["errors"]
    assert not Organization.objects.exists()


@pytest.mark.parametrize("body", ["{", "[]", '"x"', "null", "NaN", '{"employees": NaN}'])
def test_nonsense_body_is_a_problem(body: str) -> None:
    client = Client()
    client.force_login(accounts.user())

    answer = post(client, "api-organizations", body)

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_size_is_explained_to_everybody() -> None:
    asked = {
        "industry": "65",
        "employees": 10,
        "revenue": {"amount": "499999.99", "currency": "CNY"},
    }

    answer = post(Client(headers={"accept-language": "en"}), "api-size-classify", asked)

    body = answer.json()
    assert body["size"] == "micro"
    assert body["bounds"][-1] == {
        "level": "small", "indicator": "revenue", "minimum": 50_000_000, "saw": 49_999_999,
        "is_reached": False,
    }  # fmt: skip
    assert body["explanation"].startswith("By the line “Software")


def test_profile_is_read_and_changed_by_the_signatory() -> None:
    boss = accounts.signatory()
    client = caller(boss)
    body = client.get(reverse("api-organization")).json()
    change = {
        "name": "改名公司", "region": "110108", "industry": "65", "employees": 9,
        "revenue": body["revenue"], "assets": body["assets"], "legal_person": "李四",
    }  # fmt: skip

    saved = client.put(reverse("api-organization"), change, "application/json")

    assert body["code"] == boss.own().code
    assert saved.json()["size"] == "micro"


def test_preparer_reads_but_does_not_change() -> None:
    client = caller(accounts.preparer())

    assert client.get(reverse("api-organization")).status_code == 200
    refused = client.put(reverse("api-organization"), {}, "application/json")

    assert refused.status_code == 403
    assert refused.json()["code"] == "permission_denied"


def test_nobody_signed_in_is_asked_for_credentials() -> None:
    answer = Client().get(reverse("api-organization"))

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert answer.json()["code"] == "not_authenticated"


def test_session_needs_the_csrf_token() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(accounts.signatory().user)

    answer = post(client, "api-members", {})

    assert answer.status_code == 403


def test_members_are_listed_added_and_ended() -> None:
    boss = accounts.signatory()
    client = caller(boss)
    accounts.signatory()

    added = post(
        client, "api-members", {"email": "c@f.example", "name": "孙八", "role": "preparer"}
    )
    listed = client.get(reverse("api-members")).json()
    ended = post(client, "api-member-end", {}, added.json()["code"])

    assert added.status_code == 201
    assert [row["role"] for row in listed["results"]] == ["signatory", "preparer"]
    assert ended.json()["ended_at"] is not None
    assert client.get(reverse("api-members")).json()["count"] == 1


def test_bureau_names_the_human() -> None:
    client = caller(accounts.officer())
    asked = {"email": "o@b.example", "name": "周九", "role": "reviewer"}

    missing = post(client, "api-members", asked)
    wrong = post(client, "api-members", asked | {"identity_number": "1" * 18})
    known = post(client, "api-members", asked | {"identity_number": "11010519491231002X"})

    assert "/identity_number" in missing.json()["errors"]
    assert "/identity_number" in wrong.json()["errors"]
    assert known.status_code == 201
    assert "identity_number" not in known.json()


def test_key_is_made_listed_without_secret_and_revoked() -> None:
    client = caller(accounts.signatory())
    ends = (timezone.now() + timedelta(days=9)).isoformat()

    made = post(client, "api-keys", {"name": "k", "scopes": ["order.view"], "expires_at": ends})
    listed = client.get(reverse("api-keys"))
    revoked = post(client, "api-key-revoke", {}, made.json()["prefix"])

    assert made.status_code == 201
    assert made["Cache-Control"] == "no-store"
    token = made.json()["token"]
    assert token not in listed.content.decode()
    assert revoked.json()["revoked_at"] is not None
    assert (
        Client().get("/api/v1/me/", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    )


@pytest.mark.parametrize("name", ["api-member-end", "api-key-revoke"])
def test_code_of_another_organization_is_unknown(name: str) -> None:
    firm = accounts.organization()
    boss = accounts.signatory(firm)
    row = Membership.objects.get(user=boss.user)
    code = row.code
    if name == "api-key-revoke":
        code = ApiKey.objects.create(
            organization=firm, name="k", prefix="ABCDEFGH", secret_sha256=b"x" * 32, scopes=[],
            created_at=timezone.now(), created_by=boss.user, expires_at=timezone.now(),
        ).prefix  # fmt: skip

    answer = post(caller(accounts.signatory()), name, {}, code)
    unknown = post(caller(accounts.signatory()), name, {}, "MB-2222-2222")

    assert answer.status_code == unknown.status_code == 404
    assert answer.json() == unknown.json()


def test_me_names_person_organization_and_permissions() -> None:
    actor = accounts.member(accounts.organization(), Role.VIEWER)

    body = caller(actor).get(reverse("api-me-read")).json()

    assert body == {
        "person": actor.user.code,
        "organization": actor.own().code,
        "organization_kind": "enterprise",
        "key": None,
        "permissions": ["organization.view"],
    }


def test_me_of_a_person_without_organization() -> None:
    client = Client()
    client.force_login(accounts.user())

    assert client.get(reverse("api-me-read")).json()["organization"] is None


def test_codes_are_listed_for_everybody() -> None:
    industries = Client().get(reverse("api-industry-list")).json()
    regions = Client().get(reverse("api-region-list")).json()

    assert len(industries) == 97 + 12
    assert {"code": "621000", "name": "庆阳市", "name_en": "Qingyang"} in regions


@pytest.mark.parametrize("count", [1, 3])
def test_member_list_costs_the_same_for_one_and_three(
    count: int, django_assert_max_num_queries: Any
) -> None:
    firm = accounts.organization()
    client = caller(accounts.signatory(firm))
    for _number in range(count - 1):
        accounts.preparer(firm)
    client.get(reverse("api-members"))

    with django_assert_max_num_queries(10):
        assert client.get(reverse("api-members")).json()["count"] == count
