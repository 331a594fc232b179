"""Settlements: passed claims batched, signed by two different people, and paid once."""

from collections import defaultdict
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common import states
from common.codes import new_code
from common.errors import Conflict, DomainError, Forbidden
from common.money import yuan_text
from common.periods import start_of_day
from vouchers.audit import notifying
from vouchers.audit.actions import claims as claim_actions
from vouchers.audit.actions import contents, relations, splits
from vouchers.audit.models import (
    Claim,
    ClaimStatus,
    Payment,
    PaymentStatus,
    Settlement,
    SettlementSignature,
    SettlementStatus,
)
from vouchers.grants.models import Scheme
from vouchers.ledger.actions import accounts as ledger_accounts
from vouchers.ledger.actions import transfers
from vouchers.ledger.kinds import AccountKind

TRANSITIONS: states.Transitions = {
    SettlementStatus.DRAFT: frozenset({SettlementStatus.SIGNED_ONCE}),
    SettlementStatus.SIGNED_ONCE: frozenset({SettlementStatus.SIGNED}),
    SettlementStatus.SIGNED: frozenset({SettlementStatus.PAID}),
}


class NothingToSettle(DomainError):
    """No passed claim waits in this scheme."""

    code = "nothing_to_settle"


class WrongContent(Conflict):
    """What was shown is not what is there now: the signature would cover something else."""

    code = "wrong_content"

    def __init__(self) -> None:
        super().__init__(_("The content is not what you were shown. Reload the page and compare."))


class SamePerson(Forbidden):
    """The same human may not act here twice, whatever the account."""

    code = "same_person"


class NotSigned(Conflict):
    """Two signatures over the present content are missing."""

    code = "not_signed"


def ready_claims(*, scheme: Scheme) -> list[Claim]:
    """The passed claims that the next settlement of the scheme takes, in order of their number."""
    rows = Claim.objects.filter(scheme=scheme, status=ClaimStatus.PASSED)
    return list(
        rows.select_related("provider__organization", "invoice_file", "audited_by").order_by("pk")
    )


@transaction.atomic
def create(
    *, by: Actor, scheme: Scheme, at: datetime, preview_sha256: str | None = None
) -> Settlement:
    """Batch all passed claims of the scheme, with one payment for each provider.

    `preview_sha256` is what the person was shown; when another claim came in meanwhile
    WrongContent is raised. Locks the claims in primary-key order: of two calls at once one gets
    them. Raises NothingToSettle.
    """
    by.require(Permission.SETTLEMENT_PREPARE)
    if scheme.bureau_id != by.own().pk:
        raise Forbidden(_("This scheme belongs to another bureau."))
    waiting = Claim.objects.filter(scheme=scheme, status=ClaimStatus.PASSED)
    locked = waiting.select_for_update(of=("self",)).select_related("provider", "invoice_file")
    claims = list(locked.order_by("pk"))
    if not claims:
        raise NothingToSettle(_("No passed claim waits for settlement. Ask the auditors."))
    if preview_sha256 is not None and preview_sha256 != contents.claims_sha256(claims):
        raise WrongContent
    settlement = _write(by, scheme, claims, at)
    data = {"claims": len(claims), "total": yuan_text(settlement.total_fen)}
    trail.record(by=by, at=at, verb="create", subject=settlement, data=data)
    return settlement


def _write(by: Actor, scheme: Scheme, claims: list[Claim], at: datetime) -> Settlement:
    """Write the batch, its payments with the shares of pools and its hash, and move the claims into it."""
    draft = Settlement(
        code=new_code("ST"),
        scheme=scheme,
        total_fen=sum(claim.amount_fen for claim in claims),
        created_at=at,
        created_by=by.user,
    )
    owed: dict[int, int] = defaultdict(int)
    providers = {claim.provider_id: claim.provider for claim in claims}
    for claim in claims:
        owed[claim.provider_id] += claim.amount_fen
    parts = splits.of_claims(claims)
    draft.content_sha256 = contents.digest_of(
        draft,
        claims,
        [(providers[pk].code, fen) for pk, fen in owed.items()],
        splits.listed(parts, providers),
    )
    draft.save(force_insert=True)
    for claim in claims:
        states.move(
            claim,
            to=ClaimStatus.SETTLING,
            transitions=claim_actions.TRANSITIONS,
            settlement=draft,
        )
        trail.record(by=by, at=at, verb="settle", subject=claim, data={"settlement": draft.code})
    payments = Payment.objects.bulk_create(
        Payment(settlement=draft, provider=providers[pk], amount_fen=fen)
        for pk, fen in sorted(owed.items())
    )
    splits.write(payments=payments, parts=parts)
    return draft


