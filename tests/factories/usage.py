"""Dull usage reports, sent through the actions."""

import itertools
from datetime import date, datetime, timedelta
from typing import Any

from accounts.access import Actor
from accounts.models import Role
from providers.models import Provider, Subscription
from tests.factories import accounts
from tests.factories.accounts import NOW
from vouchers.billing.actions.metering import usage
from vouchers.billing.models import UnbilledUsage
from vouchers.billing.rules import events
from vouchers.grants.rules import drafting

_numbers = itertools.count(1)

AN_HOUR_AGO = NOW - timedelta(hours=1)


def operator(provider: Provider) -> Actor:
    """The person who reports a provider's usage."""
    return accounts.member(provider.organization, Role.OPERATOR)


def mark(subscription: Subscription, month: date) -> None:
    """Say that the month's sums were changed by hand."""
    UnbilledUsage.objects.create(subscription=subscription, month=month)


def settlement_officer() -> Actor:
    """The bureau's officer who records receipts and closes months."""
    return accounts.officer(None, Role.SETTLEMENT_OFFICER)


def report(
    subscription: Subscription, time: datetime = AN_HOUR_AGO, **values: Any
) -> events.Report:
    """A well-formed event: 374 input and 44 output tokens an hour ago."""
    quantities = values.pop("quantities", {"input_tokens": 374, "output_tokens": 44})
    made = events.report(
        source=values.pop("source", "/test"),
        event_id=values.pop("event_id", None) or f"event-{next(_numbers)}",
        time=time,
        subscription=values.pop("code", subscription.code),
        quantities=quantities,
    )
    assert not values
    assert isinstance(made, events.Report)
    return made


def use(
    subscription: Subscription,
    time: datetime = AN_HOUR_AGO,
    at: datetime = NOW,
    quantities: dict[str, int] | None = None,
    **more: int,
) -> None:
    """One accepted event with those quantities."""
    by = operator(subscription.offering.provider)
    event = report(subscription, time, quantities=quantities or more)
    (answer,) = usage.ingest(by=by, events=[event], at=at)
    assert answer.outcome == usage.Outcome.ACCEPTED, answer


def sourced(value: Any) -> dict[str, Any]:
    """A rule's value with a source."""
    return {"value": value, "source": "main", "article": "1"}


RULES: dict[str, Any] = drafting.draft(
    source="test",
    article="1",
    rate="30%",
    validity_months=12,
    notice_days=0,
)
"""A scheme that pays 30 percent of everything its vouchers cover, to the fen."""
