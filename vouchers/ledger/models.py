"""Accounts with four counters and immutable transfers with exactly one debit and one credit."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from common.constraints import choices_constraint, positive
from vouchers.ledger.kinds import GUARDED_KINDS, AccountKind, TransferKind


class Account(models.Model):
    """Counters in fen. A guarded account never has debits (pending and posted) above posted credits.

    An account that never refuses keeps no live counters (they stay zero), so that a busy provider is no hot row:
    its balance is the sum over its transfers.
    """

    kind = models.CharField(max_length=24, choices=AccountKind)
    key = models.CharField(max_length=100)
    is_guarded = models.BooleanField()
    debits_pending_fen = models.BigIntegerField(default=0)
    debits_posted_fen = models.BigIntegerField(default=0)
    credits_pending_fen = models.BigIntegerField(default=0)
    credits_posted_fen = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "key"], name="vouchers_account_once"),
            choices_constraint("kind", AccountKind, "vouchers_account_kind"),
            models.CheckConstraint(
                condition=Q(is_guarded=True, kind__in=sorted(GUARDED_KINDS))
                | (Q(is_guarded=False) & ~Q(kind__in=sorted(GUARDED_KINDS))),
                name="vouchers_account_guard",
            ),
            positive("debits_pending_fen", "vouchers_account_debits_pending", zero=True),
            positive("debits_posted_fen", "vouchers_account_debits_posted", zero=True),
            positive("credits_pending_fen", "vouchers_account_credits_pending", zero=True),
            positive("credits_posted_fen", "vouchers_account_credits_posted", zero=True),
            models.CheckConstraint(
                condition=Q(is_guarded=False)
                | Q(debits_posted_fen__lte=F("credits_posted_fen") - F("debits_pending_fen")),
                name="vouchers_account_not_overdrawn",
            ),
            models.CheckConstraint(
                condition=Q(is_guarded=True)
                | Q(
                    debits_pending_fen=0,
                    debits_posted_fen=0,
                    credits_pending_fen=0,
                    credits_posted_fen=0,
                ),
                name="vouchers_account_live_counters",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.key}"

    @property
    def available_fen(self) -> int:
        """What a guarded account can still pay, in fen."""
        return self.credits_posted_fen - self.debits_posted_fen - self.debits_pending_fen


class Transfer(models.Model):
    """An immutable movement. `id` is derived from the business key, so that a retry is recognized.

    The unique constraints on `hold` and `reverses` are their indexes: most transfers have neither.
    """

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=8, choices=TransferKind)
    debit_account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="debits")
    credit_account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="credits")
    amount_fen = models.BigIntegerField()
    hold = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="resolutions", db_index=False
    )
    reverses = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="reversals", db_index=False
    )
    reason = models.CharField(max_length=24)
    reference = models.CharField(max_length=100)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            choices_constraint("kind", TransferKind, "vouchers_transfer_kind"),
            positive("amount_fen", "vouchers_transfer_amount"),
            models.CheckConstraint(
                condition=~Q(debit_account=F("credit_account")),
                name="vouchers_transfer_two_accounts",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["capture", "release", "expire"], hold__isnull=False)
                | Q(kind__in=["single", "hold"], hold__isnull=True),
                name="vouchers_transfer_resolves_hold",
            ),
            models.UniqueConstraint(
                fields=["hold"], condition=Q(hold__isnull=False), name="vouchers_transfer_hold_once"
            ),
            models.UniqueConstraint(
                fields=["reverses"],
                condition=Q(reverses__isnull=False),
                name="vouchers_transfer_reversed_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["reference"], name="vouchers_transfer_reference"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class Hold(models.Model):
    """The open end of a hold transfer: when it lapses and what resolved it."""

    transfer = models.OneToOneField(
        Transfer, on_delete=models.PROTECT, primary_key=True, related_name="hold_row"
    )
    expires_at = models.DateTimeField()
    resolved_with = models.OneToOneField(
        Transfer, on_delete=models.PROTECT, null=True, related_name="resolved_hold_row"
    )

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["expires_at"],
                condition=Q(resolved_with__isnull=True),
                name="vouchers_hold_open",
            ),
        ]
