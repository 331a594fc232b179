"""What supply adds to every page: navigation, looks, tasks of the first page."""

from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from common import home, navigation, statuses
from common.navigation import NavItem
from providers import home as tasks
from providers.models import (
    DepositStatus,
    DrawStatus,
    LicenseStatus,
    OfferingStatus,
    ProviderStatus,
    SubscriptionStatus,
)

OWN_PAGES = (
    "/providers/onboarding/",
    "/providers/registration/",
    "/providers/licenses/",
    "/facilities/",
    "/windows/",
    "/latencies/load/",
)


def register() -> None:
    """Called once when the app is ready."""
    _add_entries()
    _dress_states()
    _dress_bank()
    home.register(tasks.waiting_registrations, tasks.missing_steps)


def _add_entries() -> None:
    manage, verify = Permission.PROVIDER_MANAGE, Permission.PROVIDER_VERIFY
    navigation.register(
        NavItem(_("Offerings"), "providers:offering_list", None, "list-search", order=20),
        NavItem(_("Providers"), "providers:provider_list", verify, "server-2", order=45),
        NavItem(_("Figures of listings"), "providers:figure_list", verify, "list-check", order=46),
        NavItem(_("My supply"), "providers:offering_own", manage, "server", 30, OWN_PAGES),
        NavItem(
            _("Compute bank"), "providers:bank_detail", Permission.ORDER_VIEW, "building-bank", 37
        ),
        NavItem(_("Subscriptions"), "providers:subscription_list", manage, "list-check", order=40),
    )


def _dress_states() -> None:
    statuses.register(
        ProviderStatus,
        {
            ProviderStatus.DRAFT: ("neutral", "pencil"),
            ProviderStatus.SUBMITTED: ("info", "hourglass"),
            ProviderStatus.VERIFIED: ("good", "circle-check"),
            ProviderStatus.REFUSED: ("bad", "circle-x"),
        },
    )
    statuses.register(
        LicenseStatus,
        {
            LicenseStatus.SUBMITTED: ("info", "hourglass"),
            LicenseStatus.VERIFIED: ("good", "circle-check"),
            LicenseStatus.REFUSED: ("bad", "circle-x"),
        },
    )
    statuses.register(
        OfferingStatus,
        {
            OfferingStatus.DRAFT: ("neutral", "pencil"),
            OfferingStatus.LISTED: ("good", "circle-check"),
            OfferingStatus.RETIRED: ("neutral", "ban"),
        },
    )
    statuses.register(
        SubscriptionStatus,
        {
            SubscriptionStatus.ACTIVE: ("good", "player-play"),
            SubscriptionStatus.STOPPED: ("bad", "player-pause"),
            SubscriptionStatus.ENDED: ("neutral", "circle-check"),
        },
    )


def _dress_bank() -> None:
    statuses.register(
        DepositStatus,
        {
            DepositStatus.PROPOSED: ("info", "hourglass"),
            DepositStatus.APPROVED: ("good", "circle-check"),
            DepositStatus.REFUSED: ("bad", "circle-x"),
            DepositStatus.WITHDRAWN: ("neutral", "arrow-left"),
        },
    )
    statuses.register(
        DrawStatus,
        {
            DrawStatus.OPEN: ("good", "circle-check"),
            DrawStatus.RELEASED: ("neutral", "arrow-left"),
        },
    )
