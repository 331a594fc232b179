"""Whom supply tells what: topics in words, and who is told."""

from collections.abc import Sequence
from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import topics
from accounts.actions import notifications
from accounts.actions.notifications import News
from accounts.models import Organization, OrganizationKind
from accounts.permissions import Permission
from accounts.topics import Topic
from providers.models import License, Offering, Subscription, SubscriptionStatus

BUYERS = frozenset({Permission.ORDER_PLACE})
MANAGERS = frozenset({Permission.PROVIDER_MANAGE})
VERIFIERS = frozenset({Permission.PROVIDER_VERIFY})

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
    Topic(
        "license_expiring",
        _("A license expires"),
        _("The license %(number)s expires on %(last_day)s"),
        _(
            "After that day you take no new orders; running ones go on. Hand in the renewed license "
            "in time, so that the bureau can verify it."
        ),
        MANAGERS,
        must_mail=True,
    ),
    Topic(
        "license_check_due",
        _("A license has to be verified again"),
        _("Look at license %(number)s of %(provider)s again by %(last_day)s"),
        _("It was verified a year ago, or its last day is near. Confirm it or refuse it."),
        VERIFIERS,
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


def tell_of_expiry(
    *,
    license: License,  # noqa: A002
    last_day: date,
    threshold_days: int,
    at: datetime,
) -> int:
    """Remind a provider of the last day of a license; how many people."""
    return notifications.send(
        topic="license_expiring",
        to=license.provider.organization,
        key=f"{license.code}/{last_day}/{threshold_days}",
        data={"number": license.number, "last_day": last_day.isoformat()},
        url=reverse("providers:license_list"),
        at=at,
    )


def tell_of_check(
    *,
    license: License,  # noqa: A002
    last_day: date,
    threshold_days: int,
    at: datetime,
) -> int:
    """Remind every bureau that verifies providers of a look that is due; how many people."""
    data = {
        "number": license.number,
        "provider": license.provider.organization.name,
        "last_day": last_day.isoformat(),
    }
    news = [
        News(
            topic="license_check_due",
            to=bureau,
            key=f"{license.code}/{last_day}/{threshold_days}",
            data=data,
            url=reverse("providers:provider_detail", args=[license.provider.code]),
        )
        for bureau in Organization.objects.filter(kind=OrganizationKind.BUREAU).order_by("pk")
    ]
    return notifications.send_each(news=news, at=at) if news else 0
