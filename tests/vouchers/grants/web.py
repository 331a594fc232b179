"""Browsers and API clients of people."""

from typing import Any

from django.test import Client
from rest_framework.test import APIClient

from accounts.access import Actor


def page(actor: Actor | None = None, language: str = "en") -> Client:
    """A browser, signed in as that person."""
    client = Client(headers={"accept-language": language})
    if actor is not None:
        client.force_login(actor.user)
    return client


def api(actor: Actor | None = None) -> APIClient:
    """An API client with that person's session."""
    client = APIClient(headers={"accept-language": "en"})
    if actor is not None:
        client.force_login(actor.user)
    return client


def yuan(text: str) -> dict[str, Any]:
    """An amount as the API takes it."""
    return {"amount": text, "currency": "CNY"}
