"""Bank accounts to which settlements pay."""

from typing import ClassVar, Self

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from common.constraints import paired


class PayeeAccountQuerySet(models.QuerySet["PayeeAccount"]):
    """Lookups of bank accounts."""

    def newest(self) -> Self:
        """The account each organization stated last."""
        return self.order_by("organization", "-pk").distinct("organization")


class PayeeAccount(models.Model):
    """Where a provider, or an enterprise that is paid back, wants to be paid; the holder is the organization itself.

    Append-only: the newest one is used. A batch keeps the one it was signed with.
    """

    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="payee_accounts"
    )
    bank_name = models.CharField(_("bank and branch"), max_length=60)
    account_number = models.CharField(_("account number"), max_length=32)
    stated_at = models.DateTimeField()
    stated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = PayeeAccountQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(account_number__regex=r"^[0-9]{8,32}$"),
                name="vouchers_payeeaccount_number",
            ),
            models.CheckConstraint(
                condition=~Q(bank_name=""), name="vouchers_payeeaccount_bank_name"
            ),
            paired("stated", "vouchers_payeeaccount_stated"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.bank_name} {self.account_number}"
