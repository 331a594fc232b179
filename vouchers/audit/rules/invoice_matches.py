"""Invoices that look like one another: pure comparison, with the reason for each likeness."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from vouchers.audit.rules.risks.invoices import one_slip_apart, plain_number

NEAR_DAYS = 7
"""Two invoices over one sum by one seller within a week are worth a look; monthly ones lie further apart."""


class Likeness(StrEnum):
    """Why two invoices look like one."""

    NEAR_NUMBER = "near_number"
    SAME_SUM = "same_sum"


@dataclass(frozen=True, slots=True)
class Invoice:
    """What is compared: `key` names the claim, `seller` is a unified code, the amount is in fen."""

    key: int
    number: str
    seller: str
    amount_fen: int
    day: date


def likenesses(one: Invoice, others: Iterable[Invoice]) -> Iterator[tuple[int, Likeness]]:
    """Each other invoice that resembles this one, by its key, with why.

    Near numbers count within one seller, and only at the same sum: a seller numbers one after the other, so
    neighbors alone mean nothing. Twenty-digit numbers are unique in the country, so they count among all sellers.
    """
    number = plain_number(one.number)
    for other in others:
        if other.key == one.key:
            continue
        same_seller = other.seller == one.seller
        same_sum = other.amount_fen == one.amount_fen
        national = len(number) == len(plain_number(other.number)) == 20
        near = one_slip_apart(number, plain_number(other.number))
        if near and same_sum and (same_seller or national):
            yield other.key, Likeness.NEAR_NUMBER
        elif same_seller and same_sum and abs((other.day - one.day).days) <= NEAR_DAYS:
            yield other.key, Likeness.SAME_SUM
