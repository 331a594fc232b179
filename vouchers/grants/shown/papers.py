"""Papers about an application: its receipt, and the letters of the bureau."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from common import display, pdf
from vouchers.grants.models import Application, Letter
from vouchers.grants.shown import summaries, timelines


def receipt(application: Application) -> bytes:
    """What was handed in, when, by whom, with which files, and what happens next; the same bytes every time."""
    firm, bureau = application.enterprise, application.scheme.bureau
    paper = pdf.Document(
        _("Receipt of an application"),
        language=get_language() or "zh-hans",
        subtitle=application.code,
        author=bureau.name,
        footer=application.code,
    )
    paper.paragraph(
        _("%(bureau)s has received the following application.") % {"bureau": bureau.name}
    )
    paper.rows(
        [
            (_("Number"), application.code),
            (_("Scheme"), application.scheme.title),
            (_("Enterprise"), firm.name),
            (_("Unified social credit code"), firm.uscc),
            (_("Prepared by"), str(application.prepared_by)),
            (_("Signed by"), str(application.submitted_by)),
            (_("Handed in"), _moment(application.submitted_at)),
        ]
    )
    for part in summaries.parts(application):
        paper.heading(part.title)
        paper.rows([(str(row.key), str(row.value)) for row in part.rows])
    _files(paper, application)
    paper.heading(_("What happens next"))
    paper.paragraph(
        _(
            "Two officers review the application one after the other. Each step is shown on its page."
        )
    )
    day = timelines.next_day(application)
    if day:
        paper.paragraph(_("The present step is to be done by %(day)s.") % {"day": day})
    return paper.render()


def _files(paper: pdf.Document, application: Application) -> None:
    rows = list(application.evidence.light().order_by("pk"))
    if not rows:
        return
    paper.heading(_("Evidence"))
    paper.table(
        [_("File"), _("Bytes"), "SHA-256"],
        [[row.file.name, display.grouped(row.file.size_bytes), row.file.sha256] for row in rows],
        widths=[3, 1, 4],
    )


def _moment(at: object) -> str:
    return display.moment_text(at) if at else ""  # type: ignore[arg-type]


def letter(sent: Letter) -> bytes:
    """A letter as it was sent, in the language of the page; the same bytes every time."""
    bureau = sent.application.scheme.bureau.name
    paper = pdf.Document(
        sent.subject,
        language=get_language() or "zh-hans",
        subtitle=sent.code,
        author=bureau,
        footer=sent.code,
    )
    paper.paragraph(sent.body)
    return paper.render()
