"""What the risk rules read: plain records of redemptions and of those who take part.

Amounts are fen, quantities integers in the meter's base units. Moments and days are those of
Asia/Shanghai: whoever fills these records converts once, so that no rule has to.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

LEGAL_PERSON, SHAREHOLDER, PHONE, ADDRESS, ACCOUNT, IP = (
    "legal_person",
    "shareholder",
    "phone",
    "address",
    "account",
    "ip",
)
"""Kinds of ties between parties. The first two name people (or firms, by their code)."""


@dataclass(frozen=True, slots=True)
class Party:
    """An enterprise, a provider, or any other firm that ties may lead through.

    `ties` are (kind, value). `revenue_fen` is last year's, zero when there was none.
    `other_income_fen` is what a provider sold on the platform without any voucher.
    """

    code: str
    section: str
    founded_on: date
    insured_people: int
    revenue_fen: int
    ties: tuple[tuple[str, str], ...]
    other_income_fen: int = 0


@dataclass(frozen=True, slots=True)
class Scheme:
    """A scheme; `limit_fen` is the amount from which a redemption is looked at more closely."""

    code: str
    limit_fen: int


@dataclass(frozen=True, slots=True)
class Voucher:
    """A voucher and the first and last day on which it pays."""

    code: str
    scheme: str
    firm: str
    face_fen: int
    issued_on: date
    expires_on: date


@dataclass(frozen=True, slots=True)
class Offering:
    """Something sold by meter. `reserved`: sold by the time kept free, so even use is natural."""

    code: str
    provider: str
    meter: str
    capacity_per_hour: int
    reserved: bool = False


@dataclass(frozen=True, slots=True)
class Redemption:
    """What a voucher paid of one bill, or paid back, with the use behind it and the papers beside it.

    `amount_fen` is the whole bill, `voucher_fen` the voucher's part. `by_day` has one quantity for
    each day from `starts_on`; `by_hour` sums the period's quantity by the 24 hours of the day.
    `list_fen` for `list_units` is the highest list price in force in the period. `photos` are
    perceptual hashes of 64 bits. Redemptions of one `claim` share its invoice by right. `officer` is
    empty until somebody decided. `listed_fen` is the whole bill by the highest list prices, for bills
    over more than one meter; else `quantity` at `list_fen` says it. Several vouchers may pay one `bill`.
    With `is_refund` the firm paid and `voucher_fen` was paid back to it; `at` is when the firm paid.
    """

    code: str
    voucher: str
    firm: str
    provider: str
    offering: str
    at: datetime
    starts_on: date
    by_day: tuple[int, ...]
    by_hour: tuple[int, ...]
    quantity: int
    amount_fen: int
    voucher_fen: int
    list_fen: int
    list_units: int
    invoice_number: str
    invoice_fen: int
    officer: str
    review_seconds: int
    photos: tuple[int, ...] = ()
    claim: str = ""
    listed_fen: int | None = None
    bill: str = ""
    is_refund: bool = False

    @property
    def billed(self) -> str:
        """What tells bills apart; a redemption without one stands for itself."""
        return self.bill or self.code


@dataclass(frozen=True, slots=True)
class Book:
    """Everything that one scan looks at; `redemptions` may be in any order."""

    parties: Mapping[str, Party]
    schemes: Mapping[str, Scheme]
    vouchers: Mapping[str, Voucher]
    offerings: Mapping[str, Offering]
    redemptions: Sequence[Redemption] = field(default_factory=tuple)
