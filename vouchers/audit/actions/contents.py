"""What a settlement contains, read from the rows as they are now: for preview and signatures."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import QuerySet

from providers.models import PoolSplit
from vouchers.audit.models import (
    Claim,
    PayeeAccount,
    PaymentShare,
    Recovery,
    Settlement,
)
from vouchers.audit.rules import listing
from vouchers.ledger.columns import run

LINES = """
SELECT l.claim_id,
       '[' || string_agg('["' || l.transfer_id || '",' || l.amount_fen || ']', ',' ORDER BY l.transfer_id) || ']'
FROM vouchers_claimline l
WHERE l.claim_id = ANY(%(claims)s)
  AND NOT EXISTS (SELECT FROM vouchers_claimwithdrawal w WHERE w.line_id = l.transfer_id)
GROUP BY l.claim_id
"""
"""Standing lines as the listing spells them."""


class Listed(NamedTuple):
    """A payment as it is listed; `repeats` is the code of the settlement whose payment was returned."""

    provider: str
    amount_fen: int
    account: PayeeAccount
    repeats: str = ""


def preview_sha256(
    claims: Sequence[Claim], payments: Sequence[Listed], recoveries: Sequence[Recovery] = ()
) -> str:
    """What a preview of these claims, payments and deductions is known by."""
    return listing.digest(
        listing.batch_bytes(_listed(claims), _paid(payments), _deducted(recoveries))
    )


def digest_of(
    settlement: Settlement,
    claims: Sequence[Claim],
    payments: Sequence[Listed],
    shares: Sequence[listing.ListedShare] = (),
    recoveries: Sequence[Recovery] = (),
) -> str:
    """The hash of a batch with these claims, payments, shares of pools and deductions."""
    content = listing.settlement_bytes(
        code=settlement.code,
        scheme=settlement.scheme.code,
        total_fen=settlement.total_fen,
        claims=_listed(claims),
        payments=_paid(payments),
        shares=shares,
        deductions=_deducted(recoveries),
    )
    return listing.digest(content)


def sha256(settlement: Settlement) -> str:
    """The hash that people sign, from the rows as they are now.

    It changes with any claim, line, invoice, account, payment, contributor's share or deduction of the batch.
    """
    claims = settlement.claims.select_related("provider", "enterprise", "invoice_file").order_by(
        "pk"
    )
    payments = settlement.payments.with_payees().select_related("account", "replaces__settlement")
    rows = [
        Listed(
            payment.payee_code,
            payment.amount_fen,
            payment.account,
            payment.replaces.settlement.code if payment.replaces else "",
        )
        for payment in payments.order_by("pk")
    ]
    parts = [
        listing.ListedShare(
            share.payment.payee_code,
            share.organization.code,
            pool_name(share.split),
            share.amount_fen,
        )
        for share in settlement_shares(settlement)
    ]
    deducted = settlement.recoveries.select_related("case", "provider").order_by("pk")
    return digest_of(settlement, list(claims), rows, parts, list(deducted))


def settlement_shares(settlement: Settlement) -> QuerySet[PaymentShare]:
    """What contributors of pools get of the batch, seller by seller."""
    rows = PaymentShare.objects.filter(payment__settlement=settlement).select_related(
        "payment__provider__organization", "organization", "split__facility"
    )
    return rows.order_by("payment_id", "pk")


def pool_name(version: PoolSplit | None) -> str:
    """A version of a pool's shares as signed content names it; "" outside of pools."""
    return f"{version.facility.code}/{version.number}" if version else ""


def _deducted(recoveries: Sequence[Recovery]) -> list[listing.ListedDeduction]:
    return [
        listing.ListedDeduction(each.case.code, each.provider.code, each.clawed_fen)
        for each in recoveries
    ]


def _paid(payments: Sequence[Listed]) -> list[listing.ListedPayment]:
    return [
        listing.ListedPayment(provider, fen, account.bank_name, account.account_number, repeats)
        for provider, fen, account, repeats in payments
    ]


def _listed(claims: Sequence[Claim]) -> list[listing.ListedClaim]:
    lines = dict(run(LINES, {"claims": [claim.pk for claim in claims]}))
    return [
        listing.ListedClaim(
            code=claim.code,
            provider=claim.provider.code,
            enterprise=claim.enterprise.code if claim.enterprise else "",
            month=claim.month.isoformat(),
            amount_fen=claim.amount_fen,
            invoice_number=claim.invoice_number,
            invoice_fen=claim.invoice_fen or 0,
            invoice_sha256=claim.invoice_file.sha256 if claim.invoice_file else "",
            lines=lines.get(claim.pk, "[]"),
        )
        for claim in claims
    ]
