"""The stock in memory."""

from decimal import Decimal
from typing import Any

import pytest

from marketplace.matching.actions import memory
from providers.models import Rate
from tests.factories import accounts, marketplace, providers
from tests.factories.accounts import NOW

pytestmark = pytest.mark.django_db(transaction=True)


def test_stock_is_kept_until_something_changed(settings: Any) -> None:
    settings.MATCH_STOCK_SECONDS = 3600
    marketplace.bundle()
    first = memory.current(at=NOW, is_exact=True)

    assert memory.current(at=NOW) is first
    assert memory.current(at=NOW, is_exact=True) is first


def test_stock_does_not_age_by_new_firms_and_bundles_composed_for_a_need(settings: Any) -> None:
    settings.MATCH_STOCK_SECONDS = 3600
    published = marketplace.bundle()
    first = memory.current(at=NOW, is_exact=True)

    marketplace.bundle(
        published.publisher,
        list(published.offerings.all()),
        list(published.scenarios.all()),
        status="composed",
        chain_key="a chain",
    )
    accounts.organization()

    assert memory.current(at=NOW, is_exact=True) is first


def test_exact_stock_sees_a_new_row_a_changed_one_and_one_that_is_gone(settings: Any) -> None:
    settings.MATCH_STOCK_SECONDS = 3600
    bundle = marketplace.bundle()
    sold = bundle.offerings.first()
    assert sold is not None
    seen = [memory.current(at=NOW, is_exact=True)]

    rate = providers.rate(sold, "images", "1", 1)
    seen.append(memory.current(at=NOW, is_exact=True))
    bundle.days_to_first_use += 1
    bundle.save()
    seen.append(memory.current(at=NOW, is_exact=True))
    bundle.scenarios.clear()
    seen.append(memory.current(at=NOW, is_exact=True))

    assert len({id(each) for each in seen}) == 4
    assert Rate.objects.get(pk=rate.pk).price_yuan == Decimal(1)
    assert seen[-1].by_scenario == {}


def test_stock_of_another_day_is_read_anew(settings: Any) -> None:
    settings.MATCH_STOCK_SECONDS = 3600
    marketplace.bundle()
    first = memory.current(at=NOW, is_exact=True)

    later = memory.current(at=NOW.replace(day=20))

    assert later is not first
    assert later.day.day == 20
