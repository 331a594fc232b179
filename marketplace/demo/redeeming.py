"""From a closed month to money paid: claims, audit, settlement, through the actions of audit."""

from datetime import date, datetime, timedelta

from accounts.models import Role
from marketplace.demo import paperwork
from marketplace.demo.cast import Team
from marketplace.demo.days import moment
from vouchers.audit.actions import (
    claims,
    payees,
    payment_results,
    prefilling,
    risk_scans,
    samples,
    settlements,
)
from vouchers.audit.models import Claim, Sample, Settlement
from vouchers.grants.models import Scheme

SECOND_SIGNER = f"{Role.SETTLEMENT_OFFICER}2"


def claim(*, seller: Team, month: date, day: date, serial: int) -> list[Claim]:
    """Pre-fill a provider's claims of a month and submit each with an invoice of the same amount."""
    clerk = seller[Role.PROVIDER_FINANCE]
    payees.state(
        by=clerk,
        bank_name="甘肃银行庆阳分行营业部",
        account_number=paperwork.account_number(serial),
        at=moment(day, 8),
    )
    drafts = prefilling.prefill(by=clerk, month=month, at=moment(day, 9))
    submitted = []
    for offset, draft in enumerate(drafts):
        number = paperwork.invoice_number(month, serial * 10 + offset)
        submitted.append(
            claims.submit(
                by=clerk,
                claim=draft,
                invoice_number=number,
                invoice_fen=draft.amount_fen,
                invoice_file=paperwork.invoice_file(draft, number),
                at=moment(day, 11),
            )
        )
    return submitted


def audit(*, bureau: Team, claim_made: Claim, day: date, finding: str = "") -> Claim:
    """Pass a claim, or return it when there is a finding."""
    auditor = bureau[Role.AUDITOR]
    if finding:
        return claims.return_claim(
            by=auditor, claim=claim_made, finding=finding, at=moment(day, 15)
        )
    return claims.pass_claim(by=auditor, claim=claim_made, at=moment(day, 15))


def settle(
    *, bureau: Team, scheme: Scheme, day: date, signatures: int = 2, paid: bool = True
) -> Settlement:
    """Batch the passed claims, sign by up to two people, and pay."""
    first, second = bureau[Role.SETTLEMENT_OFFICER], bureau[SECOND_SIGNER]
    batch = settlements.create(by=first, scheme=scheme, at=moment(day, 9))
    for number, signer in enumerate((first, second)[:signatures]):
        batch = settlements.sign(
            by=signer,
            settlement=batch,
            content_sha256=batch.content_sha256,
            at=moment(day, 10 + number),
        )
    if paid and signatures == 2:
        next_day = moment(day + timedelta(days=1), 10)
        batch = payment_results.pay(by=first, settlement=batch, at=next_day)
    return batch


def look(*, bureau: Team, scheme: Scheme, months: tuple[date, date], at: datetime) -> Sample:
    """Scan all redemptions for risks, and freeze a list to draw from: its seed is the next sealed block."""
    risk_scans.scan(at=at)
    return samples.freeze(
        by=bureau[Role.AUDITOR],
        scheme=scheme,
        first=months[0],
        last=months[1],
        wanted=samples.Wanted(random_size=8, risk_size=3, bounds_fen=(100_000, 1_000_000)),
        at=at,
    )
