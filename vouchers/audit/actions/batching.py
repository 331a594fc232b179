"""What the next settlement of a scheme would pay: passed claims, and what banks returned, less what is clawed back."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from providers.models import Provider
from vouchers.audit.actions import contents, payees
from vouchers.audit.models import Claim, ClaimStatus, PayeeAccount, Payment, Recovery
from vouchers.grants.actions import suspensions
from vouchers.grants.models import Scheme, Suspension


@dataclass(frozen=True, slots=True)
class Planned:
    """One payment to be: of a provider's claims less `deducted_fen`, or again what was returned."""

    provider: Provider
    account: PayeeAccount
    amount_fen: int
    replaces: Payment | None = None
    deducted_fen: int = 0


@dataclass(slots=True)
class Batch:
    """Claims in order of their number, payments in order of provider; and who is left out, with what waits (fen).

    Left out is who stated no account, who is suspended, and of whom no less is clawed back than waits.
    `recoveries` are what the payments are less by.
    """

    claims: list[Claim] = field(default_factory=list)
    payments: list[Planned] = field(default_factory=list)
    recoveries: list[Recovery] = field(default_factory=list)
    without_account: dict[Provider, int] = field(default_factory=dict)
    suspended: dict[Provider, tuple[int, Suspension]] = field(default_factory=dict)
    offset: dict[Provider, tuple[int, int]] = field(default_factory=dict)

    @property
    def total_fen(self) -> int:
        """The control total."""
        return sum(payment.amount_fen for payment in self.payments)

    @property
    def deducted_fen(self) -> dict[int, int]:
        """What is taken off each provider's payment, by its primary key."""
        found: dict[int, int] = defaultdict(int)
        for each in self.recoveries:
            found[each.provider_id] += each.clawed_fen
        return dict(found)

    @property
    def sha256(self) -> str:
        """What a preview is known by: it changes with any claim, line, invoice, account, payment or deduction."""
        return contents.preview_sha256(self.claims, listed(self.payments), self.recoveries)


def listed(payments: list[Planned]) -> list[contents.Listed]:
    """Payments as the listing shows them."""
    return [
        contents.Listed(
            payment.provider.code,
            payment.amount_fen,
            payment.account,
            payment.replaces.settlement.code if payment.replaces else "",
        )
        for payment in payments
    ]


def of(*, scheme: Scheme, at: datetime, lock: bool = False) -> Batch:
    """Everything that waits to be paid; `lock` takes claims and returned payments for update, in order."""
    claims = Claim.objects.filter(scheme=scheme, status=ClaimStatus.PASSED)
    claims = claims.select_related("provider__organization", "invoice_file", "audited_by")
    returned = Payment.objects.filter(settlement__scheme=scheme).to_repeat()
    returned = returned.select_related("provider__organization", "settlement", "account")
    if lock:
        claims = claims.select_for_update(of=("self",))
        returned = returned.select_for_update(of=("self",))
    waiting, again = list(claims.order_by("pk")), list(returned.order_by("pk"))
    batch = Batch()
    held = _suspended(batch, scheme, waiting, again, at)
    waiting = [claim for claim in waiting if claim.provider_id not in held]
    again = [old for old in again if old.provider_id not in held]
    accounts = payees.of_each(
        {claim.provider_id for claim in waiting} | {old.provider_id for old in again}
    )
    owed = _owed(batch, waiting, accounts)
    _deduct(batch, scheme, owed)
    taken = batch.deducted_fen
    batch.payments = [
        *(
            Planned(provider, accounts[provider.pk], fen - taken.get(provider.pk, 0),
                    deducted_fen=taken.get(provider.pk, 0))
            for provider, fen in owed.items()
        ),
        *(Planned(old.provider, accounts[old.provider_id], old.amount_fen, old) for old in again),
    ]  # fmt: skip
    batch.payments.sort(key=lambda each: (each.provider.pk, each.replaces is not None))
    return batch


def _suspended(
    batch: Batch, scheme: Scheme, waiting: list[Claim], again: list[Payment], at: datetime
) -> set[int]:
    """Leave out providers whose credit consequence runs; their claims wait until it ends."""
    sums: dict[Provider, int] = defaultdict(int)
    for claim in waiting:
        sums[claim.provider] += claim.amount_fen
    for old in again:
        sums[old.provider] += old.amount_fen
    found = suspensions.running(
        bureau=scheme.bureau, organization_ids={each.organization_id for each in sums}, at=at
    )
    for provider, fen in sums.items():
        if provider.organization_id in found:
            batch.suspended[provider] = fen, found[provider.organization_id]
    return {provider.pk for provider in batch.suspended}


def _owed(
    batch: Batch, waiting: list[Claim], accounts: dict[int, PayeeAccount]
) -> dict[Provider, int]:
    owed: dict[Provider, int] = {}
    for claim in waiting:
        if claim.provider_id in accounts:
            batch.claims.append(claim)
            owed[claim.provider] = owed.get(claim.provider, 0) + claim.amount_fen
        else:
            known = batch.without_account.get(claim.provider, 0)
            batch.without_account[claim.provider] = known + claim.amount_fen
    return owed


def _deduct(batch: Batch, scheme: Scheme, owed: dict[Provider, int]) -> None:
    """Take off what was clawed back, all of a provider's at once; who would be paid nothing waits for more claims."""
    rows = Recovery.objects.filter(
        scheme=scheme, provider__in=owed, settlement__isnull=True, clawed_fen__gt=0
    )
    by_provider: dict[int, list[Recovery]] = defaultdict(list)
    for each in rows.select_related("case", "provider").order_by("pk"):
        by_provider[each.provider_id].append(each)
    for provider in list(owed):
        clawed_fen = sum(each.clawed_fen for each in by_provider[provider.pk])
        if clawed_fen < owed[provider]:
            batch.recoveries += by_provider[provider.pk]
            continue
        batch.offset[provider] = owed.pop(provider), clawed_fen
        batch.claims = [each for each in batch.claims if each.provider_id != provider.pk]
