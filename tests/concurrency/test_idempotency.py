"""One key from 64 threads: one effect, equal answers; first the race without the decorator."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from accounts.access import PUBLIC
from accounts.actions import keys
from accounts.models import Role
from accounts.permissions import Permission
from common import idempotency
from common.idempotency import idempotent
from common.models import Channel, IdempotencyKey, OutboxMessage
from tests.factories import accounts
from tests.threads import together
from vouchers.ledger.models import Transfer

THREADS = 64


def _write_unless_there(prefix: str) -> Response:
    """An effect that looks first and writes then, as careless code does."""
    number = OutboxMessage.objects.filter(key__startswith=prefix).count()
    row = OutboxMessage.objects.create(
        key=f"{prefix}-{number}-{time.perf_counter_ns()}",
        channel=Channel.MAIL,
        recipient="somebody",
        subject="effect",
        body="",
        created_at=timezone.now(),
        due_at=timezone.now(),
    )
    return Response({"id": row.pk}, status=201)


class Careless(APIView):
    """Without the decorator."""

    policy = PUBLIC

    def post(self, request: Request) -> Response:
        """Write when nothing seems to be there."""
        if OutboxMessage.objects.filter(key__startswith="careless").exists():
            return Response({"id": None})
        return _write_unless_there("careless")


class Careful(APIView):
    """With the decorator."""

    policy = PUBLIC

    @idempotent
    def post(self, request: Request) -> Response:
        """Write."""
        return _write_unless_there("careful")


def _ask(view: type[APIView]) -> Callable[[], tuple[int, object]]:
    def work() -> tuple[int, object]:
        for _attempt in range(200):
            request = APIRequestFactory().post(
                "/effect/", {"a": 1}, format="json", headers={"Idempotency-Key": "one"}
            )
            answer = view.as_view()(request)
            if answer.status_code != 409:
                return answer.status_code, answer.data
            time.sleep(0.02)
        return 409, None

    return work


@pytest.mark.django_db(transaction=True)
def test_without_the_key_the_effect_happens_more_than_once() -> None:
    for _round in range(20):
        OutboxMessage.objects.all().delete()
        together([_ask(Careless)] * THREADS)
        if OutboxMessage.objects.count() > 1:
            break

    assert OutboxMessage.objects.count() > 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_number", [1, 2])
def test_one_key_has_one_effect_and_equal_answers(round_number: int) -> None:
    answers = together([_ask(Careful)] * THREADS)

    assert OutboxMessage.objects.filter(key__startswith="careful").count() == 1
    assert all(answer == answers[0] for answer in answers), round_number
    assert isinstance(answers[0], tuple)
    assert answers[0][0] == 201


@pytest.mark.django_db
def test_key_with_another_body_is_refused() -> None:
    factory = APIRequestFactory()
    first = factory.post("/effect/", {"a": 1}, format="json", headers={"Idempotency-Key": "one"})
    other = factory.post("/effect/", {"a": 2}, format="json", headers={"Idempotency-Key": "one"})

    Careful.as_view()(first)
    answer = Careful.as_view()(other)

    assert (answer.status_code, answer.data["code"]) == (422, "idempotency_key_reused")


@pytest.mark.django_db
def test_missing_key_is_refused() -> None:
    answer = Careful.as_view()(APIRequestFactory().post("/effect/", {"a": 1}, format="json"))

    assert (answer.status_code, answer.data["code"]) == (400, "idempotency_key_missing")


def _deposit() -> Callable[[], tuple[int, object]]:
    """One deposit through the whole stack: address, key, permission, view, ledger."""
    officer = accounts.officer(None, Role.SCHEME_OFFICER, Role.SETTLEMENT_OFFICER)
    _made, token = keys.create(
        by=officer, name="bank", scopes=[Permission.FUNDS_RECORD],
        expires_at=timezone.now() + timedelta(days=1), at=timezone.now(),
    )  # fmt: skip
    body = {
        "enterprise": accounts.organization().code,
        "amount": {"amount": "12.34", "currency": "CNY"},
        "reference": "bank-1",
    }
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "one"}

    def work() -> tuple[int, object]:
        client = Client(raise_request_exception=False)
        for _attempt in range(400):
            answer = client.post(
                "/api/v1/deposits/", body, content_type="application/json", headers=headers
            )
            if answer.status_code != 409:
                break
            time.sleep(0.02)
        return answer.status_code, answer.json()

    return work


@pytest.mark.django_db(transaction=True)
def test_one_key_through_the_api_without_the_lock_gets_errors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(idempotency, "_try_lock", lambda _name: True)

    answers = together([_deposit()] * THREADS)

    assert {answer[0] for answer in answers if isinstance(answer, tuple)} == {201, 500}


@pytest.mark.django_db(transaction=True)
def test_one_key_through_the_api_has_one_effect_and_equal_answers() -> None:
    answers = together([_deposit()] * THREADS)

    assert all(answer == answers[0] for answer in answers), answers
    assert isinstance(answers[0], tuple)
    assert answers[0][0] == 201
    assert [each.amount_fen for each in Transfer.objects.all()] == [1_234]
    assert IdempotencyKey.objects.count() == 1
