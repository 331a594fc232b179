"""What a report sent is gone when it is answered, whenever the collector comes."""

import gc
import io
import json
import weakref
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory
from django.utils import timezone

from accounts.actions import keys
from accounts.permissions import Permission
from tests.factories import providers
from tests.factories import usage as metered
from vouchers.billing.actions.metering import usage
from vouchers.billing.rules.events import EVENT_TYPE

pytestmark = pytest.mark.django_db(transaction=True)


class Sent(io.BytesIO):
    """A body whose end can be seen."""


def test_body_and_events_are_gone_with_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    contract = providers.subscription()
    by = metered.operator(contract.offering.provider)
    _key, token = keys.create(
        by=by, name="memory", scopes=[Permission.USAGE_REPORT],
        expires_at=now + timedelta(days=2), at=now,
    )  # fmt: skip
    event = {
        "specversion": "1.0", "type": EVENT_TYPE, "source": "/memory", "id": "1",
        "time": now.isoformat(), "subject": contract.code, "data": {"input_tokens": 7},
    }  # fmt: skip
    body = json.dumps([event]).encode()
    lists: list[list[object]] = []
    ingest = usage.ingest

    def seen(**given: object) -> object:
        lists.append(given["events"])  # type: ignore[arg-type]
        assert lists[0]
        return ingest(**given)  # type: ignore[arg-type]

    monkeypatch.setattr(usage, "ingest", seen)
    environ = RequestFactory().generic(
        "POST", "/api/v1/usage/", body, content_type="application/cloudevents-batch+json",
        headers={"authorization": f"Bearer {token}"},
    ).environ  # fmt: skip
    stream = environ["wsgi.input"] = Sent(body)
    watched = weakref.ref(stream)
    said: list[str] = []

    def start(status: str, *_more: object) -> Callable[[bytes], object]:
        said.append(status)
        return bytes

    gc.collect()
    gc.disable()
    try:
        answer = WSGIHandler()(environ, start)
        assert b'"accepted":1' in b"".join(answer)
        del stream

        assert said == ["200 OK"]
        assert watched() is None
        assert lists == [[]]
    finally:
        gc.enable()
