"""What burn-down, published payments and debts add to every page."""

from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from common import navigation
from common.navigation import FooterItem, NavItem


def register() -> None:
    """Called by the frame of the audit."""
    navigation.register(
        NavItem(
            _("Budget burn-down"), "vouchers:burndown_list", Permission.BOARD_VIEW, "chart-line", 62
        ),
    )
    navigation.register_footer(
        FooterItem(_("Paid public money"), "vouchers:disclosure_list", 62),
        FooterItem(_("Seal of the books"), "vouchers:seal_heads", 63),
    )
