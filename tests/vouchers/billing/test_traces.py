"""Real usage: requests of a language model, and card-hours of a GPU cluster."""

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from common.rounding import round_half_up
from providers.models import Meter
from tests.factories import grants, providers
from tests.factories import usage as metered
from tests.vouchers.ledger.sql import rows
from vouchers.billing.actions import invariants
from vouchers.billing.actions.charging import rating
from vouchers.billing.actions.metering import usage
from vouchers.billing.actions.metering.usage import Outcome
from vouchers.billing.models import Bill, UsageRollup
from vouchers.billing.rules import wire
from vouchers.billing.rules.events import EVENT_TYPE, Parsed

pytestmark = pytest.mark.django_db

LATER = datetime(2023, 11, 20, tzinfo=UTC)
INPUT_TOKENS, OUTPUT_TOKENS = 22_361_870, 4_088_665
CARD_SECONDS = 214_603_958


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    if not path.exists():
        pytest.skip(f"needs {path.name}")
    with path.open(newline="", encoding="utf-8-sig") as source:
        yield from csv.DictReader(source)


def bodies(found: Iterator[dict[str, Any]], size: int = 5_000) -> Iterator[list[Parsed]]:
    """Events as a provider sends them: JSON batches, read back by the product."""
    while batch := list(islice(found, size)):
        yield wire.read_batch(json.dumps(batch).encode())


def cloud_event(number: int, subject: str, time: datetime, data: dict[str, int]) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "type": EVENT_TYPE,
        "source": "/traces",
        "id": f"row-{number}",
        "time": time.isoformat(),
        "subject": subject,
        "data": data,
    }


def test_token_trace_is_billed_to_the_fen(shared_data: Path) -> None:
    contract = providers.subscription()
    grants.voucher(contract.enterprise, grants.scheme(rules=metered.RULES))
    grants.funds(contract.enterprise, 10_000_000)
    by = metered.operator(contract.offering.provider)

    def requests() -> Iterator[dict[str, Any]]:
        for number, row in enumerate(rows_of(shared_data / "azure_llm_conv_2023.csv")):
            time = datetime.fromisoformat(row["TIMESTAMP"][:26]).replace(tzinfo=UTC)
            tokens = {
                "input_tokens": int(row["ContextTokens"]),
                "output_tokens": int(row["GeneratedTokens"]),
            }
            yield cloud_event(number, contract.code, time, tokens)

    outcomes = []
    for batch in bodies(requests()):
        outcomes += [each.outcome for each in usage.ingest(by=by, events=batch, at=LATER)]
        assert rating.tick(at=LATER).failed == 0

    assert outcomes == [Outcome.ACCEPTED] * 19_366
    sums = dict.fromkeys(("input_tokens", "output_tokens"), 0)
    for rollup in UsageRollup.objects.all():
        sums[rollup.meter] += rollup.quantity
    assert sums == {"input_tokens": INPUT_TOKENS, "output_tokens": OUTPUT_TOKENS}
    total = round_half_up(Fraction(INPUT_TOKENS * 200, 10**6)) + round_half_up(
        Fraction(OUTPUT_TOKENS * 800, 10**6)
    )
    voucher = round_half_up(Fraction(total * 3, 10))
    bill = Bill.objects.get()
    assert (bill.total_fen, bill.voucher_fen, bill.own_fen) == (total, voucher, total - voucher)
    assert [row for query in invariants.QUERIES.values() for row in rows(query)] == []


def test_card_hours_of_a_gpu_cluster_are_billed_to_the_fen(shared_data: Path) -> None:
    offering = providers.offering()
    providers.rate(offering, Meter.CARD_SECONDS, "9.90", 3_600)
    contract = providers.subscription(offered=offering)
    grants.funds(contract.enterprise, 10**13)
    by = metered.operator(offering.provider)
    expected = 0

    def runs() -> Iterator[dict[str, Any]]:
        nonlocal expected
        start = datetime(2023, 11, 2, tzinfo=UTC)
        for number, row in enumerate(rows_of(shared_data / "openb_pods_default.csv")):
            cards = int(row["num_gpu"] or 0)
            if not cards or not row["scheduled_time"] or not row["deletion_time"]:
                continue
            seconds = cards * (int(row["deletion_time"]) - int(row["scheduled_time"]))
            expected += seconds
            # The trace counts seconds from its own zero: spread over November by the pod's number.
            time = start + timedelta(minutes=number)
            yield cloud_event(number, contract.code, time, {"card_seconds": seconds})

    for batch in bodies(runs()):
        answers = usage.ingest(by=by, events=batch, at=LATER)
        assert {each.outcome for each in answers} == {Outcome.ACCEPTED}
    rating.tick(at=LATER)

    bill = Bill.objects.get()
    assert expected == CARD_SECONDS
    assert bill.lines.get().quantity == expected
    assert bill.total_fen == round_half_up(Fraction(expected * 990, 3_600))
    assert bill.own_fen == bill.total_fen
