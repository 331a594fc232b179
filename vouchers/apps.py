"""Who pays: ledger, grants, billing and audit."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VouchersConfig(AppConfig):
    """Who pays: ledger, grants, billing and audit."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "vouchers"
    verbose_name = _("Vouchers")

    def ready(self) -> None:
        """Let the wings add themselves to the frame, and their facts to the seal."""
        from vouchers.audit import facts as audit_facts
        from vouchers.audit import frame as audit
        from vouchers.billing import facts as billing_facts
        from vouchers.billing import frame as billing
        from vouchers.grants import facts as grants_facts
        from vouchers.grants import frame as grants

        grants.register()
        billing.register()
        audit.register()
        billing_facts.seal()
        grants_facts.seal()
        audit_facts.seal()
