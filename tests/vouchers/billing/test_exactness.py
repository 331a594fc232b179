"""Exact to the fen in large numbers: single tokens through ingest, and random bills.

EXACT_EVENTS and EXACT_BILLS say how many; `make chaos` takes a million of each.
"""

import os
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest

from tests.factories import providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from vouchers.billing.actions.charging import rating
from vouchers.billing.actions.metering import usage
from vouchers.billing.actions.metering.usage import Outcome
from vouchers.billing.models import Bill, BillLine
from vouchers.billing.rules import burndown
from vouchers.billing.rules.rating import DayUsage, RateInForce, rate_usage

EVENTS = int(os.environ.get("EXACT_EVENTS", "10000"))
BILLS = int(os.environ.get("EXACT_BILLS", "2000"))
BATCH = 5_000
MAY = date(2026, 5, 1)


@pytest.mark.django_db
def test_single_tokens_through_ingest_cost_what_one_large_event_costs() -> None:
    """The price is one that no number of single tokens meets exactly: 1.9876543 yuan per million."""
    offering = providers.offering()
    providers.rate(offering, price_yuan="1.9876543")
    many, one = (providers.subscription(offered=offering) for _ in range(2))
    by = metered.operator(offering.provider)
    chance = Random(20_261_123)
    for _first in range(0, EVENTS, BATCH):
        events = [
            metered.report(
                many,
                NOW - timedelta(minutes=chance.randrange(15_000)),
                quantities={"input_tokens": 1},
            )
            for _ in range(BATCH)
        ]
        answers = usage.ingest(by=by, events=events, at=NOW)
        assert {answer.outcome for answer in answers} == {Outcome.ACCEPTED}
        rating.tick(at=NOW)
    metered.use(one, input_tokens=EVENTS)

    rating.tick(at=NOW)

    exact = Fraction("1.9876543") * 100 * EVENTS / 1_000_000
    fen = int(exact + Fraction(1, 2))
    assert Bill.objects.get(subscription=many).total_fen == fen
    assert Bill.objects.get(subscription=one).total_fen == fen
    line = BillLine.objects.get(bill__subscription=many)
    assert (line.quantity, line.amount_fen) == (EVENTS, fen)


def prices(chance: Random) -> list[RateInForce]:
    """A list with a change of price within the month and two tiers by volume."""
    cut = MAY + timedelta(days=chance.randrange(1, 31))
    edge = chance.randrange(1, 10**6)
    found: list[RateInForce] = []
    for starts, ends in ((MAY, cut), (cut, None)):
        for volume in (0, edge):
            price = Decimal(chance.randrange(10**9)).scaleb(-7)
            found.append(
                RateInForce(
                    len(found), "input_tokens", price, 1_000_000, 0, volume, 0, starts, ends
                )
            )
    return found


def test_random_bills_add_up_in_lines_and_in_payers() -> None:
    """Each line is its exact price rounded half up; lines and payers add up to the total, step by step."""
    chance = Random(20_261_124)
    for _number in range(BILLS):
        rates = prices(chance)
        by_key = {rate.key: rate for rate in rates}
        days = [
            DayUsage("input_tokens", MAY + timedelta(days=day), 0, chance.randrange(10**6))
            for day in chance.sample(range(31), 3)
        ]
        paid, own_fen = burndown.Paid(), chance.randrange(10**6)
        face = {key: chance.randrange(10**5) for key in (1, 2)}
        for upto in (1, 3):
            lines = rate_usage(days[:upto], rates)
            for line in lines:
                rate = by_key[line.rate_key]
                exact = Fraction(rate.price_yuan) * 100 * line.quantity / rate.per_units
                assert line.amount_fen == int(exact + Fraction(1, 2))
            total_fen = sum(line.amount_fen for line in lines)
            if total_fen < paid.total_fen:
                continue  # an earlier day took over the cheaper tier: that is a correction
            means = [
                burndown.VoucherMeans(key, Fraction(key * 3, 10), "half_up_fen", left)
                for key, left in face.items()
            ]
            parts = burndown.split(
                total_fen=total_fen, paid=paid, vouchers=means, own_available_fen=own_fen
            )
            for part in parts.vouchers:
                face[part.key] -= part.amount_fen
            own_fen -= parts.own_fen
            paid = paid.plus(parts)
            assert paid.total_fen == total_fen
            assert own_fen >= 0
            assert min(face.values()) >= 0
