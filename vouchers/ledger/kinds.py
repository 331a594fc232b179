"""What accounts and transfers can be. Other wings name accounts by these kinds, never by the models."""

from django.db import models


class AccountKind(models.TextChoices):
    """What an account stands for. The guarded ones can say no; the others only keep record."""

    TREASURY = "treasury"
    SCHEME_BUDGET = "scheme_budget"
    VOUCHER = "voucher"
    BANK = "bank"
    ENTERPRISE_FUNDS = "enterprise_funds"
    RECEIVABLE = "receivable"
    PROVIDER_PAYABLE = "provider_payable"
    ENTERPRISE_PAYABLE = "enterprise_payable"
    PROVIDER_INCOME = "provider_income"
    PAID_OUT = "paid_out"
    RECOVERED = "recovered"
    WRITTEN_OFF = "written_off"
    CAP_SOURCE = "cap_source"
    CAP = "cap"
    CAP_USED = "cap_used"


GUARDED_KINDS = frozenset(
    {AccountKind.SCHEME_BUDGET, AccountKind.VOUCHER, AccountKind.ENTERPRISE_FUNDS, AccountKind.CAP}
)


class TransferKind(models.TextChoices):
    """Single moves at once; hold reserves; capture, release and expire resolve a hold, at most once."""

    SINGLE = "single"
    HOLD = "hold"
    CAPTURE = "capture"
    RELEASE = "release"
    EXPIRE = "expire"


PAYABLE_KINDS = (AccountKind.PROVIDER_PAYABLE, AccountKind.ENTERPRISE_PAYABLE)
"""What a scheme owes: to providers for what vouchers paid, to enterprises for what they are paid back."""

POSTED_KINDS = (TransferKind.SINGLE, TransferKind.CAPTURE)
"""The kinds that move money; the others reserve it or give a reservation back."""


class SealAlgorithm(models.TextChoices):
    """Digests a block of the seal may be made with; each block names its own."""

    SHA256 = "sha256"
    SM3 = "sm3"
