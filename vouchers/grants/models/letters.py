"""Letters: what a bureau writes to applicants, its templates and what was sent."""

from typing import TYPE_CHECKING, ClassVar, Self

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from common.codes import new_code
from common.constraints import choices_constraint, paired
from vouchers.grants.models.applications import Application

if TYPE_CHECKING:
    from accounts.access import Actor


def new_letter_code() -> str:
    """Public id of a letter."""
    return new_code("LT")


class LetterKind(models.TextChoices):
    """The occasions on which the bureau writes."""

    ACCEPTED = "accepted", _("Application accepted")
    SUPPLEMENT = "supplement", _("Supplement asked for")
    REFUSED = "refused", _("Not approved")
    APPROVED = "approved", _("Approved")
    ISSUED = "issued", _("Voucher issued")
    FROZEN = "frozen", _("Voucher frozen")
    UNFROZEN = "unfrozen", _("Voucher unfrozen")
    REVOKED = "revoked", _("Voucher revoked")
    EXTENDED = "extended", _("Voucher extended")
    CASE_ASKED = "case_asked", _("Statement asked for in a case")
    CASE_CLOSED = "case_closed", _("Case closed")
    CASE_RECOVER = "case_recover", _("Money recovered in a case")


def _in_page_language(zh: str, en: str) -> str:
    return en if (get_language() or "zh").startswith("en") else zh


class LetterTemplate(models.Model):
    """One version of a bureau's words for an occasion; the newest version is used. Never changed."""

    bureau = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=LetterKind)
    version = models.PositiveIntegerField()
    subject_zh = models.CharField(_("subject in Chinese"), max_length=100)
    subject_en = models.CharField(_("subject in English"), max_length=150)
    body_zh = models.TextField(_("text in Chinese"), max_length=4000)
    body_en = models.TextField(_("text in English"), max_length=6000)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["bureau", "kind", "version"], name="vouchers_lettertemplate_version"
            ),
            choices_constraint("kind", LetterKind, "vouchers_lettertemplate_kind"),
            models.CheckConstraint(
                condition=Q(version__gt=0), name="vouchers_lettertemplate_first"
            ),
            paired("created", "vouchers_lettertemplate_created"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class LetterQuerySet(models.QuerySet["Letter"]):
    """Lookups of letters."""

    def visible_to(self, actor: "Actor") -> Self:
        """The enterprise written to and the bureau that wrote."""
        return self.filter(
            Q(application__enterprise=actor.organization)
            | Q(application__scheme__bureau=actor.organization)
        )


class Letter(models.Model):
    """A letter as it was sent: text, never worked out again. `template_version` 0 is the standing text.

    `occasion` tells one letter of a kind from the next on the same application.
    """

    code = models.CharField(max_length=16, unique=True, default=new_letter_code)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="letters")
    kind = models.CharField(max_length=12, choices=LetterKind)
    occasion = models.CharField(max_length=40)
    template_version = models.PositiveIntegerField()
    subject_zh = models.CharField(max_length=200)
    subject_en = models.CharField(max_length=300)
    body_zh = models.TextField()
    body_en = models.TextField()
    sent_at = models.DateTimeField()

    objects = LetterQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            choices_constraint("kind", LetterKind, "vouchers_letter_kind"),
            models.UniqueConstraint(
                fields=["application", "kind", "occasion"], name="vouchers_letter_once"
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    @property
    def subject(self) -> str:
        """The subject in the language of the page."""
        return _in_page_language(self.subject_zh, self.subject_en)

    @property
    def body(self) -> str:
        """The text in the language of the page."""
        return _in_page_language(self.body_zh, self.body_en)
