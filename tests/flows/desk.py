"""A person at a desk: asks the API as a signed-in member, or as a key."""

import itertools
import json
from typing import Any

from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from tests.factories import accounts

_numbers = itertools.count(1)


class Desk:
    """Sends requests as one person; every POST carries a fresh Idempotency-Key."""

    def __init__(self, user: User | None = None, token: str = "") -> None:
        self.user = user
        self.token = token

    def _client(self) -> Client:
        client = Client()
        if self.user is not None:
            client.force_login(self.user)
            session = client.session
            accounts.confirm(session)
            session.save()
        return client

    def _headers(self, key: str | None) -> dict[str, str]:
        headers = {"Idempotency-Key": key or f"flow-{next(_numbers)}"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return headers

    def send(
        self, path: str, body: Any = None, *, key: str | None = None, kind: str = "application/json"
    ) -> Any:
        """POST and return the raw answer."""
        text = body if isinstance(body, bytes | str) else json.dumps(body or {})
        return self._client().post(
            f"/api/v1/{path}", text, content_type=kind, headers=self._headers(key)
        )

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        """POST, expect success, and return what was answered."""
        answer = self.send(path, body, **options)
        assert answer.status_code in {200, 201}, (path, answer.status_code, answer.content.decode())
        return json.loads(answer.content)

    def upload(self, path: str, fields: dict[str, Any]) -> Any:
        """POST a form with a file."""
        answer = self._client().post(f"/api/v1/{path}", fields, headers=self._headers(None))
        assert answer.status_code == 200, (path, answer.status_code, answer.content.decode())
        return json.loads(answer.content)

    def get(self, path: str) -> Any:
        """GET, expect success."""
        answer = self._client().get(f"/api/v1/{path}", headers=self._headers(None))
        assert answer.status_code == 200, (path, answer.status_code, answer.content.decode())
        return json.loads(answer.content)

    def page(self, path: str) -> str:
        """GET a page, expect success, and return its text."""
        answer = self._client().get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.content.decode()


def refusal(answer: HttpResponse) -> tuple[int, str]:
    """Status and code of a problem document."""
    assert answer["Content-Type"].startswith("application/problem+json"), answer.content
    return answer.status_code, json.loads(answer.content)["code"]


def yuan(amount: str) -> dict[str, str]:
    """Money as the API writes it."""
    return {"amount": amount, "currency": "CNY"}
