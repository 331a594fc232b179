"""Settlements, their two signatures, and what they pay."""

from typing import TYPE_CHECKING, ClassVar, Self

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from common.constraints import choices_constraint, paired, positive
from common.models import StoredFile
from providers.models import PoolSplit, Provider
from vouchers.audit.models.payees import PayeeAccount
from vouchers.grants.models import Scheme
from vouchers.ledger.fields import transaction_number

if TYPE_CHECKING:
    from accounts.access import Actor


class SettlementStatus(models.TextChoices):
    """Where a settlement batch stands."""

    DRAFT = "draft", _("Waiting for first signature")
    SIGNED_ONCE = "signed_once", _("Waiting for second signature")
    SIGNED = "signed", _("Ready for payment")
    PAID = "paid", _("Carried out")


class PaymentStatus(models.TextChoices):
    """Where one provider's payment stands."""

    WAITING = "waiting", _("Waiting")
    PAID = "paid", _("Paid")
    RETURNED = "returned", _("Returned by the bank")


class SettlementQuerySet(models.QuerySet["Settlement"]):
    """Lookups of settlements."""

    def visible_to(self, actor: "Actor") -> Self:
        """The scheme's bureau; a provider sees batches that pay it."""
        return self.filter(
            Q(scheme__bureau=actor.organization)
            | Q(pk__in=Payment.objects.to(actor.organization).values("settlement"))
        )


class Settlement(models.Model):
    """A batch of passed claims of one scheme. `content_sha256` is what the two people sign."""

    code = models.CharField(max_length=16, unique=True)
    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="settlements")
    status = models.CharField(
        max_length=16, choices=SettlementStatus, default=SettlementStatus.DRAFT
    )
    total_fen = models.BigIntegerField()
    content_sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    paid_at = models.DateTimeField(null=True)
    paid_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = SettlementQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            choices_constraint("status", SettlementStatus, "vouchers_settlement_status"),
            positive("total_fen", "vouchers_settlement_total"),
            paired("created", "vouchers_settlement_created"),
            paired("paid", "vouchers_settlement_paid"),
            models.CheckConstraint(
                condition=Q(status="paid", paid_at__isnull=False)
                | (~Q(status="paid") & Q(paid_at__isnull=True)),
                name="vouchers_settlement_payment",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(
                name="content_frozen", fields=["code", "scheme", "total_fen", "content_sha256"]
            ),
        ]

    def __str__(self) -> str:
        return self.code


