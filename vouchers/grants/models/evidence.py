"""Files that an enterprise puts beside its application."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.constraints import choices_constraint, paired
from common.models import StoredFile
from vouchers.grants.models.applications import Application

if TYPE_CHECKING:
    from accounts.access import Actor


class EvidenceKind(models.TextChoices):
    """What a file shows."""

    CONTRACT = "contract", _("Contract or quotation")
    PLAN = "plan", _("Plan of use")
    PAYMENT = "payment", _("Invoice and proof of payment")
    OTHER = "other", _("Other evidence")


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    """Lookups of evidence. The bytes stay in the database until they are asked for."""

    def visible_to(self, actor: "Actor") -> Self:
        """The applicant sees its own; the scheme's bureau sees that of what was submitted to it."""
        return self.filter(
            Q(application__enterprise=actor.organization)
            | Q(
                application__scheme__bureau=actor.organization,
                application__submitted_at__isnull=False,
            )
        )

    def light(self) -> Self:
        """With the file's name, size and hash, without its bytes."""
        return self.select_related("file", "added_by").defer("file__content")


class Evidence(models.Model):
    """One file beside one application. It goes away only while the application is a draft."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="evidence")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=EvidenceKind)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["application", "kind", "file"], name="vouchers_evidence_once"
            ),
            choices_constraint("kind", EvidenceKind, "vouchers_evidence_kind"),
            paired("added", "vouchers_evidence_added"),
        ]
