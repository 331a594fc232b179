"""Takes invoices: the number is free, the file is what it says, and both are kept."""

import hashlib
from datetime import datetime

from django.core.files import File
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from common.errors import Conflict, DomainError
from common.models import StoredFile
from vouchers.audit.models import Claim
from vouchers.audit.rules import invoices as rules


class InvoiceRefused(DomainError):
    """Number, amount or file cannot be an invoice of this claim; `errors` names the field."""

    code = "invoice_refused"


class InvoiceUsed(Conflict):
    """The number stands on another claim: one invoice is used once, across all schemes."""

    code = "invoice_used"

    def __init__(self) -> None:
        words = _("This invoice number is already used on another claim. Check the number.")
        super().__init__(words, errors={"invoice_number": words})


_FAULTS: dict[rules.Fault, str | Promise] = {
    rules.Fault.EMPTY: _("The file is empty. Choose the invoice file again."),
    rules.Fault.LARGE: _("The file is larger than 10 MB. Save it smaller and choose it again."),
    rules.Fault.KIND: _("Only a PDF, OFD, PNG or JPEG file is accepted. Save the invoice as one."),
    rules.Fault.MISMATCH: _(
        "The file's name does not fit its content. Choose the original invoice file."
    ),
    rules.Fault.LOCKED: _("The file is protected by a password. Save it without one."),
}


def read_number(text: str) -> str:
    """The invoice number in its one spelling; InvoiceRefused when it cannot be one."""
    number = rules.normal_number(text)
    if not rules.is_number(number):
        words = _("Enter the invoice number as printed: 8 to 30 digits or letters.")
        raise InvoiceRefused(words, errors={"invoice_number": words})
    return number


def require_unused(*, number: str, claim: Claim) -> None:
    """Raise InvoiceUsed when another claim carries the number (also a unique constraint)."""
    if Claim.objects.filter(invoice_number=number).exclude(pk=claim.pk).exists():
        raise InvoiceUsed


def require_covering(*, invoice_fen: int, claim: Claim) -> None:
    """Raise InvoiceRefused when the invoice is smaller than the claim."""
    if invoice_fen < claim.amount_fen:
        words = _("The invoice amount is smaller than the claim. Enter an invoice that covers it.")
        raise InvoiceRefused(words, errors={"invoice_amount": words})


def store(*, file: "File[bytes]", organization: Organization, at: datetime) -> StoredFile:
    """Keep the file with its SHA-256, or raise InvoiceRefused with what to do.

    Reads at most one byte beyond the largest size. The kind is told by the content, never by the
    sender's word.
    """
    content = file.read(rules.MAX_BYTES + 1)
    name = (file.name or "").rsplit("/", 1)[-1].rsplit("\\", 1)[-1]
    kind = rules.kind_of(name, content)
    if isinstance(kind, rules.Fault):
        raise InvoiceRefused(_FAULTS[kind], errors={"invoice_file": _FAULTS[kind]})
    return StoredFile.objects.create(
        organization_id=organization.pk,
        name=name[-200:],
        content_type=kind.content_type,
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        created_at=at,
    )
