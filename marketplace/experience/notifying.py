"""Whom ratings tell what."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import topics
from accounts.actions import notifications
from accounts.permissions import Permission
from accounts.topics import Topic
from marketplace.experience.models import Rating

TOPICS = (
    Topic(
        "order_rated",
        _("A firm rates a bundle"),
        _("Order %(code)s was rated: %(stars)s of 5"),
        _("A firm rated “%(bundle)s” after long use. You may answer once on the order's page."),
        frozenset({Permission.BUNDLE_PUBLISH}),
    ),
)


def register() -> None:
    """Called once when the app is ready."""
    topics.register(*TOPICS)


def rated(*, rating: Rating, at: datetime) -> None:
    """Tell the bundle's publisher of a rating, once for each version."""
    order = rating.order
    notifications.send(
        topic="order_rated",
        to=order.bundle.publisher.organization,
        key=f"{order.code}/{rating.number}",
        data={"code": order.code, "stars": rating.stars, "bundle": order.bundle.name},
        url=reverse("marketplace:order_rating", args=[order.code]),
        at=at,
    )
