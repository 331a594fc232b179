"""Cases as pages show them: the work queue, the steps so far, and papers."""

from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from common import pdf
from common.components import Text
from common.periods import local_day
from vouchers.audit.models import Case, CaseEntry, CaseStatus

TABS: dict[str, Text] = {
    "mine": _("Mine"),
    "team": _("Nobody's"),
    "overdue": _("Overdue"),
    "open": _("All open"),
    "closed": pgettext_lazy("case", "Closed"),
}


def tabs(actor: Actor, at: datetime) -> dict[str, Q]:
    """The conditions of the queue's tabs."""
    running = ~Q(status=CaseStatus.CLOSED)
    return {
        "mine": running & Q(assignee=actor.user),
        "team": running & Q(assignee__isnull=True),
        "overdue": running & Q(due_on__lt=local_day(at)),
        "open": running,
        "closed": Q(status=CaseStatus.CLOSED),
    }


def counts(rows: QuerySet[Case], conditions: dict[str, Q]) -> dict[str, int]:
    """How many each tab holds. One query."""
    return rows.aggregate(**{name: Count("pk", filter=each) for name, each in conditions.items()})


def letter_paper(entry: CaseEntry) -> bytes:
    """A letter as it was sent, in the language of the page; the same bytes every time."""
    letter, case = entry.letter, entry.case
    number = f"{case.code}/{entry.number}"
    paper = pdf.Document(
        letter.subject, language=get_language() or "zh-hans", subtitle=number,
        author=case.bureau.name, footer=number,
    )  # fmt: skip
    paper.paragraph(letter.body)
    return paper.render()
