"""The certificate of a voucher as a paper in PDF, with a QR code that leads to its verification."""

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from common import pdf
from common.display import moment_text, money_text
from common.periods import local_day
from vouchers.grants.actions import verification
from vouchers.grants.models import Voucher
from vouchers.grants.shown import balances


def of_voucher(voucher: Voucher) -> bytes:
    """The certificate in the language of the page. It says nothing that changes, so it is always the same file."""
    bureau = voucher.scheme.bureau.name
    paper = pdf.Document(
        _("%(kind)s: certificate") % {"kind": voucher.get_kind_display()},
        language=get_language() or "zh-hans",
        subtitle=voucher.scheme.title,
        author=bureau,
        footer=f"{voucher.code} · {bureau}",
    )
    paper.paragraph(
        _("%(bureau)s has issued the voucher named here to the enterprise named here.")
        % {"bureau": bureau}
    )
    paper.rows(_rows(voucher))
    paper.heading(_("Conditions"))
    paper.items(
        [
            _("For own use only. It cannot be transferred, given, sold or lent."),
            _("It pays its share of eligible bills, up to the face value, until its last day."),
            _("What is left after the last day returns to the budget."),
            _("Whether it is valid now is told by the verification page, not by this paper."),
        ],
        numbered=True,
    )
    paper.qr(
        verification.address_of(voucher.code),
        _("Scan to verify, or enter both numbers at %(address)s")
        % {"address": f"{settings.SITE_URL.rstrip('/')}/voucher-verification/"},
    )
    return paper.render()


def filename(voucher: Voucher) -> str:
    """Name under which it is saved."""
    return f"{voucher.code}.pdf"


def _rows(voucher: Voucher) -> list[tuple[str, str]]:
    return [
        (_("Number of the voucher"), voucher.code),
        (_("Verification number"), verification.number_of(voucher.code)),
        (_("Enterprise"), voucher.enterprise.name),
        (_("Unified social credit code"), voucher.enterprise.uscc),
        (_("Kind of voucher"), str(voucher.get_kind_display())),
        (_("Face value"), money_text(voucher.face_fen)),
        (_("Pays of each eligible bill"), balances.voucher_share(voucher)),
        (_("Day of issue"), moment_text(local_day(voucher.issued_at), "day")),
        (_("Valid until"), moment_text(voucher.last_day, "day")),
        (_("Issuing bureau"), voucher.scheme.bureau.name),
    ]
