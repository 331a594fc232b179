"""Who contributes what to an SME pool: dated versions of shares that add up to one."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, ClassVar, Self

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from common.constraints import paired, positive
from providers.models.registration import Facility

if TYPE_CHECKING:
    from accounts.access import Actor

WHOLE_PARTS = 1_000_000
"""A share is so many parts of a million."""


class PoolSplitQuerySet(models.QuerySet["PoolSplit"]):
    """Lookups of versions."""

    def in_force_on(self, day: date) -> Self:
        """The version of each pool on a civil day."""
        return self.filter(effective__contains=day)


class PoolSplit(models.Model):
    """One version of a pool's shares, from the first day of a month on.

    Only its end may change, when the next version begins.
    """

    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="pool_splits")
    number = models.PositiveIntegerField(_("version"))
    effective = DateRangeField(_("in force"))
    stated_at = models.DateTimeField()
    stated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = PoolSplitQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["facility", "number"], name="providers_poolsplit_version"
            ),
            models.CheckConstraint(
                condition=Q(effective__startswith__isnull=False),
                name="providers_poolsplit_begins",
            ),
            models.CheckConstraint(
                condition=Q(effective__startswith__day=1), name="providers_poolsplit_month_start"
            ),
            positive("number", "providers_poolsplit_number"),
            paired("stated", "providers_poolsplit_stated"),
            ExclusionConstraint(
                name="providers_poolsplit_no_overlap",
                expressions=[
                    (F("facility"), RangeOperators.EQUAL),
                    (F("effective"), RangeOperators.OVERLAPS),
                ],
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="version_frozen", fields=["facility", "number", "stated_at", "stated_by"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.facility} {self.number}"

    @property
    def last_day(self) -> date | None:
        """The last day in force; None while no end is set."""
        return self.effective.upper - timedelta(days=1) if self.effective.upper else None


_ADD_UP = """
IF (SELECT sum(parts) FROM providers_poolshare WHERE split_id = NEW.split_id) <> 1000000 THEN
    RAISE EXCEPTION 'pgtrigger: the shares of a pool must add up to one'
        USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""


class PoolShareQuerySet(models.QuerySet["PoolShare"]):
    """Lookups of shares."""

    def visible_to(self, actor: "Actor") -> Self:
        """The seller sees all shares of its pools, a contributor only its own."""
        return self.filter(
            Q(organization=actor.organization)
            | Q(split__facility__provider__organization=actor.organization)
        )


class PoolShare(models.Model):
    """A contributor's share in millionths. Append-only; all shares of a version add up to one at commit."""

    split = models.ForeignKey(PoolSplit, on_delete=models.PROTECT, related_name="shares")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    parts = models.PositiveIntegerField(_("share"))

    objects = PoolShareQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["split", "organization"], name="providers_poolshare_once"
            ),
            models.CheckConstraint(
                condition=Q(parts__gt=0, parts__lte=WHOLE_PARTS), name="providers_poolshare_parts"
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="add_up_to_one",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                func=_ADD_UP,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.parts} of {WHOLE_PARTS}"
