"""What the board adds to every page: navigation."""

from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from common import navigation
from common.navigation import FooterItem, NavItem


def register() -> None:
    """Called once when the app is ready."""
    navigation.register(
        NavItem(
            _("Operation board"), "marketplace:board_desk", Permission.BOARD_VIEW, "chart-bar", 37
        )
    )
    navigation.register_footer(FooterItem(_("Operation board"), "marketplace:board_public", 61))
