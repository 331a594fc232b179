"""Settlements: what waits is batched and signed by two different people."""

from collections.abc import Callable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common import states
from common.codes import new_code
from common.errors import Conflict, DomainError, Forbidden
from common.money import yuan_text
from common.periods import start_of_day
from vouchers.audit.actions import batching, contents, recoveries, relations, splits
from vouchers.audit.actions import claims as claim_actions
from vouchers.audit.models import (
    Claim,
    ClaimStatus,
    Payment,
    Recovery,
    Settlement,
    SettlementSignature,
    SettlementStatus,
)
from vouchers.grants.actions import suspensions
from vouchers.grants.models import Scheme

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


@transaction.atomic
def create(
    *,
    by: Actor,
    scheme: Scheme,
    at: datetime,
    preview_sha256: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> Settlement:
    """Batch all that waits in the scheme: passed claims, and payments that banks returned.

    `preview_sha256` is what the person was shown; when anything else came in meanwhile
    WrongContent is raised. `progress` is told how many claims are written. Locks the scheme, so that no recovery comes
    between, then claims and payments in primary-key order: of two calls at once one gets them. Raises
    NothingToSettle, suspensions.Suspended.
    """
    by.require(Permission.SETTLEMENT_PREPARE)
    if scheme.bureau_id != by.own().pk:
        raise Forbidden(_("This scheme belongs to another bureau."))
    recoveries.lock_payable(scheme)
    batch = batching.of(scheme=scheme, at=at, lock=True)
    if batch.suspended and not batch.payments:
        raise suspensions.Suspended(next(iter(batch.suspended.values()))[1])
    if batch.without_account and not batch.payments:
        raise NothingToSettle(
            _("Those whose claims passed have not stated a bank account yet. Ask them to.")
        )
    if batch.offset and not batch.payments:
        raise NothingToSettle(
            _(
                "What was clawed back is no less than what waits. Settle when more claims have passed."
            )
        )
    if not batch.payments:
        raise NothingToSettle(_("No passed claim waits for settlement. Ask the auditors."))
    if preview_sha256 is not None and preview_sha256 != batch.sha256:
        raise WrongContent
    settlement = _write(by, scheme, batch, at, progress)
    data = {"claims": len(batch.claims), "total": yuan_text(settlement.total_fen)}
    trail.record(by=by, at=at, verb="create", subject=settlement, data=data)
    return settlement


def _write(
    by: Actor,
    scheme: Scheme,
    batch: batching.Batch,
    at: datetime,
    progress: Callable[[int], None] | None,
) -> Settlement:
    """Write the batch, its payments, shares of pools and hash, and move the claims into it."""
    draft = Settlement(
        code=new_code("ST"),
        scheme=scheme,
        total_fen=batch.total_fen,
        created_at=at,
        created_by=by.user,
    )
    parts = splits.less(splits.of_claims(batch.claims), batch.deducted_fen)
    draft.content_sha256 = contents.digest_of(
        draft, batch.claims, batching.listed(batch.payments), splits.listed(parts), batch.recoveries
    )
    draft.save(force_insert=True)
    for each in batch.recoveries:
        Recovery.objects.filter(pk=each.pk).update(settlement=draft)
    for done, claim in enumerate(batch.claims, start=1):
        states.move(
            claim,
            to=ClaimStatus.SETTLING,
            transitions=claim_actions.TRANSITIONS,
            settlement=draft,
        )
        trail.record(by=by, at=at, verb="settle", subject=claim, data={"settlement": draft.code})
        if progress is not None:
            progress(done)
    payments = Payment.objects.bulk_create(
        Payment(
            settlement=draft,
            provider=planned.payee.provider,
            enterprise=planned.payee.enterprise,
            account=planned.account,
            amount_fen=planned.amount_fen,
            replaces=planned.replaces,
        )
        for planned in batch.payments
    )
    splits.write(payments=payments, parts=parts)
    return draft


@transaction.atomic
def sign(*, by: Actor, settlement: Settlement, content_sha256: str, at: datetime) -> Settlement:
    """Put the first or second signature over the hash that was shown.

    Two different humans sign; the creator may be one of them; who audited a contained claim,
    belongs to a party or only holds a key may not; nothing is signed while one of the providers is
    suspended. Locks the settlement. Raises WrongContent, SamePerson, Related, WrongState, suspensions.Suspended.
    """
    by.require(Permission.SETTLEMENT_SIGN)
    locked = locked_batch(by, settlement)
    first = locked.status == SettlementStatus.DRAFT
    to = SettlementStatus.SIGNED_ONCE if first else SettlementStatus.SIGNED
    signatures = _signatures(locked)
    _require_new_human(by, locked, signatures)
    states.require(locked, to=to, transitions=TRANSITIONS)
    suspensions.require_none(
        bureau=by.own(),
        organization_ids={each.payee.pk for each in locked.payments.with_payees()},
        at=at,
    )
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
    claims = _behind(settlement)
    if any(claim.audited_by and by.user.is_same_person(claim.audited_by) for claim in claims):
        raise SamePerson(
            _("You audited a claim of this settlement. Ask two colleagues who did not to sign.")
        )
    relations.require_unrelated(
        user=by.user,
        organization_ids={claim.provider.organization_id for claim in claims}
        | {claim.enterprise_id for claim in claims if claim.enterprise_id},
        people=[],
        since=start_of_day(min(claim.month for claim in claims)),
    )


def _behind(settlement: Settlement) -> list[Claim]:
    """The claims that its payments pay: its own, and those of the batches whose payments returned."""
    batches: set[int] = {settlement.pk}
    found: set[int] = set()
    while found != batches:
        found = batches
        paid = Payment.objects.filter(settlement__in=found, replaces__isnull=False)
        batches = found | set(paid.values_list("replaces__settlement", flat=True))
    claims = Claim.objects.filter(
        Q(
            enterprise__isnull=True,
            provider__in=settlement.payments.filter(provider__isnull=False).values("provider"),
        )
        | Q(enterprise__in=settlement.payments.values("enterprise")),
        settlement__in=batches,
    )
    return list(claims.select_related("audited_by", "provider").order_by("pk"))


def require_signed(settlement: Settlement, *, present_sha256: str | None = None) -> None:
    """Raise NotSigned without two signatures, WrongContent when they cover something else.

    `present_sha256`: the hash of the rows as they are now, where the caller has just worked it out.
    """
    if settlement.status not in {SettlementStatus.SIGNED, SettlementStatus.PAID}:
        raise NotSigned(_("Two people must sign before payment. Ask the second signer."))
    signed = {signature.content_sha256 for signature in _signatures(settlement)}
    if signed != {present_sha256 or contents.sha256(settlement)}:
        raise WrongContent


def locked_batch(by: Actor, settlement: Settlement) -> Settlement:
    """The batch of the own bureau, locked. Raises Forbidden for another bureau's."""
    rows = Settlement.objects.select_for_update(of=("self",)).select_related("scheme")
    locked = rows.get(pk=settlement.pk)
    if locked.scheme.bureau_id != by.own().pk:
        raise Forbidden(_("This settlement belongs to another bureau."))
    return locked


def _signatures(settlement: Settlement) -> list[SettlementSignature]:
    return list(settlement.signatures.select_related("signed_by").order_by("position"))
