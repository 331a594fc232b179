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

    price = voucher + own at the moment of ordering. `ends_at` is set with the notice, days of
    notice ahead; usage up to it is billed. `contract_version`: the text it was placed under.
    """

    code = models.CharField(max_length=16, unique=True)
    enterprise = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    need = models.OneToOneField(Need, on_delete=models.PROTECT, related_name="order")
    bundle = models.ForeignKey(Bundle, on_delete=models.PROTECT, related_name="orders")
    status = models.CharField(max_length=12, choices=OrderStatus, default=OrderStatus.ACTIVE)
    units = models.JSONField()
    monthly_price_fen = models.BigIntegerField()
    monthly_voucher_fen = models.BigIntegerField()
    monthly_own_fen = models.BigIntegerField()
    contract_version = models.PositiveSmallIntegerField(default=1)
    placed_at = models.DateTimeField()
    placed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    noticed_at = models.DateTimeField(null=True)
    noticed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    ends_at = models.DateTimeField(null=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            choices_constraint("status", OrderStatus, "marketplace_order_status"),
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
        ]

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        """The order's page."""
        return reverse("marketplace:order_detail", args=[self.code])
