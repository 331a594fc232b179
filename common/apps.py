"""Plumbing without a domain, shared by all apps."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommonConfig(AppConfig):
    """Plumbing without a domain, shared by all apps."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "common"
    verbose_name = _("Common")

    def ready(self) -> None:
        """Watch the scheduled tasks and the requests."""
        from common import request_logs, ticks

        ticks.watch()
        request_logs.watch()
