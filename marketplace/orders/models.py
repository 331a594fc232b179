"""Orders: an enterprise takes a bundle; each offering in it becomes a subscription."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from common.constraints import (
    both_or_neither,
    choices_constraint,
    paired,
    positive,
    set_exactly_in,
)
from marketplace.catalog.models import Bundle
from marketplace.matching.models import Need
from providers.models import Subscription

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.access import Actor


class OrderStatus(models.TextChoices):
    """Whether an order runs."""

    ACTIVE = "active", _("Running")
    PAUSED = "paused", _("Paused")
    ENDING = "ending", _("Notice given")
    ENDED = "ended", _("Ended")


class OrderQuerySet(models.QuerySet["Order"]):
    """Lookups of orders."""

    def visible_to(self, actor: "Actor") -> Self:
        """The buyer, and every provider that delivers a part of it."""
        if actor.organization is None:
            return self.none()
        delivered = Subscription.objects.filter(offering__provider__organization=actor.organization)
        return self.filter(
            Q(enterprise=actor.organization) | Q(code__in=delivered.values("reference"))
        )

    def due_to_end(self, at: "datetime") -> Self:
        """Those whose notice period is over."""
        return self.filter(status=OrderStatus.ENDING, ends_at__lte=at)


class Order(models.Model):
    """A bundle ordered for a need. `units`: offering code -> meter -> base units each month.

    `monthly_volume` is in the scenario's unit, at first that of the need.
    price = voucher + own at the moment of ordering. `ends_at` is set with the notice, days of
    notice ahead; usage up to it is billed. `contract_version`: the text it was placed under.
    `own_number`: what the enterprise calls it in its own books.
    """

    code = models.CharField(max_length=16, unique=True)
    enterprise = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    need = models.OneToOneField(Need, on_delete=models.PROTECT, related_name="order")
    bundle = models.ForeignKey(Bundle, on_delete=models.PROTECT, related_name="orders")
    status = models.CharField(max_length=12, choices=OrderStatus, default=OrderStatus.ACTIVE)
    units = models.JSONField()
    monthly_volume = models.BigIntegerField()
    monthly_price_fen = models.BigIntegerField()
    monthly_voucher_fen = models.BigIntegerField()
    monthly_own_fen = models.BigIntegerField()
    contract_version = models.PositiveSmallIntegerField(default=1)
    own_number = models.CharField(max_length=40, blank=True, default="")
    placed_at = models.DateTimeField()
    placed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    noticed_at = models.DateTimeField(null=True)
    noticed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    ends_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    paused_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = OrderQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            choices_constraint("status", OrderStatus, "marketplace_order_status"),
            positive("monthly_volume", "marketplace_order_volume"),
            positive("monthly_voucher_fen", "marketplace_order_voucher", zero=True),
            positive("monthly_own_fen", "marketplace_order_own", zero=True),
            models.CheckConstraint(
                condition=Q(monthly_price_fen=F("monthly_voucher_fen") + F("monthly_own_fen")),
                name="marketplace_order_split",
            ),
            paired("placed", "marketplace_order_placed"),
            paired("noticed", "marketplace_order_noticed"),
            both_or_neither("noticed_at", "ends_at", "marketplace_order_end_known"),
            set_exactly_in("status", ["ending", "ended"], "noticed_at", "marketplace_order_ending"),
            paired("paused", "marketplace_order_paused"),
            set_exactly_in("status", ["paused"], "paused_at", "marketplace_order_pausing"),
        ]

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        """The order's page."""
        return reverse("marketplace:order_detail", args=[self.code])


class QuoteStatus(models.TextChoices):
    """What became of a quote."""

    OPEN = "open", _("Open")
    RESERVED = "reserved", _("Reserved")
    ORDERED = "ordered", _("Ordered")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    LAPSED = "lapsed", _("Lapsed")


class QuoteQuerySet(models.QuerySet["Quote"]):
    """Lookups of quotes."""

    def visible_to(self, actor: "Actor") -> Self:
        """A quote belongs to its enterprise alone."""
        return self.filter(need__enterprise=actor.organization)

    def due_to_lapse(self, at: "datetime") -> Self:
        """Open ones past their last moment, reserved ones past their clock."""
        return self.filter(
            Q(status=QuoteStatus.OPEN, valid_until__lte=at)
            | Q(status=QuoteStatus.RESERVED, reserved_until__lte=at)
        )


