"""When idle machines may be used: dated windows that never overlap."""

from datetime import datetime
from typing import ClassVar, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.constraints import paired
from providers.models.registration import Facility


class IdleWindowQuerySet(models.QuerySet["IdleWindow"]):
    """Lookups of windows."""

    def standing(self) -> Self:
        """Those that were not withdrawn."""
        return self.filter(withdrawn_at__isnull=True)

    def not_over_at(self, at: datetime) -> Self:
        """Standing ones that are open at the moment or still to come."""
        return self.standing().filter(span__endswith__gt=at)


class IdleWindow(models.Model):
    """From `span`'s first moment, included, to its last, excluded, the facility's machines are lent out.

    Two windows of a facility do not overlap. A window may be withdrawn before it begins, never edited.
    """

    code = models.CharField(max_length=16, unique=True)
    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="idle_windows")
    span = DateTimeRangeField(_("window"))
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = IdleWindowQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(
                    span__startswith__isnull=False,
                    span__endswith__isnull=False,
                    span__isempty=False,
                ),
                name="providers_idlewindow_bounded",
            ),
            paired("opened", "providers_idlewindow_opened"),
            paired("withdrawn", "providers_idlewindow_withdrawn"),
            ExclusionConstraint(
                name="providers_idlewindow_no_overlap",
                expressions=[
                    (F("facility"), RangeOperators.EQUAL),
                    (F("span"), RangeOperators.OVERLAPS),
                ],
                condition=Q(withdrawn_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.code
