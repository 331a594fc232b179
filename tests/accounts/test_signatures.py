"""Keys that sign their requests: what is changed, old or unsigned is refused with what to do."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client, override_settings

from accounts.actions import keys
from accounts.models import ApiKey
from accounts.permissions import Permission
from config import env
from providers.models import Subscription
from tests.factories import accounts, providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from vouchers.billing.models import UsageEvent
from vouchers.billing.rules.events import EVENT_TYPE

pytestmark = pytest.mark.django_db

USAGE, ME = "/api/v1/usage/", "/api/v1/me/"
JSON = {"Content-Type": "application/json"}


@pytest.fixture(autouse=True)
def frozen() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def subscription() -> Subscription:
    return providers.subscription()


@pytest.fixture
def made(subscription: Subscription) -> tuple[ApiKey, str]:
    """A key that must sign, with its secret."""
    return keys.create(
        by=metered.operator(subscription.offering.provider),
        name="meter",
        scopes=[Permission.USAGE_REPORT],
        expires_at=NOW + timedelta(days=30),
        is_signed=True,
        at=NOW,
    )


@pytest.fixture
def secret(made: tuple[ApiKey, str]) -> str:
    return made[1]


@pytest.fixture(scope="module")
def signed() -> Any:
    """The client in the documentation."""
    page = (env.ROOT / "docs/signing.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - our own documentation
    assert len([line for line in code.splitlines() if line.strip()]) <= 20
    return names["signed"]


def body(subscription: Subscription, event_id: str = "r-1") -> bytes:
    event = {
        "specversion": "1.0",
        "type": EVENT_TYPE,
        "source": "/clusters/a",
        "id": event_id,
        "time": "2026-10-12T09:00:00+08:00",
        "subject": subscription.code,
        "data": {"input_tokens": 7},
    }
    return json.dumps([event]).encode()


def post(headers: dict[str, str], content: bytes, target: str = USAGE) -> tuple[int, str]:
    given = {name: value for name, value in headers.items() if name != "Content-Type"}
    answer = Client().generic("POST", target, content, headers["Content-Type"], headers=given)
    told = answer.json()
    return answer.status_code, told.get("code") or told["events"][0]["outcome"]


def test_client_of_the_documentation_reports_usage(
    signed: Any, secret: str, subscription: Subscription
) -> None:
    content = body(subscription)
    headers = signed(secret, "POST", USAGE, JSON, content)

    assert post(headers, content) == (200, "accepted")
    assert post(headers, content) == (200, "duplicate")
    assert UsageEvent.objects.count() == 1


def test_body_of_more_than_djangos_limit_is_taken(
    signed: Any, secret: str, subscription: Subscription
) -> None:
    content = body(subscription) + b" " * 6_000_000
    most = body(subscription, "r-2") + b" " * 12_000_000

    assert post(signed(secret, "POST", USAGE, JSON, content), content) == (200, "accepted")
    assert post(signed(secret, "POST", USAGE, JSON, most), most) == (413, "body_too_large")


def test_request_changed_on_its_way_is_refused(
    signed: Any, secret: str, subscription: Subscription
) -> None:
    content = body(subscription)
    headers = signed(secret, "POST", USAGE, JSON, content)
    refused = (401, "signature_wrong")

    assert post(headers, body(subscription, "r-2")) == refused
    assert post(headers, content, f"{USAGE}?trial=true") == refused
    assert post({**headers, "Content-Type": "text/csv"}, content) == refused
    assert post({**headers, "Idempotency-Key": "k"}, content) == refused
    assert post({**headers, "ce-id": "r-9", "ce-specversion": "1.0"}, content) == refused
    later = re.sub(
        r"timestamp=(\d+)", lambda found: f"timestamp={int(found[1]) + 1}", headers["Authorization"]
    )
    assert post({**headers, "Authorization": later}, content) == refused
    assert not UsageEvent.objects.exists()


@pytest.mark.parametrize(
    ("seconds", "answer"),
    [
        (-301, (401, "signature_expired")),
        (-300, (200, "accepted")),
        (300, (200, "accepted")),
        (301, (401, "signature_expired")),
    ],
)
def test_request_is_taken_within_five_minutes(
    signed: Any, secret: str, subscription: Subscription, seconds: int, answer: tuple[int, str]
) -> None:
    content = body(subscription)
    with time_machine.travel(NOW + timedelta(seconds=seconds), tick=False):
        headers = signed(secret, "POST", USAGE, JSON, content)

    assert post(headers, content) == answer


def test_secret_sent_as_a_bearer_key_is_refused_with_what_to_do(
    secret: str, subscription: Subscription
) -> None:
    headers = {"Authorization": f"Bearer {secret}"}

    answer = Client().get(ME, headers={**headers, "Accept-Language": "en"})

    assert (answer.status_code, answer.json()["code"]) == (401, "signature_missing")
    assert "puhui-hmac-sha256 key=" in answer.json()["detail"]
    assert answer["WWW-Authenticate"] == "puhui-hmac-sha256"


@pytest.mark.parametrize(
    "credentials",
    [
        "",
        "key=A",
        "key=A, timestamp=x, signature=b",
        "key=A, timestamp=1e3, signature=b",
        "key=A, timestamp=9999999999999, signature=b",
        "key=A, timestamp=1, signature=b, x=y",
    ],
)
def test_header_without_its_three_parts_is_malformed(credentials: str) -> None:
    answer = Client().get(ME, headers={"Authorization": f"puhui-hmac-sha256 {credentials}"})

    assert (answer.status_code, answer.json()["code"]) == (401, "signature_malformed")


def test_other_secret_and_ended_key_are_refused_alike(
    signed: Any, made: tuple[ApiKey, str], subscription: Subscription
) -> None:
    key, secret = made
    content = body(subscription)
    forged = f"sk_{key.prefix}_{bytes(key.secret_sha256).hex()}"
    unknown = secret.replace(key.prefix, "AAAAAAAA")
    outcomes = [
        post(signed(each, "POST", USAGE, JSON, content), content) for each in (forged, unknown)
    ]
    good = signed(secret, "POST", USAGE, JSON, content)

    ApiKey.objects.update(revoked_at=NOW, revoked_by=key.created_by)

    assert [*outcomes, post(good, content)] == [(401, "signature_wrong")] * 3


def test_unsigned_key_signs_nothing_and_needs_no_signature(signed: Any) -> None:
    boss = accounts.signatory()
    scopes = [Permission.ORGANIZATION_VIEW]
    key, token = keys.create(
        by=boss, name="plain", scopes=scopes, expires_at=NOW + timedelta(days=1), at=NOW
    )

    plain = Client().get(ME, headers={"Authorization": f"Bearer {token}"})
    forged = Client().get(ME, headers=signed(token, "GET", ME, {}))

    assert key.is_signed is False
    assert (plain.status_code, forged.status_code) == (200, 401)


def test_nothing_of_the_secret_is_stored_and_old_server_keys_stay_good(
    signed: Any, made: tuple[ApiKey, str], subscription: Subscription
) -> None:
    _key, secret = made
    content = body(subscription)
    stored = json.dumps(
        ApiKey.objects.values().get(),
        default=lambda each: (
            bytes(each).hex() if isinstance(each, bytes | memoryview) else str(each)
        ),
    )
    headers = signed(secret, "POST", USAGE, JSON, content)

    with override_settings(REQUEST_SIGNING_KEYS=["new"]):
        other = post(headers, content)
    with override_settings(REQUEST_SIGNING_KEYS=["new", *_server_keys()]):
        again = post(headers, content)

    assert secret.split("_", 2)[2] not in stored
    assert (other, again) == ((401, "signature_wrong"), (200, "accepted"))


def _server_keys() -> list[str]:
    from django.conf import settings

    return list(settings.REQUEST_SIGNING_KEYS)


def test_key_made_through_the_api_says_that_it_signs() -> None:
    client = Client()
    client.force_login(accounts.signatory().user)
    sent = {
        "name": "signed",
        "scopes": [Permission.ORGANIZATION_VIEW.value],
        "expires_at": (NOW + timedelta(days=1)).isoformat(),
        "is_signed": True,
    }

    answer = client.post("/api/v1/keys/", sent, "application/json").json()

    assert answer["is_signed"] is True
    assert answer["token"].startswith(f"sk_{answer['prefix']}_")
