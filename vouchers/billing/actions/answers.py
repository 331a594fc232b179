"""Tells enterprises when their silence will confirm bills, before it does."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count
from django.urls import reverse

from accounts.actions import notifications
from accounts.actions.notifications import News
from accounts.models import Organization
from common.periods import local_day
from vouchers.billing.models import Bill, BillStatus

WARNED_BEFORE = timedelta(days=3)
"""So long before the last day, or at once where the scheme leaves less."""


@transaction.atomic
def remind(*, at: datetime) -> int:
    """Tell each enterprise once for each last day how many of its bills silence will confirm; returns how many.

    An idempotent tick; bills that were answered, and those that no silence confirms, are not counted. Two queries
    besides the notices.
    """
    today = local_day(at)
    rows = (
        Bill.objects.filter(
            status=BillStatus.CLOSED, answer_until__range=(today, today + WARNED_BEFORE)
        )
        .values_list("enterprise", "answer_until")
        .annotate(Count("pk"))
        .order_by("answer_until", "enterprise")
    )
    waiting = list(rows)
    firms = Organization.objects.in_bulk({enterprise for enterprise, _day, _count in waiting})
    news = [
        News(
            topic="answer_due",
            to=firms[enterprise],
            key=f"{firms[enterprise].code}/{day}",
            data={"count": count, "day": day.isoformat()},
            url=reverse("vouchers:bill_list"),
        )
        for enterprise, day, count in waiting
    ]
    notifications.send_each(news=news, at=at)
    return len(news)
