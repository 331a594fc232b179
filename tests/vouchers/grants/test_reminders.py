"""Holders are reminded of the last days, once for each threshold."""

from datetime import date, datetime, timedelta

import pytest

from accounts.models import Notification
from common.models import OutboxMessage
from common.periods import end_of_day, start_of_day
from tests.factories import accounts, grants, ledger
from tests.threads import together
from vouchers.grants.actions import reminders
from vouchers.grants.models import ExpiryReminder, Voucher

pytestmark = pytest.mark.django_db
LAST = date(2026, 12, 31)


def moment(left: int, hour: int = 9) -> datetime:
    return start_of_day(LAST - timedelta(days=left)) + timedelta(hours=hour)


def voucher(**values: object) -> Voucher:
    made = grants.voucher(**{"expires_at": end_of_day(LAST), **values})  # type: ignore[arg-type]
    accounts.signatory(made.enterprise)
    return made


def test_reminder_says_days_and_what_is_left() -> None:
    made = voucher(face_fen=300_000)

    assert reminders.remind_due(at=moment(14)) == 1

    told = Notification.objects.filter(topic="voucher_expiring").first()
    assert told is not None
    assert told.data["days"] == 14
    assert told.data["available_fen"] == 300_000
    assert told.data["until"] == "2026-12-31"
    assert told.url == f"/wallet/{made.code}/"
    assert "¥3,000.00" in OutboxMessage.objects.order_by("pk")[0].body


def test_same_day_again_and_missed_days() -> None:
    voucher()

    days = [40, 31, 30, 30, 29, 12, 9, 0, 0]
    assert [reminders.remind_due(at=moment(left)) for left in days] == [0, 0, 1, 0, 0, 1, 0, 1, 0]
    assert list(ExpiryReminder.objects.order_by("pk").values_list("threshold_days", flat=True)) == [
        30,
        14,
        1,
    ]


def test_day_changes_at_midnight_in_shanghai() -> None:
    voucher()

    assert reminders.remind_due(at=moment(31, hour=23) + timedelta(minutes=59)) == 0
    assert reminders.remind_due(at=moment(30, hour=0)) == 1


def test_extension_arms_the_thresholds_again() -> None:
    made = voucher()
    reminders.remind_due(at=moment(7))
    Voucher.objects.filter(pk=made.pk).update(expires_at=end_of_day(LAST + timedelta(days=60)))

    assert reminders.remind_due(at=moment(1)) == 0
    assert reminders.remind_due(at=moment(7) + timedelta(days=60)) == 1


@pytest.mark.parametrize("status", ["frozen", "expired", "revoked"])
def test_vouchers_that_do_not_pay_are_passed_by(status: str) -> None:
    voucher(status=status)

    assert reminders.remind_due(at=moment(7)) == 0


def test_used_up_vouchers_are_passed_by() -> None:
    made = voucher(face_fen=100)
    ledger.move(made.account, ledger.payable(), 100)

    assert reminders.remind_due(at=moment(7)) == 0


@pytest.mark.django_db(transaction=True)
def test_many_ticks_at_once_remind_once() -> None:
    made = voucher()

    counts = together([lambda: reminders.remind_due(at=moment(7))] * 8)

    assert sorted(count for count in counts if isinstance(count, int)) == [0] * 7 + [1]
    assert (
        Notification.objects.filter(key__startswith=made.code).count()
        == OutboxMessage.objects.count()
    )
