"""Bills, their lines, and what paid them."""

from typing import TYPE_CHECKING, ClassVar, Self

import pgtrigger
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from common.constraints import choices_constraint, paired, positive
from common.references import kept, references
from providers.models import Meter, Provider, Rate, Subscription
from vouchers.grants.models import Voucher

if TYPE_CHECKING:
    from accounts.access import Actor


class ClosedPeriod(models.Model):
    """A calendar month whose bills are closed: no usage of it is taken any more."""

    month = models.DateField(unique=True)
    closed_at = models.DateTimeField()
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(month__day=1), name="vouchers_period_month_start"),
            paired("closed", "vouchers_period_closed"),
        ]

    @property
    def code(self) -> str:
        """The month as people write it: 2026-05."""
        return f"{self.month:%Y-%m}"


class BillStatus(models.TextChoices):
    """Open while usage may arrive; closed waits for the enterprise."""

    OPEN = "open", _("Running")
    CLOSED = "closed", _("Waiting for confirmation")
    CONFIRMED = "confirmed", _("Confirmed")
    DISPUTED = "disputed", _("Disputed")


class BillQuerySet(models.QuerySet["Bill"]):
    """Lookups of bills."""

    def visible_to(self, actor: "Actor") -> Self:
        """The enterprise that pays and the provider that delivered."""
        return self.filter(
            Q(enterprise=actor.organization) | Q(provider__organization=actor.organization)
        )

    def with_names(self) -> Self:
        """Together with what a list shows of the other tables."""
        return self.select_related("enterprise", "provider__organization", "subscription__offering")

    def with_parts(self) -> Self:
        """Together with lines and charges in order, and what caps kept from being paid."""
        return self.prefetch_related(
            "cap_bounds__voucher__scheme",
            models.Prefetch(
                "lines",
                BillLine.objects.select_related("rate").order_by(
                    "-origin", "meter", "rate", "-kind", "pk"
                ),
            ),
            models.Prefetch(
                "charges", Charge.objects.select_related("voucher__scheme").order_by("number")
            ),
        )


class Bill(models.Model):
    """One subscription's usage in one calendar month, rated and split over its payers (fen).

    Enterprise and provider repeat the subscription's, for lists and claims. Adjustments of closed
    months may be worth more than the month's own usage: what is left of them is `credit_out_fen`,
    which the next open month's bill begins with as `credit_in_fen`. `bookings` counts the bill's
    charges. `corrected_fen` is what ended disputes took off. A closed bill is answered by the end of
    `answer_until`; without an answer it counts as confirmed from `lapsed_at` on. Without that day,
    silence confirms nothing.
    """

    code = models.CharField(max_length=16, unique=True)
    subscription = models.ForeignKey(
        Subscription, on_delete=models.PROTECT, related_name="bills", db_index=False
    )  # for all three an index below begins with it
    enterprise = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    provider = models.ForeignKey(
        Provider, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    month = models.DateField()
    status = models.CharField(max_length=16, choices=BillStatus, default=BillStatus.OPEN)
    total_fen = models.BigIntegerField(default=0)
    voucher_fen = models.BigIntegerField(default=0)
    own_fen = models.BigIntegerField(default=0)
    receivable_fen = models.BigIntegerField(default=0)
    credit_in_fen = models.BigIntegerField(default=0)
    credit_out_fen = models.BigIntegerField(default=0)
    corrected_fen = models.BigIntegerField(default=0, db_default=0)
    bookings = models.PositiveIntegerField(default=0)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    answer_until = models.DateField(null=True)
    lapsed_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    disputed_at = models.DateTimeField(null=True)
    disputed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    dispute_reason = models.TextField(blank=True, default="", max_length=2000)

    objects = BillQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subscription", "month"], name="vouchers_bill_once"),
            choices_constraint("status", BillStatus, "vouchers_bill_status"),
            models.CheckConstraint(
                condition=Q(month__day=1),
                name="vouchers_bill_month_start",
            ),
            models.CheckConstraint(
                condition=Q(total_fen=F("voucher_fen") + F("own_fen") + F("receivable_fen")),
                name="vouchers_bill_fully_split",
            ),
            positive("voucher_fen", "vouchers_bill_voucher", zero=True),
            positive("own_fen", "vouchers_bill_own", zero=True),
            positive("receivable_fen", "vouchers_bill_receivable", zero=True),
            positive("credit_in_fen", "vouchers_bill_credit_in", zero=True),
            positive("credit_out_fen", "vouchers_bill_credit_out", zero=True),
            models.CheckConstraint(
                condition=Q(credit_out_fen=0) | Q(total_fen=0), name="vouchers_bill_credit_last"
            ),
            positive("corrected_fen", "vouchers_bill_corrected", zero=True),
            models.CheckConstraint(
                condition=~Q(status="confirmed")
                | Q(confirmed_at__isnull=False)
                | Q(lapsed_at__isnull=False),
                name="vouchers_bill_agreed",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=False)
                | Q(answer_until__isnull=True, lapsed_at__isnull=True),
                name="vouchers_bill_answer",
            ),
            paired("closed", "vouchers_bill_closed"),
            paired("confirmed", "vouchers_bill_confirmed"),
            paired("disputed", "vouchers_bill_disputed"),
            models.CheckConstraint(
                condition=Q(status="open", closed_at__isnull=True)
                | (~Q(status="open") & Q(closed_at__isnull=False)),
                name="vouchers_bill_closing",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["enterprise"],
                condition=Q(receivable_fen__gt=0),
                name="vouchers_bill_outstanding",
            ),
            models.Index(
                fields=["answer_until"],
                condition=Q(status="closed"),
                name="vouchers_bill_unanswered",
            ),
            models.Index(fields=["enterprise", "-month"], name="vouchers_bill_enterprise"),
            models.Index(fields=["provider", "-month"], name="vouchers_bill_provider"),
        ]
        triggers: ClassVar = [kept()]

    @property
    def is_disputable(self) -> bool:
        """Closed and not answered, or confirmed by silence alone."""
        return self.status == BillStatus.CLOSED or (
            self.status == BillStatus.CONFIRMED and self.confirmed_at is None
        )


