"""How PostgreSQL goes about the tick's statements, whatever it believes about the tables."""

import pytest
from django.db import connection

from tests.factories import providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from vouchers.billing.actions.charging import dues, rating
from vouchers.billing.models import UnbilledUsage

pytestmark = pytest.mark.django_db
TICKS = 8
"""The driver keeps a statement's plan after five times."""


def test_no_plan_is_kept_for_removing_marks_from_a_table_that_is_mostly_empty() -> None:
    contract = providers.subscription(offered=providers.token_offering())
    for _tick in range(TICKS):
        metered.use(contract, input_tokens=1_000)
        rating.tick(at=NOW)
        assert not UnbilledUsage.objects.exists()

    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        kept = [statement for (statement,) in cursor.fetchall()]

    assert [each for each in kept if "SELECT r.subscription_id, given.month" in each] != []
    assert [each for each in kept if dues.TAKE.split(" WHERE")[0].strip() in each] == []
