"""How a case ends: the conclusion, the two signatures over its content, and what it recovers."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from common.constraints import both_or_neither, choices_constraint, paired, positive
from providers.models import Provider
from vouchers.audit.models.cases import Case
from vouchers.audit.models.settlements import Settlement
from vouchers.billing.models import Bill
from vouchers.grants.models import Scheme, Voucher
from vouchers.ledger.fields import transaction_number


class CaseOutcome(models.TextChoices):
    """What a case came to."""

    NOTHING = "nothing", _("No finding")
    BREACH = "breach", _("Breach, nothing to recover")
    RECOVERY = "recovery", _("Money is recovered")


class CaseConclusion(models.Model):
    """One version of a conclusion; the newest is the one that counts. Append-only.

    `content_sha256` is the digest of the conclusion and of everything in the case before it: a new version, or
    any further entry, leaves the signatures of the former one behind. Amounts in fen.
    """

    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, related_name="conclusions", db_index=False
    )  # the unique index begins with it
    number = models.PositiveIntegerField()
    outcome = models.CharField(max_length=8, choices=CaseOutcome)
    text = models.TextField(max_length=4000)
    recover_fen = models.BigIntegerField(null=True)
    debtor = models.ForeignKey(Organization, on_delete=models.PROTECT, null=True, related_name="+")
    suspended = models.ForeignKey(
        Organization, on_delete=models.PROTECT, null=True, related_name="+"
    )
    suspended_until = models.DateField(null=True)
    content_sha256 = models.CharField(max_length=64)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "number"], name="vouchers_conclusion_number"),
            choices_constraint("outcome", CaseOutcome, "vouchers_conclusion_outcome"),
            paired("written", "vouchers_conclusion_written"),
            positive("recover_fen", "vouchers_conclusion_amount"),
            both_or_neither("suspended", "suspended_until", "vouchers_conclusion_suspended"),
            models.CheckConstraint(
                condition=Q(outcome="recovery", recover_fen__isnull=False, debtor__isnull=False)
                | Q(~Q(outcome="recovery"), recover_fen__isnull=True, debtor__isnull=True),
                name="vouchers_conclusion_recovery",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="nothing") | Q(suspended__isnull=True),
                name="vouchers_conclusion_harmless",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="vouchers_conclusion_text"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class ConclusionSignature(models.Model):
    """One of two signatures over the content's hash, by two different humans. Append-only.

    `person_key` repeats the signer's at that moment: two accounts of one human are one human.
    """

    conclusion = models.ForeignKey(
        CaseConclusion, on_delete=models.PROTECT, related_name="signatures", db_index=False
    )  # the unique index begins with it
    position = models.PositiveSmallIntegerField()
    content_sha256 = models.CharField(max_length=64)
    person_key = models.CharField(max_length=64, blank=True, default="")
    signed_at = models.DateTimeField()
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    transaction_number = transaction_number()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["conclusion", "position"], name="vouchers_casesignature_position"
            ),
            models.UniqueConstraint(
                fields=["conclusion", "signed_by"], name="vouchers_casesignature_person"
            ),
            models.UniqueConstraint(
                fields=["conclusion", "person_key"],
                condition=~Q(person_key=""),
                name="vouchers_casesignature_human",
            ),
            models.CheckConstraint(
                condition=Q(position__in=[1, 2]), name="vouchers_casesignature_two"
            ),
            paired("signed", "vouchers_casesignature_signed"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["transaction_number"], name="vouchers_casesignature_sealing"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class Recovery(models.Model):
    """What a concluded case takes back of one redemption, in fen: at most once for each.

    `clawed_fen` comes from what the provider is owed and was in no settlement yet; `due_fen` is what the
    `debtor` owes the bureau, to be paid back by `due_on`.
    `settlement` is the batch that paid the provider less by `clawed_fen`; all else is frozen.
    """

    case = models.OneToOneField(
        Case, on_delete=models.PROTECT, primary_key=True, related_name="recovery"
    )
    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="recoveries")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="+")
    bill = models.ForeignKey(
        Bill, on_delete=models.PROTECT, related_name="recoveries", db_index=False
    )  # the unique index begins with it
    voucher = models.ForeignKey(Voucher, on_delete=models.PROTECT, related_name="recoveries")
    debtor = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    amount_fen = models.BigIntegerField()
    clawed_fen = models.BigIntegerField()
    due_fen = models.BigIntegerField()
    clawback = models.OneToOneField(
        "vouchers.Transfer", on_delete=models.PROTECT, null=True, related_name="clawed_back"
    )
    debt = models.OneToOneField(
        "vouchers.Transfer", on_delete=models.PROTECT, null=True, related_name="recovery_debt"
    )
    due_on = models.DateField(null=True)
    settlement = models.ForeignKey(
        Settlement, on_delete=models.PROTECT, null=True, related_name="recoveries"
    )
    recovered_at = models.DateTimeField()
    recovered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    transaction_number = transaction_number()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["bill", "voucher"], name="vouchers_recovery_once"),
            positive("amount_fen", "vouchers_recovery_amount"),
            positive("clawed_fen", "vouchers_recovery_clawed", zero=True),
            positive("due_fen", "vouchers_recovery_due", zero=True),
            models.CheckConstraint(
                condition=Q(amount_fen=F("clawed_fen") + F("due_fen")),
                name="vouchers_recovery_parts",
            ),
            models.CheckConstraint(
                condition=Q(clawed_fen=0, clawback__isnull=True, settlement__isnull=True)
                | Q(clawed_fen__gt=0, clawback__isnull=False),
                name="vouchers_recovery_clawback",
            ),
            models.CheckConstraint(
                condition=Q(due_fen=0, debt__isnull=True, due_on__isnull=True)
                | Q(due_fen__gt=0, debt__isnull=False, due_on__isnull=False),
                name="vouchers_recovery_debt",
            ),
            paired("recovered", "vouchers_recovery_recovered"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["transaction_number"], name="vouchers_recovery_sealing"),
            models.Index(
                fields=["scheme", "provider"],
                condition=Q(settlement__isnull=True, clawed_fen__gt=0),
                name="vouchers_recovery_to_deduct",
            ),
            models.Index(
                fields=["debtor"], condition=Q(due_fen__gt=0), name="vouchers_recovery_owed"
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(
                name="amounts_frozen",
                fields=[
                    "case", "scheme", "provider", "bill", "voucher", "debtor", "amount_fen", "clawed_fen",
                    "due_fen", "clawback", "debt", "due_on", "recovered_at", "recovered_by",
                ],
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]  # fmt: skip
