"""Claims: submitted with an invoice, passed or returned."""

from datetime import date, datetime

from django.core.files import File
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common import states
from common.errors import DomainError, Forbidden
from common.models import StoredFile
from common.periods import start_of_day
from providers.models import Provider
from vouchers.audit import notifying
from vouchers.audit.actions import invoices, relations
from vouchers.audit.models import Claim, ClaimStatus

TRANSITIONS: states.Transitions = {
    ClaimStatus.DRAFT: frozenset(
        {ClaimStatus.SUBMITTED, ClaimStatus.CONFIRMING, ClaimStatus.EMPTIED}
    ),
    ClaimStatus.CONFIRMING: frozenset({ClaimStatus.SUBMITTED, ClaimStatus.DRAFT}),
    ClaimStatus.RETURNED: frozenset({ClaimStatus.SUBMITTED, ClaimStatus.EMPTIED}),
    ClaimStatus.SUBMITTED: frozenset(
        {ClaimStatus.PASSED, ClaimStatus.RETURNED, ClaimStatus.EMPTIED}
    ),
    ClaimStatus.PASSED: frozenset({ClaimStatus.SETTLING, ClaimStatus.EMPTIED}),
    ClaimStatus.SETTLING: frozenset({ClaimStatus.PAID}),
    ClaimStatus.PAID: frozenset({ClaimStatus.SETTLING}),  # the bank returned the money
}


class NotYours(Forbidden):
    """The actor does not act for the party that may do this."""

    code = "not_your_claim"


class FindingMissing(DomainError):
    """A claim is returned only with a reason in words."""

    code = "finding_missing"


def provider_of(by: Actor) -> Provider:
    """The provider acted for; NotYours when the organization is none."""
    provider = Provider.objects.filter(organization=by.own()).first()
    if provider is None:
        raise NotYours(_("Only a provider can claim. Choose your provider organization first."))
    return provider


@transaction.atomic
def submit(
    *,
    by: Actor,
    claim: Claim,
    invoice_number: str,
    invoice_fen: int,
    invoice_file: "File[bytes] | None",
    invoice_seller: str = "",
    invoice_buyer: str = "",
    invoice_on: date | None = None,
    at: datetime,
) -> Claim:
    """Hand a draft or a returned claim to the bureau with the invoice that covers it (fen).

    Seller and buyer are unified social credit codes; empty ones are the provider's and the bureau's own. A returned
    claim keeps its former file when none is given. An enterprise's claim goes to the provider first, with
    the provider's invoice to the enterprise; it is told. What resembles another invoice is kept for the auditor.
    Locks the claim. Raises InvoiceRefused, InvoiceUsed, NotYours, WrongState (also on a second click).
    """
    by.require(Permission.CLAIM_SUBMIT)
    locked = _locked(claim)
    if locked.payee.pk != by.own().pk:
        raise NotYours(_("This claim belongs to another organization."))
    states.require(locked, to=(to := _addressee(locked)), transitions=TRANSITIONS)
    number = invoices.read_number(invoice_number)
    invoices.require_unused(number=number, claim=locked)
    invoices.require_covering(invoice_fen=invoice_fen, claim=locked)
    parties = invoices.read_parties(claim=locked, seller=invoice_seller, buyer=invoice_buyer)
    invoices.require_day(day=invoice_on, claim=locked, at=at)
    stored = _invoice(locked, invoice_file, at)
    try:
        with transaction.atomic():
            states.move(
                locked,
                to=to,
                transitions=TRANSITIONS,
                invoice_number=number,
                invoice_fen=invoice_fen,
                invoice_file=stored,
                invoice_seller=parties.seller,
                invoice_buyer=parties.buyer,
                invoice_on=invoice_on,
                finding="",
                submitted_at=at,
                submitted_by=by.user,
                audited_at=None,
                audited_by=None,
            )
    except IntegrityError as error:
        raise invoices.InvoiceUsed from error
    found = len(invoices.keep_matches(claim=locked, at=at))
    data = {"invoice_number": number, "invoice_sha256": stored.sha256, "matches": found}
    trail.record(by=by, at=at, verb="submit", subject=locked, data=data)
    notifying.claim_sent(claim=locked, at=at)
    return locked


def _invoice(claim: Claim, file: "File[bytes] | None", at: datetime) -> StoredFile:
    """The given invoice file, kept, or the former one; raises InvoiceRefused when there is neither."""
    if file is not None:
        return invoices.store(file=file, organization=claim.payee, at=at)
    if claim.invoice_file is None:
        words = _("Add the invoice file.")
        raise invoices.InvoiceRefused(words, errors={"invoice_file": words})
    return claim.invoice_file


def _addressee(claim: Claim) -> ClaimStatus:
    """Whom a claim waits for when it is sent: the bureau, or first the provider of an enterprise's."""
    if claim.enterprise_id and not claim.lines.exists():
        return ClaimStatus.CONFIRMING
    return ClaimStatus.SUBMITTED


@transaction.atomic
def pass_claim(*, by: Actor, claim: Claim, finding: str = "", at: datetime) -> Claim:
    """Pass a submitted claim on to settlement. Locks it. Raises NotYours, Related, WrongState."""
    return _decide(
        by=by, claim=claim, to=ClaimStatus.PASSED, verb="pass", finding=finding.strip(), at=at
    )


@transaction.atomic
def return_claim(*, by: Actor, claim: Claim, finding: str, at: datetime) -> Claim:
    """Send a submitted claim back with the reason in words.

    Locks it. Raises FindingMissing, NotYours, Related, WrongState.
    """
    if not finding.strip():
        words = _("Say what is wrong, so that the provider can mend it.")
        raise FindingMissing(words, errors={"finding": words})
    return _decide(
        by=by, claim=claim, to=ClaimStatus.RETURNED, verb="return", finding=finding.strip(), at=at
    )


def _decide(
    *, by: Actor, claim: Claim, to: ClaimStatus, verb: str, finding: str, at: datetime
) -> Claim:
    by.require(Permission.CLAIM_AUDIT)
    locked = _locked(claim)
    if locked.scheme.bureau_id != by.own().pk:
        raise NotYours(_("This claim belongs to another bureau's scheme."))
    states.require(locked, to=to, transitions=TRANSITIONS)
    holders = locked.lines.values_list("bill__enterprise_id", flat=True).order_by().distinct()
    relations.require_unrelated(
        user=by.user,
        organization_ids={locked.provider.organization_id, *holders},
        people=[locked.submitted_by],
        since=start_of_day(locked.month),
    )
    states.move(
        locked, to=to, transitions=TRANSITIONS, finding=finding, audited_at=at, audited_by=by.user
    )
    trail.record(by=by, at=at, verb=verb, subject=locked, data={"finding": finding})
    if to == ClaimStatus.RETURNED:
        notifying.claim_returned(claim=locked, finding=finding, at=at)
    return locked


def _locked(claim: Claim) -> Claim:
    rows = Claim.objects.select_for_update(of=("self",))
    rows = rows.select_related(
        "scheme__bureau", "provider__organization", "enterprise", "submitted_by", "invoice_file"
    )
    return rows.get(pk=claim.pk)
