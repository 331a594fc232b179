"""What the next settlement of a scheme would pay: passed claims, and what banks returned, less what is clawed back."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from accounts.models import Organization
from providers.models import Provider
from vouchers.audit.actions import contents, payees
from vouchers.audit.models import Claim, ClaimStatus, PayeeAccount, Payment, Recovery
from vouchers.grants.actions import suspensions
from vouchers.grants.models import Scheme, Suspension


@dataclass(frozen=True, slots=True)
class Payee:
    """Who is paid: a provider, or an enterprise that is paid back; one of them is None."""

    provider: Provider | None
    enterprise: Organization | None

    @property
    def organization(self) -> Organization:
        """The holder of the account."""
        found = self.provider.organization if self.provider else self.enterprise
        if found is None:
            raise ValueError("a payee is one or the other")
        return found

    @property
    def code(self) -> str:
        """A provider's own code, an enterprise's organization's."""
        return self.provider.code if self.provider else self.organization.code

    @property
    def order(self) -> tuple[bool, int]:
        """Providers first, each group in order of primary key."""
        return self.provider is None, (self.provider or self.organization).pk

    def __str__(self) -> str:
        return self.organization.name


@dataclass(frozen=True, slots=True)
class Planned:
    """One payment to be: of a payee's claims less `deducted_fen`, or again what was returned."""

    payee: Payee
    account: PayeeAccount
    amount_fen: int
    replaces: Payment | None = None
    deducted_fen: int = 0


@dataclass(slots=True)
class Batch:
    """Claims in order of their number, payments in order of payee; and who is left out, with what waits (fen).

    Left out is who stated no account, who is suspended, and of whom no less is clawed back than waits.
    `recoveries` are what the payments are less by.
    """

    claims: list[Claim] = field(default_factory=list)
    payments: list[Planned] = field(default_factory=list)
    recoveries: list[Recovery] = field(default_factory=list)
    without_account: dict[Payee, int] = field(default_factory=dict)
    suspended: dict[Payee, tuple[int, Suspension]] = field(default_factory=dict)
    offset: dict[Payee, tuple[int, int]] = field(default_factory=dict)

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
            payment.payee.code,
            payment.amount_fen,
            payment.account,
            payment.replaces.settlement.code if payment.replaces else "",
        )
        for payment in payments
    ]


def of(*, scheme: Scheme, at: datetime, lock: bool = False) -> Batch:
    """Everything that waits to be paid; `lock` takes claims and returned payments for update, in order."""
    claims = Claim.objects.filter(scheme=scheme, status=ClaimStatus.PASSED)
    claims = claims.select_related(
        "provider__organization", "enterprise", "invoice_file", "audited_by"
    )
    returned = Payment.objects.filter(settlement__scheme=scheme).to_repeat()
    returned = returned.with_payees().select_related("settlement", "account")
    if lock:
        claims = claims.select_for_update(of=("self",))
        returned = returned.select_for_update(of=("self",))
    waiting, again = list(claims.order_by("pk")), list(returned.order_by("pk"))
    batch = Batch()
    held = _suspended(batch, scheme, waiting, again, at)
    waiting = [claim for claim in waiting if of_claim(claim) not in held]
    again = [old for old in again if of_payment(old) not in held]
    accounts = payees.of_each(
        {claim.payee.pk for claim in waiting} | {old.payee.pk for old in again}
    )
    owed = _owed(batch, waiting, accounts)
    _deduct(batch, scheme, owed)
    taken = batch.deducted_fen
    batch.payments = [
        *(
            Planned(payee, accounts[payee.organization.pk], fen - _taken(taken, payee),
                    deducted_fen=_taken(taken, payee))
            for payee, fen in owed.items()
        ),
        *(Planned(of_payment(old), accounts[old.payee.pk], old.amount_fen, old) for old in again),
    ]  # fmt: skip
    batch.payments.sort(key=lambda each: (each.payee.order, each.replaces is not None))
    return batch


def of_claim(claim: Claim) -> Payee:
    """Whom a claim pays."""
    return Payee(None if claim.enterprise else claim.provider, claim.enterprise)


def of_payment(payment: Payment) -> Payee:
    """Whom a payment pays."""
    return Payee(payment.provider, payment.enterprise)


def _taken(taken: dict[int, int], payee: Payee) -> int:
    """What is taken off a payee's payment; nothing was ever clawed back from what enterprises are owed."""
    return taken.get(payee.provider.pk, 0) if payee.provider else 0


def _suspended(
    batch: Batch, scheme: Scheme, waiting: list[Claim], again: list[Payment], at: datetime
) -> set[Payee]:
    """Leave out payees whose credit consequence runs; their claims wait until it ends."""
    sums: dict[Payee, int] = defaultdict(int)
    for claim in waiting:
        sums[of_claim(claim)] += claim.amount_fen
    for old in again:
        sums[of_payment(old)] += old.amount_fen
    found = suspensions.running(
        bureau=scheme.bureau, organization_ids={each.organization.pk for each in sums}, at=at
    )
    for payee, fen in sums.items():
        if payee.organization.pk in found:
            batch.suspended[payee] = fen, found[payee.organization.pk]
    return set(batch.suspended)


def _owed(
    batch: Batch, waiting: list[Claim], accounts: dict[int, PayeeAccount]
) -> dict[Payee, int]:
    owed: dict[Payee, int] = {}
    for claim in waiting:
        payee = of_claim(claim)
        if payee.organization.pk in accounts:
            batch.claims.append(claim)
            owed[payee] = owed.get(payee, 0) + claim.amount_fen
        else:
            known = batch.without_account.get(payee, 0)
            batch.without_account[payee] = known + claim.amount_fen
    return owed


def _deduct(batch: Batch, scheme: Scheme, owed: dict[Payee, int]) -> None:
    """Take off what was clawed back, all of a provider's at once; who would be paid nothing waits for more claims."""
    sellers = {payee.provider: payee for payee in owed if payee.provider}
    rows = Recovery.objects.filter(
        scheme=scheme, provider__in=sellers, settlement__isnull=True, clawed_fen__gt=0
    )
    by_provider: dict[int, list[Recovery]] = defaultdict(list)
    for each in rows.select_related("case", "provider").order_by("pk"):
        by_provider[each.provider_id].append(each)
    for provider, payee in sellers.items():
        clawed_fen = sum(each.clawed_fen for each in by_provider[provider.pk])
        if clawed_fen < owed[payee]:
            batch.recoveries += by_provider[provider.pk]
            continue
        batch.offset[payee] = owed.pop(payee), clawed_fen
        batch.claims = [each for each in batch.claims if of_claim(each) != payee]
