"""Invoices that look like one another, and parties that do not fit."""

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.rules import uscc
from tests.factories import audit, billing
from tests.factories.accounts import NOW
from tests.factories.audit import City
from vouchers.audit.actions import claims, evidence, invoices
from vouchers.audit.models import Claim, InvoiceMatchReason
from vouchers.audit.rules.invoice_matches import Invoice, Likeness, likenesses

DAY = date(2026, 10, 3)
ONE = Invoice(1, "24312000000012345678", "S1", 90_000, DAY)


@pytest.mark.parametrize(
    ("other", "found"),
    [
        (Invoice(2, "24312000000012345687", "S1", 90_000, DAY - timedelta(90)), "near_number"),
        (Invoice(2, "24312000000012345687", "S2", 90_000, DAY), "near_number"),
        (Invoice(2, "2431200000001234567", "S1", 90_000, DAY), "near_number"),
        (Invoice(2, "24312000000012345679", "S1", 90_001, DAY), None),
        (Invoice(2, "24312000000099999999", "S1", 90_000, DAY + timedelta(7)), "same_sum"),
        (Invoice(2, "24312000000099999999", "S1", 90_000, DAY + timedelta(8)), None),
        (Invoice(2, "24312000000099999999", "S2", 90_000, DAY), None),
        (Invoice(1, "24312000000012345687", "S1", 90_000, DAY), None),
    ],
)
def test_likeness_of_two_invoices(other: Invoice, found: str | None) -> None:
    expected = [(2, Likeness(found))] if found else []

    assert list(likenesses(ONE, [other])) == expected


def send(city: City, claim: Claim, number: str, **values: Any) -> Claim:
    return claims.submit(
        by=city.finance, claim=claim, invoice_number=number, invoice_fen=90_000,
        invoice_file=audit.invoice(), at=NOW, **values,
    )  # fmt: skip


@pytest.mark.django_db
def test_near_number_is_taken_and_shown_to_the_auditor() -> None:
    city = City()
    first = send(city, city.draft(3_000), "24312000000012345678")

    second = send(city, city.draft(600), "24312000000012345687")

    [match] = evidence.invoice_matches(second)
    assert (match.reason, match.other) == (InvoiceMatchReason.NEAR_NUMBER, first)
    assert evidence.invoice_matches(first) == []


@pytest.mark.django_db
def test_one_number_is_refused_across_schemes() -> None:
    city, other = City(), City()
    send(city, city.draft(3_000), "24312000000012345678")

    with pytest.raises(invoices.InvoiceUsed):
        send(other, other.draft(3_000), "2431200000001234 5678")


@pytest.mark.django_db
def test_parties_are_the_own_unless_stated_and_another_seller_is_refused() -> None:
    city = City()
    claim = city.draft(3_000)
    strange = "91621000MA0000001" + uscc.check_symbol("91621000MA0000001")

    with pytest.raises(invoices.InvoiceRefused) as refused:
        send(city, claim, "24312000000012345678", invoice_seller=strange)
    with pytest.raises(invoices.InvoiceRefused):
        send(city, claim, "24312000000012345678", invoice_buyer="91110000")
    with pytest.raises(invoices.InvoiceRefused):
        send(city, claim, "24312000000012345678", invoice_on=billing.MONTH - timedelta(1))
    sent = send(city, claim, "24312000000012345678", invoice_buyer=strange)

    assert list(refused.value.errors) == ["invoice_seller"]
    assert (sent.invoice_seller, sent.invoice_buyer) == (city.provider.organization.uscc, strange)
    [match] = evidence.invoice_matches(sent)
    assert (match.reason, match.other) == (InvoiceMatchReason.OTHER_BUYER, None)
