"""The auditor's room: who may read a bureau's chains until when, and everything that was looked at."""

from typing import TYPE_CHECKING, ClassVar, Self

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from common.codes import new_code
from common.constraints import choices_constraint, paired

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.access import Actor


def new_pass_code() -> str:
    """Public id of a pass."""
    return new_code("AR")


class RoomPassQuerySet(models.QuerySet["RoomPass"]):
    """Lookups of passes."""

    def visible_to(self, actor: "Actor") -> Self:
        """Those that the bureau acted for granted."""
        return self.filter(bureau=actor.organization)

    def open_at(self, at: "datetime") -> Self:
        """Granted, not run out and not revoked."""
        return self.filter(granted_at__lte=at, expires_at__gt=at, revoked_at__isnull=True)


class RoomPass(models.Model):
    """One person may read, and only read, the chains of a bureau's schemes until `expires_at`."""

    code = models.CharField(max_length=16, unique=True, default=new_pass_code)
    bureau = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    auditor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(_("purpose"), max_length=300)
    expires_at = models.DateTimeField()
    granted_at = models.DateTimeField()
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = RoomPassQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            paired("granted", "vouchers_roompass_granted"),
            paired("revoked", "vouchers_roompass_revoked"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("granted_at")), name="vouchers_roompass_window"
            ),
            models.CheckConstraint(
                condition=~Q(auditor=F("granted_by")), name="vouchers_roompass_another"
            ),
            models.CheckConstraint(condition=~Q(purpose=""), name="vouchers_roompass_purpose"),
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(
                name="grant_frozen",
                fields=[
                    "code", "bureau", "auditor", "purpose", "expires_at", "granted_at", "granted_by",
                ],
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.code

    def is_open_at(self, at: "datetime") -> bool:
        """Whether it lets in."""
        return self.revoked_at is None and self.granted_at <= at < self.expires_at


class RoomViewKind(models.TextChoices):
    """What was looked at."""

    ROOM = "room", _("The room")
    CHAIN = "chain", _("A chain")
    PACKAGE = "package", _("A sealed package")


class RoomView(models.Model):
    """One look through a pass, whether anything was found or not. Append-only."""

    room = models.ForeignKey(RoomPass, on_delete=models.PROTECT, related_name="views")
    kind = models.CharField(max_length=8, choices=RoomViewKind)
    number = models.CharField(max_length=60, blank=True, default="")
    is_found = models.BooleanField()
    sha256 = models.CharField(max_length=64, blank=True, default="")
    viewed_at = models.DateTimeField()
    viewed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            choices_constraint("kind", RoomViewKind, "vouchers_roomview_kind"),
            paired("viewed", "vouchers_roomview_viewed"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]
