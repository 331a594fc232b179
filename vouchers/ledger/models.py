"""Accounts with four counters and immutable transfers with exactly one debit and one credit."""

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from common.constraints import choices_constraint, positive
from common.references import kept, references
from vouchers.ledger.fields import transaction_number
from vouchers.ledger.kinds import GUARDED_KINDS, AccountKind, SealAlgorithm, TransferKind


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
    transaction_number = transaction_number()

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
        indexes: ClassVar = [
            models.Index(fields=["transaction_number"], name="vouchers_account_sealing"),
        ]
        triggers: ClassVar = [kept()]

    def __str__(self) -> str:
        return f"{self.kind}:{self.key}"

    @property
    def available_fen(self) -> int:
        """What a guarded account can still pay, in fen."""
        return self.credits_posted_fen - self.debits_posted_fen - self.debits_pending_fen


class Transfer(models.Model):
    """An immutable movement. `id` is derived from the business key, so that a retry is recognized.

    The unique constraints on `hold` and `reverses` are their indexes: most transfers have neither. The trigger
    `references` stands for the foreign keys (common.references).
    """

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=8, choices=TransferKind)
    debit_account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="debits", db_constraint=False
    )
    credit_account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="credits", db_constraint=False
    )
    amount_fen = models.BigIntegerField()
    hold = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="resolutions",
        db_index=False,
        db_constraint=False,
    )
    reverses = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="reversals",
        db_index=False,
        db_constraint=False,
    )
    reason = models.CharField(max_length=24)
    reference = models.CharField(max_length=100)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    transaction_number = transaction_number()

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
            BrinIndex(
                fields=["transaction_number"], autosummarize=True, name="vouchers_transfer_sealing"
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            references(
                debit_account_id=("vouchers_account", "bigint"),
                credit_account_id=("vouchers_account", "bigint"),
                hold_id=("vouchers_transfer", "uuid"),
                reverses_id=("vouchers_transfer", "uuid"),
            ),
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


class SealBlock(models.Model):
    """A link of the seal's chain: rows of the transactions `start` to before `end`, and the hash before it.

    Append-only. `hash` is the digest of a text that `rules.blocks.header` makes of everything else.
    """

    number = models.BigIntegerField(primary_key=True)
    algorithm = models.CharField(max_length=8, choices=SealAlgorithm)
    previous_hash = models.CharField(max_length=64, unique=True)
    hash = models.CharField(max_length=64, unique=True)
    start = models.BigIntegerField()
    end = models.BigIntegerField()
    sealed_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            choices_constraint("algorithm", SealAlgorithm, "vouchers_sealblock_algorithm"),
            positive("number", "vouchers_sealblock_number"),
            models.CheckConstraint(condition=Q(start__lt=F("end")), name="vouchers_sealblock_span"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class SealPart(models.Model):
    """A block's manifest of one table: the key of each row and the digest of its content. Append-only.

    `keys` and `digests` are bytes laid end to end, in sealed order (rules.blocks).
    """

    block = models.ForeignKey(SealBlock, on_delete=models.PROTECT, related_name="parts")
    table = models.CharField(max_length=30)
    rows = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    keys = models.BinaryField()
    digests = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["block", "table"], name="vouchers_sealpart_once"),
            positive("rows", "vouchers_sealpart_rows"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class SealCheck(models.Model):
    """One verification: up to which block, whether from the first on, and what was found first."""

    checked_at = models.DateTimeField()
    last_block = models.BigIntegerField()
    is_full = models.BooleanField()
    faults = models.PositiveIntegerField()
    first_fault = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            positive("last_block", "vouchers_sealcheck_block", zero=True),
            models.CheckConstraint(
                condition=Q(faults=0, first_fault="") | Q(Q(faults__gt=0), ~Q(first_fault="")),
                name="vouchers_sealcheck_fault",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-last_block"], name="vouchers_sealcheck_latest"),
        ]
