"""What the next settlement of a scheme would pay: passed claims, and what banks returned."""

from dataclasses import dataclass, field

from providers.models import Provider
from vouchers.audit.actions import contents, payees
from vouchers.audit.models import Claim, ClaimStatus, PayeeAccount, Payment
from vouchers.grants.models import Scheme


@dataclass(frozen=True, slots=True)
class Planned:
    """One payment to be: of a provider's claims, or again what was returned."""

    provider: Provider
    account: PayeeAccount
    amount_fen: int
    replaces: Payment | None = None


@dataclass(slots=True)
class Batch:
    """Claims in order of their number, payments in order of provider; who is left out for want of an account."""

    claims: list[Claim] = field(default_factory=list)
    payments: list[Planned] = field(default_factory=list)
    without_account: dict[Provider, int] = field(default_factory=dict)

    @property
    def total_fen(self) -> int:
        """The control total."""
        return sum(payment.amount_fen for payment in self.payments)

    @property
    def sha256(self) -> str:
        """What a preview is known by: it changes with any claim, line, invoice, account or payment."""
        return contents.preview_sha256(self.claims, listed(self.payments))


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


def of(*, scheme: Scheme, lock: bool = False) -> Batch:
    """Everything that waits to be paid; `lock` takes claims and returned payments for update, in order."""
    claims = Claim.objects.filter(scheme=scheme, status=ClaimStatus.PASSED)
    claims = claims.select_related("provider__organization", "invoice_file", "audited_by")
    returned = Payment.objects.filter(settlement__scheme=scheme).to_repeat()
    returned = returned.select_related("provider__organization", "settlement", "account")
    if lock:
        claims = claims.select_for_update(of=("self",))
        returned = returned.select_for_update(of=("self",))
    waiting, again = list(claims.order_by("pk")), list(returned.order_by("pk"))
    owners = {claim.provider_id for claim in waiting} | {old.provider_id for old in again}
    accounts = payees.of_each(owners)
    batch = Batch()
    owed: dict[Provider, int] = {}
    for claim in waiting:
        if claim.provider_id in accounts:
            batch.claims.append(claim)
            owed[claim.provider] = owed.get(claim.provider, 0) + claim.amount_fen
        else:
            known = batch.without_account.get(claim.provider, 0)
            batch.without_account[claim.provider] = known + claim.amount_fen
    batch.payments = [
        *(Planned(provider, accounts[provider.pk], fen) for provider, fen in owed.items()),
        *(Planned(old.provider, accounts[old.provider_id], old.amount_fen, old) for old in again),
    ]
    batch.payments.sort(key=lambda each: (each.provider.pk, each.replaces is not None))
    return batch
