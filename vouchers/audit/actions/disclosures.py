"""What everybody may read of paid public money: day, scheme, bureau, payee, amount; no number of anything."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from common.periods import local_day
from vouchers.audit.models import Payment, PaymentStatus
from vouchers.audit.rules import publishing
from vouchers.grants.models import Scheme

MOST_ROWS = 20_000
"""More rows than these are not in one file: choose a scheme or shorter days."""
LICENSE = "CC BY 4.0"
LICENSE_URL = "https://creativecommons.org/licenses/by/4.0/"


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One payment that stands, as published; the amount in fen."""

    paid_on: date
    scheme: Scheme
    payee: str
    amount_fen: int


def paid() -> QuerySet[Payment]:
    """Payments that the bank carried out and did not return, the newest first."""
    rows = Payment.objects.filter(status=PaymentStatus.PAID)
    return (
        rows.with_payees()
        .select_related("settlement__scheme__bureau", "transfer")
        .order_by("-transfer__at", "-pk")
    )


def shown(rows: Iterable[Payment]) -> list[Disclosure]:
    """The rows without anything that is not published."""
    found = []
    for row in rows:
        firm = row.payee
        if row.transfer is None:
            continue  # a constraint ties it to the status
        name = publishing.payee_name(
            name=firm.name, credit_code=firm.uscc, legal_person=firm.legal_person
        )
        found.append(
            Disclosure(local_day(row.transfer.at), row.settlement.scheme, name, row.amount_fen)
        )
    return found


def paying_schemes() -> QuerySet[Scheme]:
    """Schemes of which anything was ever batched, for a choice."""
    return Scheme.objects.filter(settlements__isnull=False).distinct().order_by("name", "pk")
