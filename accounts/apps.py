"""Who: people, organizations, roles, keys and the audit trail."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Who: people, organizations, roles, keys and the audit trail."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        """Tell the frame who is asking, what leads where, and what waits for people."""
        from accounts import frame

        frame.register()
