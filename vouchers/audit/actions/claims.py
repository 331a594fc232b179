"""Claims: pre-filled from confirmed bills, submitted with an invoice, passed or returned."""

from collections import defaultdict
from datetime import date, datetime

from django.core.files import File
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common import states
from common.codes import new_code
from common.errors import DomainError, Forbidden
from common.money import yuan_text
from common.periods import month_start, start_of_day
from providers.models import Provider
from vouchers.audit import notifying
from vouchers.audit.actions import invoices, relations
from vouchers.audit.models import Claim, ClaimLine, ClaimStatus
from vouchers.billing.models import BillStatus, Charge, Payer

TRANSITIONS: states.Transitions = {
    ClaimStatus.DRAFT: frozenset({ClaimStatus.SUBMITTED, ClaimStatus.EMPTIED}),
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
def prefill(*, by: Actor, month: date, at: datetime) -> list[Claim]:
    """One draft claim for each scheme that paid own confirmed bills in that month.

    Lines are the voucher payments not claimed yet; a draft takes what is new, submitted claims
    stay as they are, open and disputed bills stay out, and so do undone payments. Returns the
    month's drafts, maybe none. Locks the provider's row, so that two calls at once take turns,
    then the drafts.
    """
    by.require(Permission.CLAIM_SUBMIT)
    own = provider_of(by)
    provider = Provider.objects.select_for_update(no_key=True).get(pk=own.pk)
    first = month_start(month)
    drafts = {
        claim.scheme_id: claim
        for claim in Claim.objects.select_for_update()
        .filter(provider=provider, month=first, status=ClaimStatus.DRAFT)
        .order_by("pk")
    }
    for scheme_id, charges in _unclaimed(provider, first).items():
        drafts[scheme_id] = _extend(
            by=by,
            draft=drafts.get(scheme_id),
            scheme_id=scheme_id,
            provider=provider,
            month=first,
            charges=charges,
            at=at,
        )
    return sorted(drafts.values(), key=lambda claim: claim.pk)


def _unclaimed(provider: Provider, month: date) -> dict[int, list[Charge]]:
    """Voucher payments of confirmed bills that are on no claim, by scheme."""
    rows = (
        Charge.objects.standing()
        .filter(
            payer=Payer.VOUCHER,
            bill__provider=provider,
            bill__month=month,
            bill__status=BillStatus.CONFIRMED,
            transfer__claim_line__isnull=True,
            transfer__reversals__isnull=True,
        )
        .select_related("voucher")
        .order_by("at", "pk")
    )
    found: dict[int, list[Charge]] = defaultdict(list)
    for charge in rows:
        if charge.voucher is not None:
            found[charge.voucher.scheme_id].append(charge)
    return found


def _extend(
    *,
    by: Actor,
    draft: Claim | None,
    scheme_id: int,
    provider: Provider,
    month: date,
    charges: list[Charge],
    at: datetime,
) -> Claim:
    """Put the payments on the draft, or a new one, and raise its amount by their sum."""
    added_fen = sum(charge.amount_fen for charge in charges)
    if draft is None:
        draft = Claim.objects.create(
            code=new_code("CL"),
            scheme_id=scheme_id,
            provider=provider,
            month=month,
            amount_fen=added_fen,
            created_at=at,
        )
    else:
        Claim.objects.filter(pk=draft.pk).update(amount_fen=F("amount_fen") + added_fen)
        draft.amount_fen += added_fen
    ClaimLine.objects.bulk_create(
        ClaimLine(
            transfer_id=charge.transfer_id,
            claim=draft,
            bill_id=charge.bill_id,
            amount_fen=charge.amount_fen,
        )
        for charge in charges
    )
    data = {"lines": len(charges), "amount": yuan_text(added_fen)}
    trail.record(by=by, at=at, verb="prefill", subject=draft, data=data)
    return draft


@transaction.atomic
def submit(
    *,
    by: Actor,
    claim: Claim,
    invoice_number: str,
    invoice_fen: int,
    invoice_file: "File[bytes] | None",
    at: datetime,
) -> Claim:
    """Hand a draft or a returned claim to the bureau with the invoice that covers it (fen).

    A returned claim keeps its former file when none is given. Locks the claim. Raises
    InvoiceRefused, InvoiceUsed, NotYours, WrongState (also on a second click).
    """
    by.require(Permission.CLAIM_SUBMIT)
    locked = _locked(claim)
    if locked.provider.organization_id != by.own().pk:
        raise NotYours(_("This claim belongs to another provider."))
    states.require(locked, to=ClaimStatus.SUBMITTED, transitions=TRANSITIONS)
    number = invoices.read_number(invoice_number)
    invoices.require_unused(number=number, claim=locked)
    invoices.require_covering(invoice_fen=invoice_fen, claim=locked)
    stored = locked.invoice_file
    if invoice_file is not None:
        stored = invoices.store(file=invoice_file, organization=by.own(), at=at)
    if stored is None:
        words = _("Add the invoice file.")
        raise invoices.InvoiceRefused(words, errors={"invoice_file": words})
    try:
        with transaction.atomic():
            states.move(
                locked,
                to=ClaimStatus.SUBMITTED,
                transitions=TRANSITIONS,
                invoice_number=number,
                invoice_fen=invoice_fen,
                invoice_file=stored,
                finding="",
                submitted_at=at,
                submitted_by=by.user,
                audited_at=None,
                audited_by=None,
            )
    except IntegrityError as error:
        raise invoices.InvoiceUsed from error
    data = {"invoice_number": number, "invoice_sha256": stored.sha256}
    trail.record(by=by, at=at, verb="submit", subject=locked, data=data)
    return locked


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
    rows = rows.select_related("scheme", "provider__organization", "submitted_by", "invoice_file")
    return rows.get(pk=claim.pk)
