"""What the marketplace adds to every page: navigation, looks, tasks of the first page."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor, can
from accounts.models import OrganizationKind
from accounts.permissions import Permission
from common import home, navigation, statuses
from common.home import HomeTask
from common.navigation import NavItem
from marketplace.matching.models import Need
from marketplace.orders.models import ChangeStatus, Order, OrderStatus, Quote, QuoteStatus

NEWS = timedelta(days=7)
"""How long an order counts as new for its providers."""


def register() -> None:
    """Called once when the app is ready."""
    navigation.register(
        NavItem(
            _("Needs and matches"), "marketplace:need_list", Permission.NEED_MANAGE, "search", 30
        ),
        NavItem(_("Orders"), "marketplace:order_list", Permission.ORDER_VIEW, "shopping-cart", 35),
    )
    home.register(quotes_waiting, needs_waiting, needs_missing, orders_new)
    statuses.register(
        OrderStatus,
        {
            OrderStatus.ACTIVE: ("good", "circle-check"),
            OrderStatus.PAUSED: ("neutral", "player-pause"),
            OrderStatus.ENDING: ("warn", "hourglass"),
            OrderStatus.ENDED: ("neutral", "circle-x"),
        },
    )
    statuses.register(
        ChangeStatus,
        {
            ChangeStatus.PLANNED: ("info", "calendar"),
            ChangeStatus.APPLIED: ("good", "circle-check"),
            ChangeStatus.WITHDRAWN: ("neutral", "circle-x"),
            ChangeStatus.REFUSED: ("bad", "circle-x"),
        },
    )
    statuses.register(
        QuoteStatus,
        {
            QuoteStatus.OPEN: ("info", "file-text"),
            QuoteStatus.RESERVED: ("warn", "hourglass"),
            QuoteStatus.ORDERED: ("good", "circle-check"),
            QuoteStatus.WITHDRAWN: ("neutral", "circle-x"),
            QuoteStatus.LAPSED: ("neutral", "clock"),
        },
    )


def quotes_waiting(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """What is reserved and waits for the contract to be accepted."""
    if not can(actor, Permission.ORDER_PLACE):
        return []
    reserved = Quote.objects.visible_to(actor).filter(
        status=QuoteStatus.RESERVED, reserved_until__gt=at
    )
    codes = list(reserved.order_by("reserved_until", "pk").values_list("code", flat=True))
    return [
        HomeTask(
            _("Accept the contract of a bundle that is reserved for you"),
            len(codes),
            reverse("marketplace:quote_detail", args=codes[:1]) if codes else "",
            "warn",
            hint=_("What is not accepted in time is given back."),
            icon="hourglass",
        )
    ]


def needs_waiting(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Needs with a bundle that fits, for whoever may order."""
    if not can(actor, Permission.ORDER_PLACE):
        return []
    fitting = Need.objects.visible_to(actor).open().filter(matches__rank=1)
    return [
        HomeTask(
            _("Choose a bundle for a need that was stated"),
            fitting.count(),
            reverse("marketplace:need_list"),
            "warn",
            hint=_("Bundles that fit are ranked by your share after vouchers."),
            icon="list-check",
        )
    ]


def needs_missing(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """An enterprise that never stated a need does not know yet what fits."""
    if not can(actor, Permission.NEED_MANAGE):
        return []
    missing = 0 if Need.objects.visible_to(actor).exists() else 1
    return [
        HomeTask(
            _("State your first need"),
            missing,
            reverse("marketplace:need_choose"),
            "info",
            hint=_("Choose what you want done; you see at once what fits and what it costs."),
            icon="search",
        )
    ]


def orders_new(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Orders of the last days, for providers who deliver a part of them."""
    if not (actor.is_kind(OrganizationKind.PROVIDER) and can(actor, Permission.USAGE_REPORT)):
        return []
    count = Order.objects.visible_to(actor).filter(
        status=OrderStatus.ACTIVE, placed_at__gt=at - NEWS
    )
    return [
        HomeTask(
            _("New orders to deliver"),
            count.count(),
            reverse("marketplace:order_list"),
            "info",
            hint=_("They show the codes to report usage against."),
            icon="shopping-cart",
        )
    ]
