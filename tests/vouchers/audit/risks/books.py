"""Small books for the risk rules: one firm, one provider, one voucher, and what a test changes."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

from vouchers.audit.rules.risks import policy, scan
from vouchers.audit.rules.risks.facts import Book, Offering, Party, Redemption, Scheme, Voucher
from vouchers.audit.rules.risks.flags import Flag

SHANGHAI = timezone(timedelta(hours=8))
DAYS = (3600, 7200, 5400, 9000, 3960, 1800, 1440, 4680, 6840, 6480, 8280, 4320)
"""Twelve days of card-seconds: 63,000 in all, at 7.00 yuan an hour 122.50 yuan."""

HOURS = (*[0] * 9, *[7000] * 9, *[0] * 6)
POLICY = policy.shipped()


def party(code: str = "E1", **changes: Any) -> Party:
    return replace(Party(code, "F", date(2015, 3, 1), 12, 500_000_000, ()), **changes)


def voucher(code: str = "V1", **changes: Any) -> Voucher:
    base = Voucher(code, "SC1", "E1", 1_000_000, date(2026, 1, 5), date(2026, 7, 4))
    return replace(base, **changes)


def redemption(code: str, **changes: Any) -> Redemption:
    base = Redemption(
        code=code,
        voucher="V1",
        firm="E1",
        provider="S1",
        offering="O1",
        at=datetime(2026, 3, 20, 10, tzinfo=SHANGHAI),
        starts_on=date(2026, 3, 2),
        by_day=DAYS,
        by_hour=HOURS,
        quantity=sum(DAYS),
        amount_fen=12_250,
        voucher_fen=3_675,
        list_fen=700,
        list_units=3600,
        invoice_number=f"2651200000{int(code[1:]) * 1117:010d}",
        invoice_fen=12_250,
        officer="officer1",
        review_seconds=180,
    )
    return replace(base, **changes)


def book(
    redemptions: Iterable[Redemption],
    *,
    parties: Iterable[Party] = (),
    vouchers: Iterable[Voucher] = (),
    offerings: Iterable[Offering] = (),
) -> Book:
    """A book; whatever a redemption names and the test did not give is an ordinary one."""
    found = tuple(redemptions)
    given = {each.code: each for each in parties}
    paid = {each.code: each for each in vouchers}
    sold = {each.code: each for each in offerings}
    for one in found:
        given.setdefault(one.firm, party(one.firm))
        given.setdefault(one.provider, party(one.provider, other_income_fen=10**12))
        paid.setdefault(one.voucher, voucher(one.voucher, firm=one.firm))
        sold.setdefault(one.offering, Offering(one.offering, one.provider, "card_seconds", 10**9))
    return Book(given, {"SC1": Scheme("SC1", 5_000_000)}, paid, sold, found)


def flags(rule: str, found: Book) -> list[Flag]:
    return scan.scan(found, POLICY, only=[rule])


def flagged(rule: str, found: Book) -> list[str]:
    return [flag.subject for flag in flags(rule, found)]
