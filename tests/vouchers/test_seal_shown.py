"""Heads of the sealed books where people look for them: public notices, settlements, operations."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from common.periods import local_day, start_of_day
from tests.factories import accounts, audit
from tests.factories.accounts import NOW
from tests.factories.seals import block
from tests.vouchers.grants.web import page
from vouchers.ledger.actions import seals
from vouchers.ledger.models import SealCheck

pytestmark = pytest.mark.django_db

MIDNIGHT = start_of_day(local_day(NOW))


@time_machine.travel(NOW, tick=False)
def test_public_notices_show_the_last_block_of_each_day() -> None:
    old = block(1, MIDNIGHT - timedelta(days=9))
    first = block(2, MIDNIGHT - timedelta(hours=5))
    last = block(3, MIDNIGHT - timedelta(seconds=1))
    today = block(4, MIDNIGHT)

    text = Client().get(reverse("vouchers:notice_list")).content.decode()

    assert f'title="{last}"' in text
    assert f'title="{today}"' in text
    assert old not in text
    assert first not in text


def test_head_of_a_day_is_the_same_at_any_later_time() -> None:
    assert seals.head_before(day=local_day(NOW)) is None
    kept = block(1, MIDNIGHT - timedelta(seconds=1))
    block(2, MIDNIGHT)
    block(3, MIDNIGHT + timedelta(days=1))

    head = seals.head_before(day=local_day(NOW))

    assert head is not None
    assert (head.number, head.hash) == (1, kept)


def test_settlement_page_shows_the_head_that_its_file_carries() -> None:
    city = audit.City()
    batch = city.signed()
    kept = block(1, MIDNIGHT - timedelta(seconds=1))

    text = page(city.officer).get(reverse("vouchers:settlement_detail", args=[batch.code]))

    assert f'title="{kept}"' in text.content.decode()


def test_operations_tell_how_far_the_seal_was_verified() -> None:
    bureau = accounts.bureau()
    kept = block(1, MIDNIGHT)
    SealCheck.objects.create(
        checked_at=NOW,
        last_block=1,
        is_full=True,
        faults=1,
        first_fault="changed: table transfer, id 7, block 1",
    )
    client = page(accounts.member(bureau, Role.AUDITOR))

    text = client.get(reverse("vouchers:operations")).content.decode()

    assert f'title="{kept}"' in text
    assert "changed: table transfer, id 7, block 1" in text
