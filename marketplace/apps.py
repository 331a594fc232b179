"""What fits whom: catalog, matching and orders."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MarketplaceConfig(AppConfig):
    """What fits whom: catalog, matching and orders."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "marketplace"
    verbose_name = _("Marketplace")

    def ready(self) -> None:
        """Tell the frame what leads where and what waits for people."""
        from marketplace import frame
        from marketplace.catalog import frame as catalog

        catalog.register()
        frame.register()
