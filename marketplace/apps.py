"""What fits whom: catalog, matching, orders and rounds."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MarketplaceConfig(AppConfig):
    """What fits whom: catalog, matching, orders and rounds."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "marketplace"
    verbose_name = _("Marketplace")

    def ready(self) -> None:
        """Tell the frame what leads where and what waits for people."""
        from marketplace import frame
        from marketplace.board import frame as board
        from marketplace.catalog import frame as catalog
        from marketplace.clearing import frame as clearing
        from marketplace.experience import notifying as experience
        from marketplace.trials import frame as trials

        catalog.register()
        frame.register()
        clearing.register()
        experience.register()
        trials.register()
        board.register()
