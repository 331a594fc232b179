"""Capacity, prices, curves, nights: what use can tell."""

from datetime import date, timedelta

import pytest

from tests.vouchers.audit.risks.books import DAYS, book, flagged, flags, party, redemption
from vouchers.audit.rules.risks.facts import Offering

TWELVE = tuple(range(12))


def test_day_above_capacity_is_flagged_beyond_the_tolerance() -> None:
    room = Offering("O1", "S1", "card_seconds", 100)
    within = redemption("R1", by_day=(2424,), quantity=2424)
    above = redemption("R2", by_day=(2425,), quantity=2425, starts_on=date(2026, 5, 1))

    found = flags("above_capacity", book([within, above], offerings=[room]))

    assert [(flag.subject, flag.values["used"], flag.values["room"]) for flag in found] == [
        ("R2", 2425, 2424)
    ]


def test_bills_above_capacity_together_are_flagged_but_not_their_small_neighbor() -> None:
    room = Offering("O1", "S1", "card_seconds", 100)
    bills = [redemption(f"R{n}", by_day=(1500,), quantity=1500) for n in (1, 2)]
    small = redemption("R3", by_day=(100,), quantity=100)

    assert flagged("above_capacity", book([*bills, small], offerings=[room])) == ["R1", "R2"]


@pytest.mark.parametrize(("amount_fen", "found"), [(12_250, []), (12_312, []), (12_313, ["R1"])])
def test_price_above_list_is_flagged_beyond_rounding_and_half_a_percent(
    amount_fen: int, found: list[str]
) -> None:
    one = redemption("R1", amount_fen=amount_fen)

    assert flagged("price_above_list", book([one])) == found


def test_flat_curve_is_flagged_unless_time_is_reserved() -> None:
    flat = redemption("R1", by_day=(5250,) * 12)
    even = redemption("R2", by_day=tuple(5250 + 40 * (n % 2) for n in TWELVE), quantity=63_240)
    lively = redemption("R3", by_day=DAYS)

    assert flagged("flat_curve", book([flat, even, lively])) == ["R1", "R2"]
    reserved = Offering("O1", "S1", "card_seconds", 10**9, reserved=True)
    assert flagged("flat_curve", book([flat], offerings=[reserved])) == []


def test_few_days_are_not_called_flat() -> None:
    assert flagged("flat_curve", book([redemption("R1", by_day=(9000,) * 7)])) == []


def test_copied_curve_is_flagged_scaled_and_with_noise_but_not_within_a_firm() -> None:
    first = redemption("R1")
    scaled = redemption("R2", by_day=tuple(3 * q for q in DAYS), firm="E2", voucher="V2")
    noisy = redemption(
        "R3",
        by_day=tuple(q + (-1) ** n * q // 100 for n, q in enumerate(DAYS)),
        firm="E3",
        voucher="V3",
    )
    own = redemption("R4", by_day=tuple(2 * q for q in DAYS))
    other = redemption("R5", by_day=tuple(reversed(DAYS)), firm="E5", voucher="V5")

    found = flags("copied_curve", book([first, scaled, noisy, own, other]))

    assert {flag.subject: flag.values["others"] for flag in found} == {
        "R1": 2,
        "R2": 3,
        "R3": 3,
        "R4": 2,
    }


def test_curve_copied_to_the_unit_is_found_at_another_provider_a_scaled_one_is_not() -> None:
    elsewhere = {"firm": "E2", "voucher": "V2", "provider": "S2", "offering": "O2"}
    scaled = redemption("R3", **{**elsewhere, "by_day": tuple(2 * q for q in DAYS)})

    assert flagged("copied_curve", book([redemption("R1"), redemption("R2", **elsewhere)])) == [
        "R1",
        "R2",
    ]
    assert flagged("copied_curve", book([redemption("R1"), scaled])) == []


def _night(code: str, night: int, section: str) -> tuple[object, object]:
    hours = (*[night // 6] * 6, *[0] * 3, *[(6000 - night) // 9] * 9, *[0] * 6)
    firm = f"E{code[1:]}"
    one = redemption(
        code, by_hour=hours, quantity=6000, amount_fen=50_000, firm=firm, voucher=f"V{code[1:]}"
    )
    return one, party(firm, section=section)


@pytest.mark.parametrize(("usual", "found"), [(600, ["R99"]), (5100, [])])
def test_night_is_held_against_the_section(usual: int, found: list[str]) -> None:
    rows = [_night(f"R{n}", usual, "C") for n in range(1, 41)] + [_night("R99", 5400, "C")]

    seen = book([row[0] for row in rows], parties=[row[1] for row in rows])  # type: ignore[misc]

    assert flagged("night_burst", seen) == found


def test_scan_tells_days_by_their_own_date() -> None:
    late = redemption("R1", by_day=(2400,), quantity=2400)
    next_day = redemption(
        "R2", by_day=(2400,), quantity=2400, starts_on=late.starts_on + timedelta(days=1)
    )
    room = Offering("O1", "S1", "card_seconds", 100)

    assert flagged("above_capacity", book([late, next_day], offerings=[room])) == []
