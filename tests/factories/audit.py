"""Dull claims and settlements, made through the actions, and the people who make them."""

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from accounts.access import Actor
from accounts.models import OrganizationKind, Role
from providers.models import Provider
from tests.factories import accounts, billing, grants, providers
from tests.factories.accounts import NOW
from vouchers.audit.actions import claims, payees, payment_results, prefilling, samples, settlements
from vouchers.audit.models import Claim, PayeeAccount, Sample, Settlement
from vouchers.grants.models import Scheme, Voucher
from vouchers.ledger.models import SealBlock

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"

_numbers = iter(range(10_000_000, 99_999_999))


def invoice(content: bytes = PDF, name: str = "发票.pdf") -> SimpleUploadedFile:
    """An uploaded invoice file."""
    return SimpleUploadedFile(name, content)


def ofd() -> bytes:
    """The smallest archive that is an OFD document."""
    import zipfile

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("OFD.xml", "<ofd:OFD/>")
    return buffer.getvalue()


@dataclass
class City:
    """One scheme of one bureau, one provider, and everybody who has a part in a claim."""

    scheme: Scheme = field(default_factory=grants.scheme)
    provider: Provider = field(default_factory=providers.provider)
    finance: Actor = field(init=False)
    auditor: Actor = field(init=False)
    officer: Actor = field(init=False)
    second: Actor = field(init=False)
    voucher: Voucher = field(init=False)

    def __post_init__(self) -> None:
        bureau = self.scheme.bureau
        self.finance = accounts.member(self.provider.organization, Role.PROVIDER_FINANCE)
        self.auditor = accounts.member(bureau, Role.AUDITOR)
        self.officer = accounts.member(bureau, Role.SETTLEMENT_OFFICER)
        self.second = accounts.member(bureau, Role.SETTLEMENT_OFFICER)
        self.voucher = grants.voucher(None, self.scheme, 30_000_000)
        self.account()

    def account(self, number: str = "6222020903001483077") -> PayeeAccount:
        """Where the provider is paid from now on."""
        return payees.state(
            by=self.finance, bank_name="甘肃银行庆阳分行", account_number=number, at=NOW
        )

    def bill(self, voucher_fen: int = 3_000, **values: Any) -> Any:
        """A confirmed bill of September, of which the voucher paid `voucher_fen`."""
        return billing.used_bill(self.provider, self.voucher, voucher_fen, **values)

    def draft(self, voucher_fen: int = 3_000) -> Claim:
        """A pre-filled claim over one bill."""
        self.bill(voucher_fen)
        [claim] = prefilling.prefill(by=self.finance, month=billing.MONTH, at=NOW)
        return claim

    def submitted(self, voucher_fen: int = 3_000) -> Claim:
        """A claim with its invoice, waiting for audit."""
        claim = self.draft(voucher_fen)
        return claims.submit(
            by=self.finance,
            claim=claim,
            invoice_number=str(next(_numbers)),
            invoice_fen=claim.amount_fen,
            invoice_file=invoice(),
            at=NOW,
        )

    def passed(self, voucher_fen: int = 3_000) -> Claim:
        """A claim that an auditor passed."""
        return claims.pass_claim(by=self.auditor, claim=self.submitted(voucher_fen), at=NOW)

    def settlement(self, voucher_fen: int = 3_000) -> Settlement:
        """A batch over one passed claim, waiting for the first signature."""
        self.passed(voucher_fen)
        return settlements.create(by=self.officer, scheme=self.scheme, at=NOW)

    def signed(self, voucher_fen: int = 3_000) -> Settlement:
        """A batch that two people signed."""
        batch = self.settlement(voucher_fen)
        for signer in (self.officer, self.second):
            settlements.sign(
                by=signer, settlement=batch, content_sha256=batch.content_sha256, at=NOW
            )
        batch.refresh_from_db()
        return batch

    def paid(self, voucher_fen: int = 3_000) -> Settlement:
        """A batch that was paid."""
        return payment_results.pay(by=self.officer, settlement=self.signed(voucher_fen), at=NOW)


def sample(city: City, size: int = 2, risk_size: int = 0, at: datetime = NOW) -> Sample:
    """A frozen list over one submitted claim, or over those there are."""
    if not Claim.objects.filter(submitted_at__isnull=False).exists():
        city.submitted()
    return samples.freeze(
        by=city.auditor, scheme=city.scheme, first=billing.MONTH, last=billing.MONTH,
        wanted=samples.Wanted(size, risk_size), at=at,
    )  # fmt: skip


def sealed(at: datetime) -> SealBlock:
    """A block with whatever was committed, sealed at that moment."""
    number = SealBlock.objects.count() + 1
    return SealBlock.objects.create(
        number=number, algorithm="sha256", previous_hash=f"{number:064d}",
        hash=hashlib.sha256(str(at).encode()).hexdigest(), start=0, end=1, sealed_at=at,
    )  # fmt: skip


def other_provider(city: City) -> City:
    """A second provider claiming from the same scheme."""
    company = accounts.organization(OrganizationKind.PROVIDER, name="西峰智算服务有限公司")
    return City(scheme=city.scheme, provider=providers.provider(company))


@contextmanager
def unprotected() -> Iterator[None]:
    """Triggers off, as the owner of the database could."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        yield
        cursor.execute("SET session_replication_role = origin")
