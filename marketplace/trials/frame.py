"""What trials add to every page: looks, topics, where they are found."""

from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from common import navigation, statuses
from common.navigation import NavItem
from marketplace.trials import notifying
from marketplace.trials.models import TermsStatus, TrialStatus


def register() -> None:
    """Called once when the app is ready."""
    notifying.register()
    navigation.register(
        NavItem(_("Trials"), "marketplace:trial_list", Permission.ORDER_VIEW, "hourglass", 36)
    )
    statuses.register(
        TrialStatus,
        {
            TrialStatus.RUNNING: ("good", "circle-check"),
            TrialStatus.ENDED: ("neutral", "circle-x"),
        },
    )
    statuses.register(
        TermsStatus,
        {
            TermsStatus.OPEN: ("good", "circle-check"),
            TermsStatus.CLOSED: ("neutral", "circle-x"),
        },
    )
