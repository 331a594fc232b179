"""Cases: what is looked into, what everybody said about it, and who works on it until when."""

from typing import TYPE_CHECKING, ClassVar, Self

import pgtrigger
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from common.codes import new_code
from common.constraints import both_or_neither, choices_constraint, paired, set_exactly_in
from common.models import StoredFile
from vouchers.audit.models.risks import RiskFlag
from vouchers.audit.models.samples import SampleItem
from vouchers.billing.models import Bill
from vouchers.grants.models import LetterKind, Voucher

if TYPE_CHECKING:
    from accounts.access import Actor


def new_case_code() -> str:
    """Public id of a case."""
    return new_code("CS")


class CaseSource(models.TextChoices):
    """What a case was opened from."""

    FLAG = "flag", _("Risk flag")
    SAMPLE = "sample", _("Item of a sample")
    HAND = "hand", _("By hand")


class CaseStatus(models.TextChoices):
    """Where a case stands. A first signature is void, and the case open again, once anything changes."""

    OPEN = "open", _("Being examined")
    ASKED = "asked", _("Waiting for an answer")
    SIGNED_ONCE = "signed_once", _("Waiting for second signature")
    CLOSED = "closed", pgettext_lazy("case", "Closed")


class CaseQuerySet(models.QuerySet["Case"]):
    """Lookups of cases."""

    def visible_to(self, actor: "Actor") -> Self:
        """Those of the bureau acted for."""
        return self.filter(bureau=actor.organization)

    def told_to(self, actor: "Actor") -> Self:
        """Those about which the bureau wrote to the organization acted for."""
        letters = CaseEntry.objects.filter(
            case=OuterRef("pk"), party=actor.organization, kind=EntryKind.LETTER
        )
        return self.filter(Exists(letters))

    def with_subject(self) -> Self:
        """Together with what a page says about its subject."""
        return self.select_related(
            "bureau", "organization", "assignee", "flag", "sample_item__sample",
            "bill__enterprise", "bill__provider__organization", "bill__subscription__offering",
            "voucher__scheme__bureau",
        )  # fmt: skip


