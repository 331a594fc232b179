"""What schemes pay back after the fact: which rules see it, and that two of them do not."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

import pytest

from tests.vouchers.audit.risks.books import DAYS, SHANGHAI, book, flags, party, redemption
from vouchers.audit.rules.risks.facts import Book, Offering, Redemption
from vouchers.audit.rules.risks.scan import FINDERS

NUMBER = "26512000001234567890"
PHOTO = 0x0F1E2D3C4B5A6978
OTHER = {"firm": "E2", "voucher": "V2"}
BLIND = {"one_shot", "burst_before_expiry"}
"""When a refund moves, the scheme's calendar says: the firm computed and paid long before."""


def _bills(count: int) -> list[Redemption]:
    return [redemption(f"R{n}") for n in range(1, count + 1)]


def _made_up() -> list[Redemption]:
    sums = [(4 + n % 4) * 10 ** (3 + n % 4) + n for n in range(120)]
    return [redemption(f"R{n}", amount_fen=each) for n, each in enumerate(sums, start=1)]


def _paired() -> list[Redemption]:
    others = [
        redemption(f"R{n + 100}", officer=f"officer{n % 8}", provider="S2", offering="O2")
        for n in range(160)
    ]
    return [*_bills(12), *others]


def _nights() -> Book:
    at_night, by_day = (*[900] * 6, *[0] * 9, 600, *[0] * 8), (*[0] * 9, *[600] * 10, *[0] * 5)
    rows = [
        redemption(
            f"R{n}", by_hour=at_night if n == 1 else by_day, quantity=6000, amount_fen=50_000,
            firm=f"E{n}", voucher=f"V{n}",
        )
        for n in range(1, 42)
    ]  # fmt: skip
    return book(rows, parties=[party(one.firm, section="C") for one in rows])


def _round() -> list[Redemption]:
    others = [redemption(f"R{n}", **OTHER) for n in range(10, 30)]
    return [*(redemption(f"R{n}", amount_fen=n * 50_000) for n in (1, 2, 3)), *others]


def _pieces() -> list[Redemption]:
    paid = [datetime(2026, 3, day, 11, tzinfo=SHANGHAI) for day in (1, 4, 8)]
    return [redemption(f"R{n}", amount_fen=4_900_000, at=at) for n, at in enumerate(paid, start=1)]


def _shell() -> Book:
    firm = party(founded_on=date(2025, 10, 1), insured_people=0, revenue_fen=0)
    return book(_bills(1), parties=[firm])


def _shared(**values: object) -> list[Redemption]:
    return [redemption("R1", **values), redemption("R2", **{**OTHER, **values})]


BOOKS: dict[str, Book] = {
    "invoice_reused": book(_shared(invoice_number=NUMBER)),
    "invoice_near_match": book(
        redemption(f"R{n}", invoice_number=NUMBER[:-1] + str(n)) for n in (1, 2)
    ),
    "related_parties": book(
        _bills(1), parties=[party(code, ties=(("phone", "139"),)) for code in ("E1", "S1")]
    ),
    "above_capacity": book(
        [redemption("R1", by_day=(2500,), quantity=2500)],
        offerings=[Offering("O1", "S1", "card_seconds", 100)],
    ),
    "flat_curve": book([redemption("R1", by_day=(5250,) * 12)]),
    "copied_curve": book(_shared(by_day=DAYS)),
    "split_under_limit": book(_pieces()),
    "young_shell": _shell(),
    "night_burst": _nights(),
    "round_sums": book(_round()),
    "benford": book(_made_up()),
    "provider_concentration": book(_bills(8), parties=[party("S1", other_income_fen=0)]),
    "price_above_list": book([redemption("R1", amount_fen=13_000)]),
    "reviewer_provider_pair": book(_paired()),
    "quick_approval": book([redemption("R1", review_seconds=5, amount_fen=20_000)]),
    "photo_reused": book(_shared(photos=(PHOTO,))),
}


def as_refunds(found: Book, only: Sequence[str] = ()) -> Book:
    """The same book, in which all was paid back instead, or some."""
    rows = tuple(
        replace(one, is_refund=not only or one.code in only, bill=one.code)
        for one in found.redemptions
    )
    return replace(found, redemptions=rows)


def test_every_rule_either_sees_refunds_or_says_why_not() -> None:
    assert set(BOOKS) | BLIND == set(FINDERS)
    assert set(BOOKS) & BLIND == set()


@pytest.mark.parametrize("rule", sorted(BOOKS))
def test_rule_sees_what_was_paid_back_as_what_was_paid(rule: str) -> None:
    paid = flags(rule, BOOKS[rule])

    assert "R1" in [flag.subject for flag in paid]
    assert flags(rule, as_refunds(BOOKS[rule])) == paid
    assert flags(rule, as_refunds(BOOKS[rule], only=["R1"])) == paid, "both in one book"


def test_refund_at_once_after_the_issue_or_before_the_end_is_no_sign() -> None:
    """It is the way of such a scheme; nor does it change what is usual for vouchers that pay bills."""
    early = datetime(2026, 1, 6, 11, tzinfo=SHANGHAI)
    late = datetime(2026, 6, 30, 11, tzinfo=SHANGHAI)
    calm = [redemption(f"R{n}", voucher=f"V{n}", firm=f"E{n}") for n in range(50, 90)]
    for rule, at, fen in (("one_shot", early, 960_000), ("burst_before_expiry", late, 450_000)):
        found = book([redemption("R1", at=at, voucher_fen=fen), *calm])
        crowd = book(
            [
                *found.redemptions,
                *(
                    redemption(
                        f"R{n}", firm=f"E{n}", voucher=f"V{n}", at=at, voucher_fen=fen,
                        is_refund=True,
                    )
                    for n in range(100, 140)
                ),
            ]
        )  # fmt: skip

        assert [flag.subject for flag in flags(rule, found)] == ["R1"]
        assert flags(rule, as_refunds(found, only=["R1"])) == []
        assert [flag.subject for flag in flags(rule, crowd)] == ["R1"]


def test_bill_that_two_vouchers_share_counts_once() -> None:
    """Own money in a bill is paid back by one voucher after another paid of it: one day's use, one piece, one sum."""
    room = [Offering("O1", "S1", "card_seconds", 100)]
    half = redemption("R1", by_day=(1500,), quantity=1500, bill="B1")
    back = replace(half, code="R2", voucher="V2", is_refund=True)
    pieces = [replace(one, bill="B1") for one in _pieces()]
    rounds = _round()
    rounds[:3] = [replace(one, bill="B1") for one in rounds[:3]]

    assert flags("above_capacity", book([half, back], offerings=room)) == []
    assert flags("split_under_limit", book(pieces)) == []
    assert flags("round_sums", book(rounds)) == []
