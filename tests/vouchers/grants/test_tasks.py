"""Background ticks: they find their work and may run again."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings

from config.celery import app
from tests.factories import grants, ledger
from tests.factories.accounts import NOW
from vouchers.grants import tasks
from vouchers.grants.models import Voucher
from vouchers.ledger.actions import holds
from vouchers.ledger.models import Hold

pytestmark = pytest.mark.django_db


def test_vouchers_past_their_validity_expire_once() -> None:
    voucher = grants.voucher(expires_at=NOW)

    with time_machine.travel(NOW, tick=False):
        counts = [tasks.expire_vouchers(), tasks.expire_vouchers()]

    assert counts == [1, 0]
    assert Voucher.objects.get(pk=voucher.pk).status == "expired"


def test_lapsed_reservations_return_once() -> None:
    entry = ledger.entry(ledger.account(fen=100), ledger.payable(), 40)
    held = holds.place(entry=entry, expires_at=NOW, at=NOW - timedelta(hours=1))

    with time_machine.travel(NOW, tick=False):
        counts = [tasks.expire_holds(), tasks.expire_holds()]

    assert counts == [1, 0]
    assert Hold.objects.get(pk=held.pk).resolved_with is not None


def test_every_scheduled_tick_exists() -> None:
    app.loader.import_default_modules()

    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert {"vouchers.grants.expire_holds", "vouchers.grants.expire_vouchers"} <= scheduled
    assert scheduled <= set(app.tasks)