class LineKind(models.TextChoices):
    """What a line charges: units used, or what is missing to the month's least charge."""

    USAGE = "usage", _("Usage")
    MINIMUM = "minimum", _("Least charge")


class BillLine(models.Model):
    """A meter's cumulative quantity at one rate, rounded half up to the fen once.

    `origin` is the month of the usage: the bill's own, or an earlier one whose bill was closed; the
    line is then an adjustment, and quantity and amount may be negative.
    """

    bill = models.ForeignKey(
        Bill, on_delete=models.PROTECT, related_name="lines", db_index=False
    )  # the unique index begins with it
    rate = models.ForeignKey(Rate, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=LineKind, default=LineKind.USAGE)
    origin = models.DateField()
    meter = models.CharField(max_length=24, choices=Meter)
    quantity = models.BigIntegerField()
    amount_fen = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["bill", "rate", "origin", "kind"], name="vouchers_billline_once"
            ),
            choices_constraint("kind", LineKind, "vouchers_billline_kind"),
            choices_constraint("meter", Meter, "vouchers_billline_meter"),
            models.CheckConstraint(
                condition=Q(origin__day=1), name="vouchers_billline_month_start"
            ),
        ]


class Payer(models.TextChoices):
    """Whose money paid a part of a bill."""

    VOUCHER = "voucher", _("Voucher")
    OWN = "own", _("Own funds")
    RECEIVABLE = "receivable", _("Outstanding")


class ChargeQuerySet(models.QuerySet["Charge"]):
    """Lookups of charges."""

    def standing(self) -> Self:
        """Those that neither were undone nor undo another."""
        return self.filter(undoes__isnull=True, undone_by__isnull=True)


class Charge(models.Model):
    """Which transfer paid which part of a bill.

    With `pays_outstanding` own money settles what another charge of the bill left receivable; such
    charges move an amount from receivable to own and add nothing to the total. A charge that
    `undoes` another took it back whole, with the transfer that reverses the other's. `number`
    counts a bill's charges in the order in which they were booked. Append-only; the trigger `references`
    stands for the foreign keys (common.references).
    """

    transfer = models.OneToOneField(
        "vouchers.Transfer",
        on_delete=models.PROTECT,
        primary_key=True,
        related_name="charge",
        db_constraint=False,
    )
    bill = models.ForeignKey(
        Bill, on_delete=models.PROTECT, related_name="charges", db_index=False, db_constraint=False
    )  # the unique index begins with it
    number = models.PositiveIntegerField()
    payer = models.CharField(max_length=12, choices=Payer)
    voucher = models.ForeignKey(
        Voucher, on_delete=models.PROTECT, null=True, related_name="charges", db_constraint=False
    )
    pays_outstanding = models.BooleanField(default=False)
    undoes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="undone_by", db_constraint=False
    )
    amount_fen = models.BigIntegerField()
    at = models.DateTimeField()

    objects = ChargeQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["bill", "number"], name="vouchers_charge_number"),
            choices_constraint("payer", Payer, "vouchers_charge_payer"),
            positive("number", "vouchers_charge_numbered"),
            models.CheckConstraint(
                condition=Q(pays_outstanding=False) | Q(payer="own"),
                name="vouchers_charge_outstanding",
            ),
            positive("amount_fen", "vouchers_charge_amount"),
            models.CheckConstraint(
                condition=Q(payer="voucher", voucher__isnull=False)
                | (~Q(payer="voucher") & Q(voucher__isnull=True)),
                name="vouchers_charge_voucher",
            ),
        ]
        indexes: ClassVar = [
            BrinIndex(fields=["at"], autosummarize=True, name="vouchers_charge_moment"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            references(
                transfer_id=("vouchers_transfer", "uuid"),
                bill_id=("vouchers_bill", "bigint"),
                voucher_id=("vouchers_voucher", "bigint"),
                undoes_id=("vouchers_charge.transfer_id", "uuid"),
            ),
        ]
