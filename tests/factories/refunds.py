"""A firm that pays its bills itself, and the scheme that pays it back."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts.access import Actor
from accounts.models import Organization
from tests.factories import accounts, audit, billing, grants
from tests.factories.accounts import NOW
from tests.factories.audit import City
from vouchers.audit.actions import claims, payees, refund_answers, refunds, settlements
from vouchers.audit.models import Claim, Settlement
from vouchers.billing.models import Bill
from vouchers.grants.models import Voucher

_numbers = iter(range(70_000_000, 79_999_999))


@dataclass
class Payback:
    """A city with a voucher of 3,000 yuan that pays back 30 percent, and the firm's signatory."""

    city: City = field(default_factory=City)
    face_fen: int = 300_000
    voucher: Voucher = field(init=False)
    firm: Organization = field(init=False)
    owner: Actor = field(init=False)

    def __post_init__(self) -> None:
        self.voucher = grants.voucher(None, self.city.scheme, self.face_fen, pays_back=True)
        self.firm = self.voucher.enterprise
        self.owner = accounts.signatory(self.firm)

    def account(self) -> None:
        """Where the firm is paid."""
        payees.state(
            by=self.owner,
            bank_name="甘肃银行庆阳分行",
            account_number="6222020903009999999",
            at=NOW,
        )

    def bill(self, total_fen: int = 10_000, **values: Any) -> Bill:
        """A confirmed bill of September that the firm paid itself."""
        return billing.own_bill(self.city.provider, self.firm, total_fen, **values)

    def draft(self, total_fen: int = 10_000) -> Claim:
        """A pre-filled claim over one bill."""
        self.bill(total_fen)
        [claim] = refunds.prefill(by=self.owner, month=billing.MONTH, at=NOW)
        return claim

    def sent(self, total_fen: int = 10_000) -> Claim:
        """A claim that waits for its provider."""
        return self.send(self.draft(total_fen))

    def send(self, claim: Claim, at: datetime = NOW) -> Claim:
        """Send a claim with the provider's invoice."""
        return claims.submit(
            by=self.owner, claim=claim, invoice_number=str(next(_numbers)),
            invoice_fen=claim.amount_fen, invoice_file=audit.invoice(), at=at,
        )  # fmt: skip

    def confirmed(self, total_fen: int = 10_000) -> Claim:
        """A claim that its provider confirmed, waiting for audit."""
        return refund_answers.confirm(by=self.city.finance, claim=self.sent(total_fen), at=NOW)

    def passed(self, total_fen: int = 10_000) -> Claim:
        """A claim that an auditor passed."""
        claim = self.confirmed(total_fen)
        return claims.pass_claim(by=self.city.auditor, claim=claim, at=NOW)

    def signed(self, total_fen: int = 10_000) -> Settlement:
        """A batch that pays the firm, signed twice."""
        self.account()
        self.passed(total_fen)
        batch = settlements.create(by=self.city.officer, scheme=self.city.scheme, at=NOW)
        for signer in (self.city.officer, self.city.second):
            settlements.sign(
                by=signer, settlement=batch, content_sha256=batch.content_sha256, at=NOW
            )
        batch.refresh_from_db()
        return batch
