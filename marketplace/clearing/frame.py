"""What rounds add to every page: navigation, looks, tasks of the first page."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor, can
from accounts.models import OrganizationKind
from accounts.permissions import Permission
from common import home, jobs, navigation, statuses
from common.home import HomeTask
from common.navigation import FooterItem, NavItem
from marketplace.clearing import notifying
from marketplace.clearing.actions import solving
from marketplace.clearing.models import (
    ClearingRound,
    OfferStatus,
    Outcome,
    RoundOffer,
    RoundStatus,
)


def register() -> None:
    """Called once when the app is ready."""
    navigation.register(
        NavItem(
            _("Clearing rounds"),
            "marketplace:round_list",
            Permission.DECISION_COUNTERSIGN,
            "scale",
            order=36,
        )
    )
    navigation.register_footer(
        FooterItem(_("Protocols of rounds"), "marketplace:protocol_list", 60)
    )
    home.register(offers_waiting, rounds_to_sign)
    jobs.register(solving.KIND, jobs.JobKind(_("Clearing round"), "marketplace:round_list"))
    notifying.register()
    _register_looks()


def _register_looks() -> None:
    statuses.register(
        RoundStatus,
        {
            RoundStatus.DRAFT: ("neutral", "circle"),
            RoundStatus.COLLECTED: ("info", "progress"),
            RoundStatus.SOLVED: ("warn", "hourglass"),
            RoundStatus.SIGNED_ONCE: ("warn", "hourglass"),
            RoundStatus.APPLIED: ("good", "circle-check"),
            RoundStatus.VOID: ("bad", "ban"),
        },
    )
    statuses.register(
        Outcome,
        {
            Outcome.FIRST_CHOICE: ("good", "circle-check"),
            Outcome.LATER_CHOICE: ("good", "circle-check"),
            Outcome.NO_PAIR: ("neutral", "ban"),
            Outcome.PLACES: ("warn", "circle-x"),
            Outcome.MONEY: ("warn", "circle-x"),
            Outcome.PLACES_AND_MONEY: ("warn", "circle-x"),
            Outcome.FLOOR: ("warn", "circle-x"),
        },
    )
    statuses.register(
        OfferStatus,
        {
            OfferStatus.OPEN: ("warn", "hourglass"),
            OfferStatus.ACCEPTED: ("good", "circle-check"),
            OfferStatus.DECLINED: ("neutral", "circle-x"),
            OfferStatus.LAPSED: ("neutral", "clock-pause"),
        },
    )


def offers_waiting(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Offers of rounds that the firm has not answered."""
    if not can(actor, Permission.ORDER_PLACE):
        return []
    rows = RoundOffer.objects.visible_to(actor).filter(status=OfferStatus.OPEN, expires_at__gt=at)
    codes = list(rows.order_by("expires_at", "pk").values_list("code", flat=True))
    url = reverse("marketplace:offer_detail", args=codes[:1]) if codes else ""
    return [
        HomeTask(
            _("Answer the offer of a clearing round"),
            len(codes),
            url or reverse("marketplace:need_list"),
            "warn",
            hint=_("Accept or decline it before its deadline; accepting places the order."),
            icon="scale",
        )
    ]


def rounds_to_sign(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Plans that wait for this officer's signature."""
    if not (actor.is_kind(OrganizationKind.BUREAU) and can(actor, Permission.DECISION_COUNTERSIGN)):
        return []
    rows = ClearingRound.objects.visible_to(actor).filter(
        status__in=[RoundStatus.SOLVED, RoundStatus.SIGNED_ONCE]
    )
    return [
        HomeTask(
            _("Sign the plan of a clearing round"),
            rows.exclude(signatures__signed_by=actor.user).count(),
            reverse("marketplace:round_list"),
            "warn",
            hint=_("Two people sign the same plan; then every served firm gets its offer."),
            icon="scale",
        )
    ]
