"""Announcements: approved applications shown to the public together (公示)."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models
from django.db.models import F

from accounts.models import User
from common.codes import new_code
from common.constraints import paired
from common.periods import local_day
from vouchers.grants.models.schemes import Scheme

if TYPE_CHECKING:
    from datetime import date, datetime


def new_announcement_code() -> str:
    """Public id of an announcement."""
    return new_code("PN")


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    """Lookups of announcements; all of them are public."""

    def running_at(self, at: "datetime") -> Self:
        """Those that take objections."""
        return self.filter(published_at__lte=at, ends_at__gt=at)


class Announcement(models.Model):
    """A batch of approved applications of one scheme, published with a window for objections.

    `lines` is what was published and never changes: application, enterprise, kind and amount in fen.
    """

    code = models.CharField(max_length=16, unique=True, default=new_announcement_code)
    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="announcements")
    title = models.CharField(max_length=150)
    text = models.TextField(max_length=5000, blank=True, default="")
    lines: Any = models.JSONField()
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ends_at = models.DateTimeField()

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            paired("published", "vouchers_announcement_published"),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=F("published_at")),
                name="vouchers_announcement_window",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-published_at", "-id"], name="vouchers_announcement_list"),
        ]

    @property
    def last_day(self) -> "date":
        """The last civil day on which objections are taken; `ends_at` is the moment after it."""
        return local_day(self.ends_at - timedelta(microseconds=1))

    def takes_objections_at(self, at: "datetime") -> bool:
        """Whether the window is open."""
        return self.published_at <= at < self.ends_at
