"""Takes invoices: the number is free, the parties fit, the file is what it says; likenesses are kept."""

from dataclasses import dataclass
from datetime import date, datetime

from django.core.files import File
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from accounts.rules import uscc
from common import stored_files
from common.errors import Conflict, DomainError
from common.models import StoredFile
from common.periods import local_day
from vouchers.audit.models import Claim, InvoiceMatch, InvoiceMatchReason
from vouchers.audit.rules import invoice_matches as matching
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


@dataclass(frozen=True, slots=True)
class Parties:
    """Who issued the invoice and to whom, by unified social credit code."""

    seller: str
    buyer: str


def usual_buyer(claim: Claim) -> Organization:
    """To whom the invoice of a claim is issued: the bureau, or the enterprise that asks back what it paid."""
    return claim.enterprise or claim.scheme.bureau


def read_parties(*, claim: Claim, seller: str, buyer: str) -> Parties:
    """The parties in their one spelling; empty ones are the provider and who pays it.

    Raises InvoiceRefused for what is no code, and for a seller other than the provider: another's invoice claims
    nothing here. Another buyer is taken and shown to the auditor.
    """
    own = claim.provider.organization.uscc
    found = {}
    fields = (("invoice_seller", seller, own), ("invoice_buyer", buyer, usual_buyer(claim).uscc))
    for field, text, usual in fields:
        try:
            found[field] = usual if text.strip() in {"", usual} else uscc.normalize(text)
        except uscc.InvalidUscc as error:
            words = _("Enter the unified social credit code as printed: 18 digits and letters.")
            raise InvoiceRefused(words, errors={field: words}) from error
    if found["invoice_seller"] != own:
        words = _("The seller on the invoice must be your own organization.")
        if claim.enterprise_id:
            words = _("The seller on the invoice must be the provider of the bills.")
        raise InvoiceRefused(words, errors={"invoice_seller": words})
    return Parties(found["invoice_seller"], found["invoice_buyer"])


def require_day(*, day: date | None, claim: Claim, at: datetime) -> None:
    """Raise InvoiceRefused for a day before the month of the bills or after today."""
    if day is not None and not claim.month <= day <= local_day(at):
        words = _("The invoice date lies between the month of the bills and today.")
        raise InvoiceRefused(words, errors={"invoice_on": words})


def keep_matches(*, claim: Claim, at: datetime) -> list[InvoiceMatch]:
    """Keep what makes the claim's invoice look like another one, or meant for somebody else. Three queries.

    Held against invoices of the same seller, and those over the same sum, in all schemes of all bureaus.
    """
    alike = Q(invoice_seller=claim.invoice_seller) | Q(invoice_fen=claim.invoice_fen)
    rows = Claim.objects.filter(alike).exclude(invoice_number="").exclude(pk=claim.pk)
    found = list(matching.likenesses(_shape(claim), (_shape(row) for row in rows.order_by("pk"))))
    pairs: list[tuple[int | None, str]] = [(key, str(why)) for key, why in found]
    if claim.invoice_buyer != usual_buyer(claim).uscc:
        pairs.append((None, InvoiceMatchReason.OTHER_BUYER))
    return InvoiceMatch.objects.bulk_create(
        [
            InvoiceMatch(
                claim=claim, invoice_number=claim.invoice_number, other_id=other, reason=why,
                found_at=at,
            )
            for other, why in pairs
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def _shape(claim: Claim) -> matching.Invoice:
    sent = claim.submitted_at
    day = claim.invoice_on or (local_day(sent) if sent else claim.month)
    return matching.Invoice(
        claim.pk, claim.invoice_number, claim.invoice_seller, claim.invoice_fen or 0, day
    )


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
    return stored_files.keep(
        organization_id=organization.pk,
        name=name[-200:],
        content_type=kind.content_type,
        content=content,
        at=at,
    )
