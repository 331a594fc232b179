"""P1 at full breadth: corrections, late usage, a price change, several vouchers, crashes and retries.

Whatever the order, repetition and batching of the same events, the bills are the same to the byte;
with the same moments of ticking, so are the charges and what is left on each voucher.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.access import Actor
from providers.models import Subscription
from tests.factories import accounts as bureaus
from tests.factories import grants, providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from tests.vouchers.billing.test_redeemed_caps import cap
from tests.vouchers.ledger.sql import broken_anywhere
from vouchers.billing.actions import periods
from vouchers.billing.actions.charging import rating
from vouchers.billing.actions.metering import usage
from vouchers.billing.actions.metering.usage import Outcome
from vouchers.billing.models import Bill, BillLine, Charge
from vouchers.billing.rules import events
from vouchers.billing.rules.events import Refusal, Report
from vouchers.ledger.actions import accounts
from vouchers.ledger.kinds import AccountKind

pytestmark = pytest.mark.django_db

Facts = tuple[Any, ...]
SEPTEMBER = date(2026, 9, 1)
CHANGE = date(2026, 10, 3)
BASE = 4_000_000


class City(NamedTuple):
    """Two contracts of one firm, the codes of its vouchers, the provider's operator."""

    contracts: list[Subscription]
    vouchers: list[str]
    by: Actor


@pytest.fixture
def city() -> City:
    """September is closed, with 8.00 yuan of usage; prices rise in October; vouchers of two bureaus.

    The second contract holds the old prices for two days longer. Caps bound what is redeemed: of a firm in a year,
    of two schemes under one umbrella, of one bill.
    """
    offering = providers.offering()
    for number, meter in enumerate(("input_tokens", "output_tokens")):
        providers.rate(offering, meter, "2.01", effective=(date(2026, 1, 1), CHANGE))
        providers.rate(offering, meter, "3", effective=(CHANGE, None), minimum_fen=7 * number)
    providers.rate(offering, price_yuan="1", effective=(CHANGE, None), volume_from=1_000_000)
    first = providers.subscription(offered=offering)
    second = providers.subscription(
        first.enterprise, offering, starts_at=datetime(2026, 8, 20, tzinfo=UTC),
        prices_held_until=CHANGE + timedelta(days=2),
    )  # fmt: skip
    vouchers = []
    city_office, district_office = bureaus.bureau(), bureaus.bureau()
    umbrella = cap("1.35", "applicant", "year", shared="city")
    for office, face_fen, days, share, rounding, caps in (
        (city_office, 150, 10, (3, 10), "floor_fen", []),
        (city_office, 90, 10, (1, 2), "half_up_fen", [umbrella]),
        (district_office, 400, 20, (1, 3), "floor_yuan", [cap("2")]),
        (district_office, 250, 25, (2, 5), "half_up_fen", [cap("1", "applicant", dated="redemption")]),
        (city_office, 300, 30, (2, 5), "half_up_fen", [umbrella | {"limit": "1.55"}]),
    ):  # fmt: skip
        known = {"rounding": metered.sourced(rounding), "caps": caps}
        plan = grants.scheme(rules=metered.RULES | known, office=office)
        made = grants.voucher(
            first.enterprise, plan, face_fen, expires_at=NOW + timedelta(days=days),
            share_numerator=share[0], share_denominator=share[1],
        )  # fmt: skip
        vouchers.append(made.code)
    grants.funds(first.enterprise, 2_000)
    by = metered.operator(offering.provider)
    base = _event(first, "base", datetime(2026, 9, 9, tzinfo=UTC), {"input_tokens": BASE})
    usage.ingest(by=by, events=[base], at=NOW)
    periods.close(by=metered.settlement_officer(), month=SEPTEMBER, at=NOW)
    return City([first, second], vouchers, by)


def _event(
    contract: Subscription,
    name: str,
    time: datetime,
    sent: dict[str, int],
    corrects: str | None = None,
) -> Report:
    made = events.report(
        source="/p1", event_id=name, time=time, subscription=contract.code, quantities=sent,
        corrects=corrects,
    )  # fmt: skip
    assert isinstance(made, Report)
    return made


