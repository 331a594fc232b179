"""Whom supply tells what: topics in words, and who is told."""

from collections.abc import Sequence
from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import topics
from accounts.actions import notifications
from accounts.actions.notifications import News
from accounts.models import Organization
from accounts.permissions import Permission
from accounts.topics import Topic
from providers.models import Offering, Subscription, SubscriptionStatus

BUYERS = frozenset({Permission.ORDER_PLACE})

TOPICS = (
    Topic(
        "price_change",
        _("A provider changes a price"),
        _("“%(offering)s” has a new price from %(from_day)s"),
        _(
            "The provider announced a new price of a service that you use. Subscriptions that hold "
            "the prices of their first day go on as agreed; those that follow the price list pay "
            "the new price from that day on."
        ),
        BUYERS,
    ),
)


def register() -> None:
    """Called once when the app is ready."""
    topics.register(*TOPICS)


def tell_of_price(*, offering: Offering, meter: str, from_day: date, at: datetime) -> int:
    """Tell every enterprise that runs the offering of a price that begins; how many people."""
    running = Subscription.objects.filter(offering=offering).exclude(
        status=SubscriptionStatus.ENDED
    )
    buyers: Sequence[Organization] = list(
        Organization.objects.filter(pk__in=running.values("enterprise_id")).order_by("pk")
    )
    news = [
        News(
            topic="price_change",
            to=buyer,
            key=f"{offering.code}/{meter}/{from_day}",
            data={"offering": offering.name, "from_day": from_day.isoformat()},
            url=reverse("providers:subscription_list"),
        )
        for buyer in buyers
    ]
    return notifications.send_each(news=news, at=at) if news else 0
