"""Whom rounds tell what."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import topics
from accounts.actions import notifications
from accounts.permissions import Permission
from accounts.topics import Topic
from marketplace.clearing.models import RoundOffer

TOPICS = (
    Topic(
        "round_offer",
        _("A round made you an offer"),
        _("Offer %(code)s waits for your answer"),
        _(
            "A clearing round offers you “%(bundle)s” for your need. Accept or decline it by %(until)s."
        ),
        frozenset({Permission.ORDER_PLACE}),
        must_mail=True,
    ),
)


def register() -> None:
    """Called once when the app is ready."""
    topics.register(*TOPICS)


def offered(*, offers: Sequence[RoundOffer], at: datetime) -> None:
    """Tell each served firm of its offer, once."""
    for offer in offers:
        bundle = offer.outcome.bundle
        notifications.send(
            topic="round_offer",
            to=offer.outcome.need.enterprise,
            key=offer.code,
            data={
                "code": offer.code,
                "bundle": bundle.name if bundle else "",
                "until": offer.expires_at.date().isoformat(),
            },
            url=reverse("marketplace:offer_detail", args=[offer.code]),
            at=at,
        )
