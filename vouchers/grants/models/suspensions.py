"""Credit consequences: for how long an organization gets nothing more from a bureau."""

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, Self

import pgtrigger
from django.db import models
from django.db.models import F, Q

from accounts.models import Organization, User
from common.constraints import paired
from common.periods import local_day

if TYPE_CHECKING:
    from datetime import date, datetime

    from accounts.access import Actor


class SuspensionQuerySet(models.QuerySet["Suspension"]):
    """Lookups of suspensions."""

    def visible_to(self, actor: "Actor") -> Self:
        """The bureau that imposed it and the organization that it holds."""
        return self.filter(Q(bureau=actor.organization) | Q(organization=actor.organization))

    def running_at(self, at: "datetime") -> Self:
        """Begun and not over: nothing has to end one."""
        return self.filter(begins_at__lte=at, ends_at__gt=at)


class Suspension(models.Model):
    """From `begins_at` to before `ends_at` an organization gets nothing more from the bureau's schemes.

    A firm is granted and issued nothing, a provider is in no settlement. `reference` is the opaque code of what
    imposed it. Append-only.
    """

    bureau = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="suspensions"
    )
    reference = models.CharField(max_length=40, unique=True)
    reason = models.TextField(max_length=4000)
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    imposed_at = models.DateTimeField()
    imposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = SuspensionQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("begins_at")), name="vouchers_suspension_window"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="vouchers_suspension_reason"),
            paired("imposed", "vouchers_suspension_imposed"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    @property
    def last_day(self) -> "date":
        """The last civil day on which it holds; `ends_at` is the moment after it."""
        return local_day(self.ends_at - timedelta(microseconds=1))
