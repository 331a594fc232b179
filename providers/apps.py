"""What is supplied: providers, facilities, offerings, prices, capacity."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProvidersConfig(AppConfig):
    """What is supplied: providers, facilities, offerings, prices, capacity."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "providers"
    verbose_name = _("Providers")

    def ready(self) -> None:
        """Tell the page frame about entries, states and what waits for whom."""
        from accounts.permissions import Permission
        from common import home, navigation, statuses
        from providers import home as tasks
        from providers.models import OfferingStatus, ProviderStatus, SubscriptionStatus

        item, may = navigation.NavItem, Permission
        navigation.register(
            item(_("Offerings"), "providers:offering_list", None, "list-search", order=20),
            item(_("Providers"), "providers:provider_list", may.PROVIDER_VERIFY, "server-2", 45),
            item(
                _("My supply"),
                "providers:offering_own",
                may.PROVIDER_MANAGE,
                "server",
                order=30,
                starts=("/providers/onboarding/", "/providers/registration/", "/facilities/"),
            ),
            item(
                _("Subscriptions"), "providers:subscription_list", may.ORDER_VIEW, "list-check", 40
            ),
        )
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
        home.register(tasks.waiting_registrations, tasks.missing_steps)
