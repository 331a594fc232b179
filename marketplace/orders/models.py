"""Orders: an enterprise takes a bundle; each offering in it becomes a subscription."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from common.constraints import choices_constraint, paired, positive
from marketplace.catalog.models import Bundle
from marketplace.matching.models import Need

if TYPE_CHECKING:
    from accounts.access import Actor


class OrderStatus(models.TextChoices):
    """Whether an order runs."""

    ACTIVE = "active", _("Running")
    ENDED = "ended", _("Ended")


class OrderQuerySet(models.QuerySet["Order"]):
    """Lookups of orders."""

    def visible_to(self, actor: "Actor") -> Self:
        """The buyer, and providers with an offering in the bundle."""
        return self.filter(
            Q(enterprise=actor.organization)
            | Q(
                bundle__in=Bundle.objects.filter(
                    items__offering__provider__organization=actor.organization
                ).values("pk")
            )
        )


class Order(models.Model):
    """A bundle ordered for a need. `units`: offering code -> meter -> base units reserved per month; price in fen."""

    code = models.CharField(max_length=16, unique=True)
    enterprise = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    need = models.OneToOneField(Need, on_delete=models.PROTECT, related_name="order")
    bundle = models.ForeignKey(Bundle, on_delete=models.PROTECT, related_name="orders")
    status = models.CharField(max_length=12, choices=OrderStatus, default=OrderStatus.ACTIVE)
    units = models.JSONField()
    monthly_price_fen = models.BigIntegerField()
    placed_at = models.DateTimeField()
    placed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = OrderQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            choices_constraint("status", OrderStatus, "marketplace_order_status"),
            positive("monthly_price_fen", "marketplace_order_price", zero=True),
            paired("placed", "marketplace_order_placed"),
            paired("ended", "marketplace_order_ended"),
            models.CheckConstraint(
                condition=Q(status="ended", ended_at__isnull=False)
                | Q(status="active", ended_at__isnull=True),
                name="marketplace_order_ending",
            ),
        ]