class Quote(models.Model):
    """A bundle's month for a need, in fen, as stated until `valid_until`: price = voucher + own.

    While reserved, until `reserved_until`, capacity is held under its code, and `held_fen` on vouchers.
    `lines`: what is held, offering code and units by meter, in the order in which bills are paid.
    """

    code = models.CharField(max_length=16, unique=True)
    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="quotes")
    bundle = models.ForeignKey(Bundle, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=12, choices=QuoteStatus, default=QuoteStatus.OPEN)
    lines = models.JSONField()
    monthly_price_fen = models.BigIntegerField()
    monthly_voucher_fen = models.BigIntegerField()
    monthly_own_fen = models.BigIntegerField()
    quoted_at = models.DateTimeField()
    quoted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    valid_until = models.DateTimeField()
    reserved_at = models.DateTimeField(null=True)
    reserved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    reserved_until = models.DateTimeField(null=True)
    held_fen = models.BigIntegerField(default=0)

    objects = QuoteQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            choices_constraint("status", QuoteStatus, "marketplace_quote_status"),
            positive("monthly_voucher_fen", "marketplace_quote_voucher", zero=True),
            positive("monthly_own_fen", "marketplace_quote_own", zero=True),
            positive("held_fen", "marketplace_quote_held", zero=True),
            models.CheckConstraint(
                condition=Q(monthly_price_fen=F("monthly_voucher_fen") + F("monthly_own_fen")),
                name="marketplace_quote_split",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__gt=F("quoted_at")), name="marketplace_quote_valid"
            ),
            models.CheckConstraint(
                condition=~Q(status="reserved") | Q(reserved_until__isnull=False),
                name="marketplace_quote_clock",
            ),
            paired("quoted", "marketplace_quote_quoted"),
            paired("reserved", "marketplace_quote_reserved"),
            both_or_neither("reserved_at", "reserved_until", "marketplace_quote_reserved_until"),
            models.UniqueConstraint(
                fields=["need"],
                condition=Q(status="reserved"),
                name="marketplace_quote_one_reserved",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["valid_until"],
                condition=Q(status="open"),
                name="marketplace_quote_open",
            ),
            models.Index(
                fields=["reserved_until"],
                condition=Q(status="reserved"),
                name="marketplace_quote_running",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        """The quote's page."""
        return reverse("marketplace:quote_detail", args=[self.code])


class ChangeStatus(models.TextChoices):
    """What became of a change."""

    PLANNED = "planned", _("Planned")
    APPLIED = "applied", _("Applied")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    REFUSED = "refused", _("Not possible")


class OrderChange(models.Model):
    """Another volume or bundle for an order from the first day of a month on; it holds no capacity.

    `monthly_own_fen` is the own share at the prices of the day on which it was stated; `reason` says
    why it could not be carried out.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="changes")
    bundle = models.ForeignKey(Bundle, on_delete=models.PROTECT, related_name="+")
    monthly_volume = models.BigIntegerField()
    units = models.JSONField()
    monthly_own_fen = models.BigIntegerField()
    effective_on = models.DateField()
    status = models.CharField(max_length=12, choices=ChangeStatus, default=ChangeStatus.PLANNED)
    reason = models.CharField(max_length=500, blank=True, default="")
    stated_at = models.DateTimeField()
    stated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            choices_constraint("status", ChangeStatus, "marketplace_change_status"),
            positive("monthly_volume", "marketplace_change_volume"),
            positive("monthly_own_fen", "marketplace_change_own", zero=True),
            paired("stated", "marketplace_change_stated"),
            models.CheckConstraint(
                condition=Q(effective_on__day=1), name="marketplace_change_month"
            ),
            models.UniqueConstraint(
                fields=["order"], condition=Q(status="planned"), name="marketplace_change_one"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["effective_on"],
                condition=Q(status="planned"),
                name="marketplace_change_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order}: {self.effective_on}"