@transaction.atomic
def sign(*, by: Actor, settlement: Settlement, content_sha256: str, at: datetime) -> Settlement:
    """Put the first or second signature over the hash that was shown.

    Two different humans sign; the creator may be one of them; who audited a contained claim,
    belongs to a paid provider or only holds a key may not. Locks the settlement. Raises
    WrongContent, SamePerson, Related, WrongState.
    """
    by.require(Permission.SETTLEMENT_SIGN)
    locked = _locked(by, settlement)
    first = locked.status == SettlementStatus.DRAFT
    to = SettlementStatus.SIGNED_ONCE if first else SettlementStatus.SIGNED
    signatures = _signatures(locked)
    _require_new_human(by, locked, signatures)
    states.require(locked, to=to, transitions=TRANSITIONS)
    if not content_sha256 == locked.content_sha256 == contents.sha256(locked):
        raise WrongContent
    try:
        with transaction.atomic():
            SettlementSignature.objects.create(
                settlement=locked,
                position=len(signatures) + 1,
                content_sha256=content_sha256,
                person_key=by.user.person_key,
                signed_at=at,
                signed_by=by.user,
            )
    except IntegrityError as error:
        raise SamePerson(_SIGNED_ALREADY) from error
    states.move(locked, to=to, transitions=TRANSITIONS)
    data = {"position": len(signatures) + 1, "content_sha256": content_sha256}
    trail.record(by=by, at=at, verb="sign", subject=locked, data=data)
    return locked


_SIGNED_ALREADY = _("You have signed already. The second signature must come from another person.")


def _require_new_human(
    by: Actor, settlement: Settlement, signatures: list[SettlementSignature]
) -> None:
    if by.key is not None:
        raise Forbidden(_("A settlement is signed by a person, not with an API key. Sign in."))
    if any(by.user.is_same_person(signature.signed_by) for signature in signatures):
        raise SamePerson(_SIGNED_ALREADY)
    claims = list(settlement.claims.select_related("audited_by", "provider").order_by("pk"))
    if any(claim.audited_by and by.user.is_same_person(claim.audited_by) for claim in claims):
        raise SamePerson(
            _("You audited a claim of this settlement. Ask two colleagues who did not to sign.")
        )
    relations.require_unrelated(
        user=by.user,
        organization_ids={claim.provider.organization_id for claim in claims},
        people=[],
        since=start_of_day(min(claim.month for claim in claims)),
    )


@transaction.atomic
def pay(*, by: Actor, settlement: Settlement, at: datetime) -> Settlement:
    """Post one transfer for each provider (payable → paid out) and mark everything as paid.

    Only with two signatures over the present content. Transfer ids come from batch and provider,
    so a second call finds the first one's effect and answers the same. Locks the settlement.
    Raises NotSigned, WrongContent.
    """
    by.require(Permission.SETTLEMENT_PREPARE)
    locked = _locked(by, settlement)
    if locked.status == SettlementStatus.PAID:
        return locked
    require_signed(locked)
    payments = list(locked.payments.select_related("provider").order_by("pk"))
    entries = [_entry(locked, payment) for payment in payments]
    transfers.post(entries=entries, at=at)
    for payment, entry in zip(payments, entries, strict=True):
        payment.status, payment.transfer_id = PaymentStatus.PAID, entry.id
        payment.save(update_fields=["status", "transfer"])
    for claim in locked.claims.order_by("pk"):
        states.move(claim, to=ClaimStatus.PAID, transitions=claim_actions.TRANSITIONS)
        trail.record(by=by, at=at, verb="pay", subject=claim, data={"settlement": locked.code})
    states.move(
        locked, to=SettlementStatus.PAID, transitions=TRANSITIONS, paid_at=at, paid_by=by.user
    )
    trail.record(by=by, at=at, verb="pay", subject=locked, data={"payments": len(payments)})
    notifying.settlement_paid(settlement=locked, at=at)
    return locked


def require_signed(settlement: Settlement) -> None:
    """Raise NotSigned without two signatures, WrongContent when they cover something else."""
    if settlement.status not in {SettlementStatus.SIGNED, SettlementStatus.PAID}:
        raise NotSigned(_("Two people must sign before payment. Ask the second signer."))
    signed = {signature.content_sha256 for signature in _signatures(settlement)}
    if signed != {contents.sha256(settlement)}:
        raise WrongContent


def _entry(settlement: Settlement, payment: Payment) -> transfers.Entry:
    scheme, provider = settlement.scheme.code, payment.provider.code
    owed = ledger_accounts.get_or_open(
        kind=AccountKind.PROVIDER_PAYABLE, key=f"{scheme}/{provider}"
    )
    paid = ledger_accounts.get_or_open(kind=AccountKind.PAID_OUT, key=scheme)
    return transfers.Entry(
        id=transfers.derive_id("settlement payment", settlement.code, provider),
        debit=owed.pk,
        credit=paid.pk,
        amount_fen=payment.amount_fen,
        reason="payment",
        reference=settlement.code,
    )


def _locked(by: Actor, settlement: Settlement) -> Settlement:
    rows = Settlement.objects.select_for_update(of=("self",)).select_related("scheme")
    locked = rows.get(pk=settlement.pk)
    if locked.scheme.bureau_id != by.own().pk:
        raise Forbidden(_("This settlement belongs to another bureau."))
    return locked


def _signatures(settlement: Settlement) -> list[SettlementSignature]:
    return list(settlement.signatures.select_related("signed_by").order_by("position"))
