"""Before silence confirms a bill, its enterprise is told until when it may answer: once for each day."""

from datetime import date, timedelta

import pytest

from accounts.models import Notification
from tests.factories import accounts, billing, providers
from tests.factories.accounts import NOW
from vouchers.billing.actions import answers
from vouchers.billing.models import BillStatus

pytestmark = pytest.mark.django_db
DAY = date(2026, 10, 20)


def test_silence_day_is_told_once_and_only_of_unanswered_bills() -> None:
    today = NOW.astimezone().date()
    last = today + timedelta(days=3)
    firm = accounts.organization()
    owner = accounts.signatory(firm)
    for until, status in (
        (last, BillStatus.CLOSED),
        (last, BillStatus.CLOSED),
        (last, BillStatus.CONFIRMED),
        (today + timedelta(days=4), BillStatus.CLOSED),
        (None, BillStatus.CLOSED),
    ):
        billing.bill(providers.subscription(firm), 100, status=status, answer_until=until)

    assert [answers.remind(at=NOW), answers.remind(at=NOW)] == [1, 1]

    told = Notification.objects.get(topic="answer_due")
    assert (told.user, told.data["count"], told.data["day"]) == (owner.user, 2, last.isoformat())
    assert answers.remind(at=NOW + timedelta(days=1)) == 2
    assert Notification.objects.filter(topic="answer_due").count() == 2


def test_reminding_takes_as_many_queries_for_three_firms_as_for_one(
    django_assert_max_num_queries: object,
) -> None:
    last = NOW.astimezone().date() + timedelta(days=1)
    for number in (1, 3):
        for _ in range(number):
            firm = accounts.organization()
            accounts.signatory(firm)
            billing.bill(
                providers.subscription(firm), 100, status=BillStatus.CLOSED, answer_until=last
            )
        with django_assert_max_num_queries(8):  # type: ignore[operator]
            answers.remind(at=NOW + timedelta(minutes=number))

    assert Notification.objects.filter(topic="answer_due").count() == 4
