"""API keys: scopes, life, revocation, and what they open."""

import hashlib
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from accounts.actions import actors, keys, members
from accounts.models import ApiKey, Event, Membership, Role
from accounts.permissions import Permission
from common.errors import Forbidden
from tests.factories import accounts
from tests.factories.accounts import NOW

pytestmark = pytest.mark.django_db
VIEW = Permission.ORGANIZATION_VIEW.value
LIFE = timedelta(days=30)


def make(
    by: object = None, name: str = "计量", scopes: tuple[str, ...] = (VIEW,)
) -> tuple[ApiKey, str]:
    actor = by or accounts.signatory()
    return keys.create(by=actor, name=name, scopes=scopes, expires_at=NOW + LIFE, at=NOW)  # type: ignore[arg-type]


def answer(token: str) -> int:
    with time_machine.travel(NOW, tick=False):
        return Client().get("/api/v1/me/", headers={"Authorization": f"Bearer {token}"}).status_code


def test_key_is_kept_as_a_hash_and_opens_the_api() -> None:
    key, token = make()

    assert token.startswith(f"pk_{key.prefix}_")
    assert bytes(key.secret_sha256) == hashlib.sha256(token.encode()).digest()
    assert answer(token) == 200
    assert Event.objects.get(verb="created", subject_code=key.prefix).data == {
        "scopes": [VIEW],
        "signed": False,
    }


@pytest.mark.parametrize("wrong", ["pk_ABCDEFGH_x", "nonsense", "pk_", "é"])
def test_unknown_key_is_refused(wrong: str) -> None:
    assert answer(wrong) == 401


def test_key_dies_on_time() -> None:
    _key, token = make()

    with time_machine.travel(NOW + LIFE, tick=False):
        late = Client().get("/api/v1/me/", headers={"Authorization": f"Bearer {token}"})

    assert late.status_code == 401
    assert late.json()["code"] == "authentication_failed"


def test_revoked_key_is_refused() -> None:
    boss = accounts.signatory()
    key, token = make(boss)

    keys.revoke(by=boss, key=key, at=NOW)
    again = keys.revoke(by=boss, key=key, at=NOW + LIFE)

    assert answer(token) == 401
    assert again.revoked_at == NOW
    assert Event.objects.filter(verb="revoked").count() == 1


def test_key_dies_with_its_maker() -> None:
    boss = accounts.signatory()
    _key, token = make(boss)

    boss.user.is_active = False
    boss.user.save()

    assert answer(token) == 401


def test_key_never_exceeds_what_its_maker_may_still_do() -> None:
    firm = accounts.organization()
    boss, other = accounts.signatory(firm), accounts.signatory(firm)
    key, _token = make(boss, scopes=(VIEW, Permission.BILL_CONFIRM.value))

    members.end(by=other, membership=Membership.objects.get(user=boss.user), at=NOW)

    assert actors.from_key(key=key).permissions == frozenset()


def test_key_has_only_its_scopes() -> None:
    _key, token = make()

    with time_machine.travel(NOW, tick=False):
        client = Client(headers={"Authorization": f"Bearer {token}"})
        assert client.get("/api/v1/organization/").status_code == 200
        assert client.get("/api/v1/keys/").status_code == 403
        assert client.post("/api/v1/keys/", {}, "application/json").status_code == 403


@pytest.mark.parametrize(
    "scopes",
    [
        (),
        (Permission.ORGANIZATION_MANAGE.value,),
        (Permission.SETTLEMENT_SIGN.value,),
        ("nonsense",),
    ],
)
def test_scope_that_the_maker_may_not_give_is_refused(scopes: tuple[str, ...]) -> None:
    with pytest.raises(keys.ScopeNotHeld):
        make(scopes=scopes)


@pytest.mark.parametrize("life", [timedelta(0), timedelta(days=-1), timedelta(days=367)])
def test_expiry_lies_within_a_year(life: timedelta) -> None:
    with pytest.raises(keys.BadExpiry):
        keys.create(by=accounts.signatory(), name="k", scopes=[VIEW], expires_at=NOW + life, at=NOW)


def test_form_sent_twice_makes_one_key() -> None:
    boss = accounts.signatory()
    key, _token = make(boss)

    with pytest.raises(keys.NameTaken):
        make(boss)
    keys.revoke(by=boss, key=key, at=NOW)

    assert make(boss)[0].name == key.name
    assert ApiKey.objects.count() == 2


def test_key_makes_no_key() -> None:
    key, _token = make()

    with pytest.raises(Forbidden):
        make(actors.from_key(key=key), name="two")


@pytest.mark.parametrize("role", [Role.PREPARER, Role.VIEWER])
def test_colleague_who_does_not_manage_makes_and_revokes_nothing(role: str) -> None:
    firm = accounts.organization()
    key, _token = make(accounts.signatory(firm))
    colleague = accounts.member(firm, role)

    with pytest.raises(Forbidden):
        make(colleague, name="two")
    with pytest.raises(Forbidden):
        keys.revoke(by=colleague, key=key, at=NOW)


def test_stranger_revokes_nothing() -> None:
    key, _token = make()

    with pytest.raises(ApiKey.DoesNotExist):
        keys.revoke(by=accounts.signatory(), key=key, at=NOW)
