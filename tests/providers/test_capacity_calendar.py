"""The capacity calendar of a provider: its own figures, six months side by side."""

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role
from providers.models import Meter
from tests.factories import accounts, providers
from tests.factories.accounts import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


def test_calendar_shows_what_is_left_month_by_month_and_nobody_elses() -> None:
    owner = providers.provider()
    other = providers.provider(accounts.organization("provider"))
    sold = providers.offering(owner)
    hidden = providers.capacity(providers.offering(other), meter=Meter.CALLS).offering
    providers.capacity(sold, meter=Meter.CALLS, total_units=1000, reserved_units=250)
    providers.capacity(
        sold, meter=Meter.CALLS, month=date(2026, 11, 1), total_units=9, reserved_units=9
    )
    client = Client()
    client.force_login(accounts.member(owner.organization, Role.OPERATOR).user)

    answer = client.get(reverse("providers:capacity_list"))

    (row,) = answer.context["rows"]
    page = answer.content.decode()
    left = [cell.left_units if cell else None for _month, cell in row.cells]
    assert left == [750, 0, None, None, None, None]
    assert [f"{month:%Y-%m}" for month in answer.context["months"]][::5] == ["2026-10", "2027-03"]
    assert "750" in page
    assert "已售罄" in page
    assert hidden.name not in page


def test_calendar_takes_the_same_queries_for_one_offering_and_for_three() -> None:
    owner, client, counts = providers.provider(), Client(), []
    client.force_login(accounts.member(owner.organization, Role.OPERATOR).user)
    for _round in range(3):
        providers.capacity(providers.offering(owner), meter=Meter.CALLS)
        client.get(reverse("providers:capacity_list"))
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("providers:capacity_list"))
        counts.append(len(queries))

    assert len(set(counts)) == 1
