"""P1: any permutation, duplication and re-batching of the same events gives identical bills."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.access import Actor
from providers.models import Subscription
from tests.factories import grants, providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from vouchers.billing.actions.charging import rating
from vouchers.billing.actions.metering import usage
from vouchers.billing.models import Bill, BillLine, Charge
from vouchers.billing.rules.events import Report
from vouchers.ledger.actions import accounts
from vouchers.ledger.kinds import AccountKind

pytestmark = pytest.mark.django_db

Facts = tuple[Any, ...]
quantities = st.fixed_dictionaries(
    {"input_tokens": st.integers(0, 3_000_000)},
    optional={"output_tokens": st.integers(0, 500_000)},
)
usages = st.lists(
    st.tuples(st.integers(0, 1), st.integers(1, 40), quantities), min_size=1, max_size=12
)


@pytest.fixture
def city() -> tuple[list[Subscription], list[str], Actor]:
    """One enterprise with two subscriptions of one provider, two vouchers and some money."""
    offering = providers.token_offering()
    first = providers.subscription(offered=offering)
    second = providers.subscription(first.enterprise, providers.token_offering(offering.provider))
    plan = grants.scheme(rules=metered.RULES)
    vouchers = [
        grants.voucher(first.enterprise, plan, face_fen, expires_at=NOW + timedelta(days=days)).code
        for face_fen, days in ((150, 10), (400, 20))
    ]
    grants.funds(first.enterprise, 2_000)
    return [first, second], vouchers, metered.operator(offering.provider)


@contextmanager
def undone() -> Iterator[None]:
    """Roll everything back afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def bills_after(
    by: Actor, vouchers: list[str], batches: list[list[Report]], *, tick_each: bool = False
) -> tuple[Facts, Facts]:
    """What the batches cost, and who paid it: all there is to see but for random codes."""
    with undone():
        for number, batch in enumerate(batches, start=1):
            usage.ingest(by=by, events=batch, at=NOW)
            if tick_each or number == len(batches):
                assert rating.tick(at=NOW).failed == 0
        return _totals(), _payers(vouchers)


def _totals() -> Facts:
    key = "bill__subscription_id", "bill__month"
    lines = BillLine.objects.order_by(*key, "rate_id")
    bills = Bill.objects.order_by("subscription_id", "month")
    return (
        *bills.values_list("subscription_id", "month", "total_fen"),
        *lines.values_list(*key, "rate_id", "quantity", "amount_fen"),
    )


def _payers(vouchers: list[str]) -> Facts:
    parts = "subscription_id", "month", "voucher_fen", "own_fen", "receivable_fen"
    charges = Charge.objects.order_by("transfer_id")
    return (
        *Bill.objects.order_by("subscription_id", "month").values_list(*parts),
        *charges.values_list("transfer_id", "payer", "voucher_id", "amount_fen"),
        *(accounts.available_fen(kind=AccountKind.VOUCHER, key=code) for code in vouchers),
    )


@settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(used=usages, data=st.data())
def test_same_events_give_identical_bills(
    city: tuple[list[Subscription], list[str], Actor],
    used: list[tuple[int, int, dict[str, int]]],
    data: st.DataObject,
) -> None:
    subscriptions, vouchers, by = city
    events = [
        metered.report(subscriptions[which], NOW - timedelta(days=days), quantities=sent)
        for which, days, sent in used
    ]
    expected = bills_after(by, vouchers, [events])

    repeated = events + data.draw(st.lists(st.sampled_from(events), max_size=6))
    order = data.draw(st.permutations(repeated))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(order)), max_size=4)))
    bounds = zip([0, *cuts], [*cuts, len(order)], strict=True)
    batches = [order[start:end] for start, end in bounds]

    assert bills_after(by, vouchers, batches) == expected
    assert bills_after(by, vouchers, batches, tick_each=True)[0] == expected[0]
