"""What is supplied: providers, facilities, offerings, prices, capacity."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProvidersConfig(AppConfig):
    """What is supplied: providers, facilities, offerings, prices, capacity."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "providers"
    verbose_name = _("Providers")

    def ready(self) -> None:
        """Tell the frame what leads where, how states look, what waits for people and what they are told."""
        from providers import frame, notifying

        frame.register()
        notifying.register()