class Case(models.Model):
    """One thing an officer looks into: a redemption (bill and voucher) or an organization.

    `version` rises whenever somebody takes, gives or returns the case, so that a stale page is noticed.
    """

    code = models.CharField(max_length=16, unique=True, default=new_case_code)
    bureau = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=8, choices=CaseSource)
    flag = models.ForeignKey(RiskFlag, on_delete=models.PROTECT, null=True, related_name="cases")
    sample_item = models.ForeignKey(
        SampleItem, on_delete=models.PROTECT, null=True, related_name="cases"
    )
    bill = models.ForeignKey(Bill, on_delete=models.PROTECT, null=True, related_name="cases")
    voucher = models.ForeignKey(Voucher, on_delete=models.PROTECT, null=True, related_name="cases")
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, null=True, related_name="+"
    )
    question = models.CharField(_("what is looked into"), max_length=300)
    status = models.CharField(max_length=12, choices=CaseStatus, default=CaseStatus.OPEN)
    assignee = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=0)
    due_on = models.DateField(_("to be done by"))
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            choices_constraint("source", CaseSource, "vouchers_case_source"),
            choices_constraint("status", CaseStatus, "vouchers_case_status"),
            paired("opened", "vouchers_case_opened"),
            paired("closed", "vouchers_case_closed"),
            set_exactly_in("status", [CaseStatus.CLOSED], "closed_at", "vouchers_case_closing"),
            both_or_neither("bill", "voucher", "vouchers_case_redemption"),
            models.CheckConstraint(
                condition=Q(bill__isnull=True, organization__isnull=False)
                | Q(bill__isnull=False, organization__isnull=True),
                name="vouchers_case_one_subject",
            ),
            models.CheckConstraint(
                condition=Q(source="flag", flag__isnull=False, sample_item__isnull=True)
                | Q(source="sample", flag__isnull=True, sample_item__isnull=False)
                | Q(source="hand", flag__isnull=True, sample_item__isnull=True),
                name="vouchers_case_opened_from",
            ),
            models.CheckConstraint(condition=~Q(question=""), name="vouchers_case_question"),
            models.UniqueConstraint(
                fields=["bill", "voucher"],
                condition=~Q(status="closed"),
                name="vouchers_case_one_open",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["bureau", "status", "due_on"], name="vouchers_case_queue"),
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(
                name="subject_frozen",
                fields=[
                    "code", "bureau", "source", "flag", "sample_item", "bill", "voucher",
                    "organization", "question", "opened_at", "opened_by",
                ],
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.code

    def parties(self) -> list[Organization]:
        """Whom the case is about: firm and provider of a redemption, or the organization."""
        if self.bill is not None:
            return [self.bill.enterprise, self.bill.provider.organization]
        return [self.organization] if self.organization is not None else []


class EntryKind(models.TextChoices):
    """What an entry of a case is."""

    FINDING = "finding", _("Finding")
    REMARK = "remark", _("Remark")
    ANSWER = "answer", _("Answer of a party")
    LETTER = "letter", _("Letter")
    EVIDENCE = "evidence", _("Evidence")


class CaseEntryQuerySet(models.QuerySet["CaseEntry"]):
    """Lookups of entries."""

    def shown_to(self, actor: "Actor") -> Self:
        """Everything for the bureau; for a party what was written to it or by it, and nothing else."""
        return self.filter(Q(case__bureau=actor.organization) | Q(party=actor.organization))

    def light(self) -> Self:
        """In order, with names, letter and file, without the file's bytes."""
        rows = self.select_related("file", "written_by", "party", "letter").defer("file__content")
        return rows.order_by("number")


class CaseEntry(models.Model):
    """One thing said or put into a case. `party` is the one organization that sees it besides the bureau.

    An entry without `party` is the bureau's own. Append-only.
    """

    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, related_name="entries", db_index=False
    )  # the unique index begins with it
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=EntryKind)
    party = models.ForeignKey(Organization, on_delete=models.PROTECT, null=True, related_name="+")
    text = models.TextField(blank=True, default="", max_length=4000)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = CaseEntryQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "number"], name="vouchers_caseentry_number"),
            choices_constraint("kind", EntryKind, "vouchers_caseentry_kind"),
            paired("written", "vouchers_caseentry_written"),
            models.CheckConstraint(
                condition=Q(kind__in=["finding", "remark"], party__isnull=True, file__isnull=True)
                | Q(kind__in=["answer", "letter"], party__isnull=False, file__isnull=True)
                | Q(kind="evidence", file__isnull=False),
                name="vouchers_caseentry_shown_to",
            ),
            models.CheckConstraint(
                condition=~Q(text="") | Q(kind="evidence"), name="vouchers_caseentry_words"
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class CaseLetter(models.Model):
    """The letter behind an entry, as it was sent; `answer_by` is set where an answer is asked. Append-only."""

    entry = models.OneToOneField(
        CaseEntry, on_delete=models.PROTECT, primary_key=True, related_name="letter"
    )
    kind = models.CharField(max_length=12, choices=LetterKind)
    template_version = models.PositiveIntegerField()
    subject_zh = models.CharField(max_length=200)
    subject_en = models.CharField(max_length=300)
    body_zh = models.TextField()
    body_en = models.TextField()
    answer_by = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            choices_constraint("kind", LetterKind, "vouchers_caseletter_kind"),
            models.CheckConstraint(
                condition=Q(kind="case_asked", answer_by__isnull=False)
                | (~Q(kind="case_asked") & Q(answer_by__isnull=True)),
                name="vouchers_caseletter_answer",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    @property
    def subject(self) -> str:
        """The subject in the language of the page."""
        return self.subject_en if _english() else self.subject_zh

    @property
    def body(self) -> str:
        """The text in the language of the page."""
        return self.body_en if _english() else self.body_zh


def _english() -> bool:
    return (get_language() or "zh").startswith("en")
