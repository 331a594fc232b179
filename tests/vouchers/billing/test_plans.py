"""How PostgreSQL goes about the tick's statements, whatever it believes about the tables."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection

from tests.factories import providers
from vouchers.billing.actions.charging import dues
from vouchers.billing.models import UsageRollup
from vouchers.ledger.columns import joined

pytestmark = pytest.mark.django_db
MONTH = date(2026, 9, 1)
ROWS, ASKED = 3_000, 2_000


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", []):
        yield from nodes(inner)


def test_take_compares_no_dirty_row_with_all_that_is_asked_after_a_quiet_hour() -> None:
    contract = providers.subscription(offered=providers.token_offering())
    UsageRollup.objects.bulk_create(
        UsageRollup(
            subscription=contract, month=MONTH, meter="input_tokens", context_from=number,
            day=MONTH, quantity=1, events=1, is_dirty=False,
        )
        for number in range(ROWS)
    )  # fmt: skip
    asked = [
        joined(contract.pk + number for number in range(ASKED)),
        joined([MONTH] * ASKED),
    ]
    text = dues.TAKE % {"subscription": "$1", "month": "$2"}
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE vouchers_usagerollup")
        UsageRollup.objects.update(is_dirty=True)
        # What a session comes to use by itself after a few ticks.
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute(f"PREPARE take (text, text) AS {text}")
        cursor.execute("EXPLAIN (FORMAT JSON) EXECUTE take (%s, %s)", asked)
        [answer] = cursor.fetchone() or ("",)
        cursor.execute("DEALLOCATE take")
    [found] = answer if isinstance(answer, list) else json.loads(answer)
    joins = [node for node in nodes(found["Plan"]) if node["Node Type"] == "Nested Loop"]
    assert [node["Join Filter"] for node in joins if "Join Filter" in node] == []
