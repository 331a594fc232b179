"""What the catalog adds to every page: navigation and looks."""

from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from common import navigation, statuses
from common.navigation import NavItem
from marketplace.catalog.models import BundleStatus


def register() -> None:
    """Called once when the app is ready."""
    navigation.register(
        NavItem(_("Bundles"), "marketplace:bundle_list", None, "packages", order=15),
        NavItem(_("Open shelf"), "marketplace:shelf_list", None, "building-warehouse", order=16),
        NavItem(
            _("Scenarios"),
            "marketplace:scenario_list",
            Permission.SCHEME_MANAGE,
            "list-check",
            order=33,
        ),
        NavItem(
            _("My bundles"),
            "marketplace:bundle_own",
            Permission.BUNDLE_PUBLISH,
            "package",
            order=32,
            starts=("/bundles/create/",),
        ),
    )
    statuses.register(
        BundleStatus,
        {
            BundleStatus.DRAFT: ("neutral", "pencil"),
            BundleStatus.PUBLISHED: ("good", "circle-check"),
            BundleStatus.RETIRED: ("neutral", "ban"),
            BundleStatus.COMPOSED: ("info", "puzzle"),
        },
    )