class SettlementSignature(models.Model):
    """One of two signatures over the content's hash, by two different humans. Append-only.

    `person_key` repeats the signer's at that moment: two accounts of one human are one human.
    """

    settlement = models.ForeignKey(Settlement, on_delete=models.PROTECT, related_name="signatures")
    position = models.PositiveSmallIntegerField()
    content_sha256 = models.CharField(max_length=64)
    person_key = models.CharField(max_length=64, blank=True, default="")
    signed_at = models.DateTimeField()
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    transaction_number = transaction_number()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["settlement", "position"], name="vouchers_signature_position"
            ),
            models.UniqueConstraint(
                fields=["settlement", "signed_by"], name="vouchers_signature_person"
            ),
            models.UniqueConstraint(
                fields=["settlement", "person_key"],
                condition=~Q(person_key=""),
                name="vouchers_signature_human",
            ),
            models.CheckConstraint(condition=Q(position__in=[1, 2]), name="vouchers_signature_two"),
            paired("signed", "vouchers_signature_signed"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["transaction_number"], name="vouchers_signature_sealing"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class PaymentQuerySet(models.QuerySet["Payment"]):
    """Lookups of payments."""

    def to(self, organization: "Organization | None") -> Self:
        """Those that pay an organization."""
        return self.filter(Q(provider__organization=organization) | Q(enterprise=organization))

    def with_payees(self) -> Self:
        """Together with who is paid."""
        return self.select_related("provider__organization", "enterprise")

    def to_repeat(self) -> Self:
        """Those that a bank returned and no later payment replaces."""
        return self.filter(status=PaymentStatus.RETURNED, replaced_by__isnull=True)


class Payment(models.Model):
    """What a settlement pays to one provider, or to one enterprise that is paid back, and what the bank made of it.

    One that `replaces` another pays again what a bank returned; every other one pays the provider's
    claims of the batch. A payment returned after it was booked keeps its transfer and names the
    `reversal`.
    """

    settlement = models.ForeignKey(Settlement, on_delete=models.PROTECT, related_name="payments")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, null=True, related_name="+")
    enterprise = models.ForeignKey(
        Organization, on_delete=models.PROTECT, null=True, related_name="+"
    )
    account = models.ForeignKey(PayeeAccount, on_delete=models.PROTECT, related_name="+")
    amount_fen = models.BigIntegerField()
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="replaced_by"
    )
    status = models.CharField(max_length=16, choices=PaymentStatus, default=PaymentStatus.WAITING)
    transfer = models.OneToOneField(
        "vouchers.Transfer", on_delete=models.PROTECT, null=True, related_name="payment"
    )
    reversal = models.OneToOneField(
        "vouchers.Transfer", on_delete=models.PROTECT, null=True, related_name="returned_payment"
    )
    bank_serial = models.CharField(max_length=60, blank=True, default="")
    return_reason = models.CharField(max_length=200, blank=True, default="")

    objects = PaymentQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["settlement", "provider", "enterprise"],
                condition=Q(replaces__isnull=True),
                nulls_distinct=False,
                name="vouchers_payment_once",
            ),
            models.CheckConstraint(
                condition=Q(provider__isnull=True, enterprise__isnull=False)
                | Q(provider__isnull=False, enterprise__isnull=True),
                name="vouchers_payment_one_payee",
            ),
            choices_constraint("status", PaymentStatus, "vouchers_payment_status"),
            positive("amount_fen", "vouchers_payment_amount"),
            models.CheckConstraint(
                condition=Q(
                    status="waiting",
                    transfer__isnull=True,
                    reversal__isnull=True,
                    return_reason="",
                )
                | Q(
                    status="paid",
                    transfer__isnull=False,
                    reversal__isnull=True,
                    return_reason="",
                )
                | Q(
                    ~Q(return_reason=""),
                    status="returned",
                    transfer__isnull=True,
                    reversal__isnull=True,
                )
                | Q(
                    ~Q(return_reason=""),
                    status="returned",
                    transfer__isnull=False,
                    reversal__isnull=False,
                ),
                name="vouchers_payment_posted",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(
                name="amount_frozen",
                fields=[
                    "settlement", "provider", "enterprise", "account", "amount_fen", "replaces",
                ],
            ),
        ]  # fmt: skip

    @property
    def payee(self) -> Organization:
        """Who is paid."""
        found = self.provider.organization if self.provider else self.enterprise
        if found is None:
            raise ValueError("a payment without payee")  # a constraint forbids it
        return found

    @property
    def payee_code(self) -> str:
        """The payee as listings, files and accounts name it: a provider by its own code."""
        return self.provider.code if self.provider else self.payee.code


class PaymentShare(models.Model):
    """A contributor's part of a payment to a pool's seller. Frozen; the parts add up to the payment.

    `split` is the version of the pool's shares; the row without one is what the seller earned
    outside of pools. Payments of sellers without pools have no rows.
    """

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="shares")
    split = models.ForeignKey(PoolSplit, on_delete=models.PROTECT, null=True, related_name="+")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    amount_fen = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["payment", "split", "organization"],
                nulls_distinct=False,
                name="vouchers_paymentshare_once",
            ),
            positive("amount_fen", "vouchers_paymentshare_amount"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class LineFileForm(models.TextChoices):
    """In which form the lines of a settlement are exported."""

    CSV = "csv", "CSV"
    XLSX = "xlsx", "XLSX"


class LineFile(models.Model):
    """All lines of a signed settlement as a file, made once for its signed content. Append-only."""

    settlement = models.ForeignKey(
        Settlement, on_delete=models.PROTECT, related_name="line_files", db_index=False
    )  # the unique index begins with it
    form = models.CharField(max_length=4, choices=LineFileForm)
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+")
    lines = models.PositiveIntegerField()
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["settlement", "form"], name="vouchers_linefile_once"),
            choices_constraint("form", LineFileForm, "vouchers_linefile_form"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]
