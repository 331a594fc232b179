"""Who uses what: running subscriptions and the capacity reserved for them."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from common.constraints import choices_constraint, positive
from providers.models.offering import Capacity, Offering

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.access import Actor


class SubscriptionStatus(models.TextChoices):
    """Whether usage may be reported on a subscription."""

    ACTIVE = "active", _("Running")
    STOPPED = "stopped", _("Stopped for lack of funds")
    ENDED = "ended", _("Ended")


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    """Lookups of subscriptions."""

    def visible_to(self, actor: "Actor") -> Self:
        """The enterprise that runs it and the provider that delivers it."""
        return self.filter(
            Q(enterprise=actor.organization)
            | Q(offering__provider__organization=actor.organization)
        )

    def open_at(self, at: "datetime") -> Self:
        """Those that cover the moment."""
        return self.filter(starts_at__lte=at).filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at))


class Subscription(models.Model):
    """One enterprise's running contract on one offering; usage is reported against its code.

    `reference` is the opaque code of what created it (an order); this package does not know orders.
    It runs one subscription of each offering at a time; one that ended may be followed by another.
    `monthly_units` maps a meter to the base units wanted each month: what is reserved where the
    provider declares capacity, now or later. The prices of its first day hold on all days before
    `prices_held_until`, for as long as it runs where that is empty (decision 0012).
    """

    code = models.CharField(max_length=16, unique=True)
    enterprise = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="subscriptions")
    reference = models.CharField(max_length=40)
    monthly_units = models.JSONField(default=dict)
    status = models.CharField(
        max_length=16, choices=SubscriptionStatus, default=SubscriptionStatus.ACTIVE
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    prices_held_until = models.DateField(null=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            choices_constraint("status", SubscriptionStatus, "providers_subscription_status"),
            models.UniqueConstraint(
                fields=["reference", "offering"],
                condition=~Q(status="ended"),
                name="providers_subscription_once",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="providers_subscription_order",
            ),
            models.CheckConstraint(
                condition=~Q(status="ended") | Q(ends_at__isnull=False),
                name="providers_subscription_ended",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Reservation(models.Model):
    """Units a subscription has reserved of one month's capacity."""

    subscription = models.ForeignKey(
        Subscription, on_delete=models.PROTECT, related_name="reservations"
    )
    capacity = models.ForeignKey(Capacity, on_delete=models.PROTECT, related_name="reservations")
    units = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["subscription", "capacity"], name="providers_reservation_once"
            ),
            positive("units", "providers_reservation_units"),
        ]

    def __str__(self) -> str:
        return f"{self.units} of {self.capacity}"


class CapacityHold(models.Model):
    """Units kept free of one month's capacity for a reference that has not been subscribed yet.

    They count as reserved. Who keeps the clock is who asked for it; this package only gives back.
    """

    reference = models.CharField(max_length=40)
    capacity = models.ForeignKey(Capacity, on_delete=models.PROTECT, related_name="+")
    units = models.BigIntegerField()
    held_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["reference", "capacity"], name="providers_capacity_hold_once"
            ),
            positive("units", "providers_capacity_hold_units"),
        ]

    def __str__(self) -> str:
        return f"{self.units} of {self.capacity} for {self.reference}"