@st.composite
def stories(draw: st.DrawFn) -> list[tuple[int, int, dict[str, int], float]]:
    """Events: which contract, hours ago, quantities, and which part of them a correction takes back."""
    quantities = st.fixed_dictionaries(
        {"input_tokens": st.integers(0, 3_000_000)},
        optional={"output_tokens": st.integers(0, 500_000)},
    )
    part = st.sampled_from([0.0, 0.0, 0.3, 1.0])
    one = st.tuples(st.integers(0, 1), st.integers(1, 900), quantities, part)
    return draw(st.lists(one, min_size=1, max_size=8))


def told(city: City, story: Sequence[tuple[int, int, dict[str, int], float]]) -> list[Report]:
    """The story's events, their corrections, and one of usage that a closed bill shows."""
    base_time = datetime(2026, 9, 9, tzinfo=UTC)
    sent = [
        _event(city.contracts[0], "less", base_time, {"input_tokens": -BASE // 3}, corrects="base")
    ]
    for number, (which, hours, quantities, part) in enumerate(story):
        contract, time = city.contracts[which], NOW - timedelta(hours=hours)
        sent.append(_event(contract, f"event-{number}", time, quantities))
        less = {meter: -int(units * part) for meter, units in quantities.items()}
        if any(less.values()):
            sent.append(_event(contract, f"less-{number}", time, less, f"event-{number}"))
    return sent


@contextmanager
def undone() -> Iterator[None]:
    """Roll everything back afterwards, as a crash would."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def send(city: City, batch: Sequence[Report]) -> list[Report]:
    """What is to be sent again: corrections whose original has not come yet."""
    answers = usage.ingest(by=city.by, events=batch, at=NOW)
    again = []
    for report, answer in zip(batch, answers, strict=True):
        if answer.code == Refusal.UNKNOWN_ORIGINAL:
            again.append(report)
        else:
            assert answer.outcome in {Outcome.ACCEPTED, Outcome.DUPLICATE}, answer
    return again


def bills_after(
    city: City, batches: Sequence[Sequence[Report]], *, crashes: Sequence[bool] = (), each: bool
) -> tuple[Facts, Facts]:
    """What the batches cost and who paid it, sent until each event is taken; `each`: tick in between."""
    with undone():
        left: list[Report] = []
        for number, batch in enumerate(batches):
            at = NOW + timedelta(seconds=number)  # no two ticks of a database share a moment
            if number < len(crashes) and crashes[number]:
                with undone():
                    send(city, batch)
                    rating.tick(at=at)
            left += send(city, batch)
            if each:
                assert rating.tick(at=at).failed == 0
        while left:
            left = send(city, left)
        assert rating.tick(at=NOW + timedelta(minutes=1)).failed == 0
        assert broken_anywhere() == []
        return _totals(), _payers(city.vouchers)


def _totals() -> Facts:
    key = "bill__subscription_id", "bill__month"
    lines = BillLine.objects.order_by(*key, "origin", "rate_id", "kind")
    bills = Bill.objects.order_by("subscription_id", "month")
    return (
        *bills.values_list(
            "subscription_id", "month", "total_fen", "credit_in_fen", "credit_out_fen"
        ),
        *lines.values_list(*key, "origin", "rate_id", "kind", "quantity", "amount_fen"),
    )


def _payers(vouchers: Sequence[str]) -> Facts:
    parts = "subscription_id", "month", "voucher_fen", "own_fen", "receivable_fen", "bookings"
    charges = Charge.objects.order_by("transfer_id")
    return (
        *Bill.objects.order_by("subscription_id", "month").values_list(*parts),
        *charges.values_list("transfer_id", "number", "payer", "voucher_id", "amount_fen"),
        *(accounts.available_fen(kind=AccountKind.VOUCHER, key=code) for code in vouchers),
    )


@settings(
    max_examples=int(os.environ.get("P1_EXAMPLES", "10")),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(story=stories(), data=st.data())
def test_same_events_give_identical_bills_and_balances(
    city: City, story: list[tuple[int, int, dict[str, int], float]], data: st.DataObject
) -> None:
    sent = told(city, story)
    expected = bills_after(city, [sent], each=False)

    repeated = sent + data.draw(st.lists(st.sampled_from(sent), max_size=6))
    order = data.draw(st.permutations(repeated))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(order)), max_size=3)))
    bounds = zip([0, *cuts], [*cuts, len(order)], strict=True)
    batches = [order[start:end] for start, end in bounds if start < end]
    crashes = data.draw(st.lists(st.booleans(), min_size=4, max_size=4))

    assert bills_after(city, batches, crashes=crashes, each=False) == expected
    assert bills_after(city, batches, crashes=crashes, each=True)[0] == expected[0]
