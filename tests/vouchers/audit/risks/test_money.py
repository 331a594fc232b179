"""How vouchers are spent, on what sums, at whose counter, and who passed it."""

from datetime import date, datetime, timedelta
from math import log10

import pytest

from tests.vouchers.audit.risks.books import (
    SHANGHAI,
    book,
    flagged,
    flags,
    party,
    redemption,
    voucher,
)
from vouchers.audit.rules.risks.chances import at_least
from vouchers.audit.rules.risks.facts import Redemption
from vouchers.audit.rules.risks.sums import stray


def on(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 11, tzinfo=SHANGHAI)


def test_pieces_just_under_the_limit_within_days_are_flagged() -> None:
    days = [date(2026, 3, 1), date(2026, 3, 4), date(2026, 3, 8), date(2026, 4, 20)]
    pieces = [
        redemption(f"R{n}", amount_fen=4_900_000, at=on(day)) for n, day in enumerate(days, start=1)
    ]
    at_limit = redemption("R8", amount_fen=5_000_000, at=on(days[0]))
    small = redemption("R9", amount_fen=3_999_999, at=on(days[0]))

    found = flags("split_under_limit", book([*pieces, at_limit, small]))

    assert [flag.subject for flag in found] == ["R1", "R2", "R3"]
    assert found[0].values == {"bills": 3, "limit_fen": 5_000_000, "together_fen": 14_700_000}


def test_two_pieces_are_no_pattern() -> None:
    pieces = [redemption(f"R{n}", amount_fen=4_900_000) for n in (1, 2)]

    assert flagged("split_under_limit", book(pieces)) == []


def _early(count: int, days: int, paid_fen: int = 960_000) -> list[str]:
    """One voucher spent at once among `count` that are not."""
    others = [redemption(f"R{n + 10}", voucher=f"V{n + 10}") for n in range(count)]
    shot = redemption("R1", voucher_fen=paid_fen, at=on(date(2026, 1, 5) + timedelta(days=days)))
    return flagged("one_shot", book([shot, *others]))


def test_voucher_spent_at_once_within_days_is_flagged() -> None:
    assert _early(20, 7) == ["R1"]
    assert _early(20, 8) == []
    assert _early(20, 7, paid_fen=949_999) == []


def test_voucher_spent_at_once_is_no_sign_where_that_is_the_habit() -> None:
    def habit(later: int) -> list[str]:
        contracts = [
            redemption(f"R{n}", voucher=f"V{n}", voucher_fen=960_000 if n < 10 + later else 3_675)
            for n in range(10, 29)
        ]
        shot = redemption("R1", voucher_fen=960_000, at=on(date(2026, 1, 6)))
        return flagged("one_shot", book([shot, *contracts]))

    assert habit(2) == ["R1"]  # two of twenty vouchers are ten percent
    assert habit(3) == []


def test_burst_before_expiry_is_flagged_after_silence() -> None:
    calm = [redemption(f"R{n + 10}", voucher=f"V{n + 10}", firm=f"E{n}") for n in range(40)]
    burst = redemption("R1", voucher_fen=450_000, at=on(date(2026, 6, 30)))
    awake = [
        redemption("R2", voucher="V2", voucher_fen=450_000, at=on(date(2026, 6, 30))),
        redemption("R3", voucher="V2", voucher_fen=200_000, at=on(date(2026, 3, 30))),
    ]

    assert flagged("burst_before_expiry", book([*calm, burst, *awake])) == ["R1"]


def test_burst_before_expiry_is_no_sign_where_the_section_hurries() -> None:
    last = on(date(2026, 7, 3))
    hurried = [
        redemption(f"R{n}", voucher=f"V{n}", firm=f"E{n}", voucher_fen=500_000, at=last)
        for n in range(1, 41)
    ]

    assert flagged("burst_before_expiry", book(hurried)) == []


@pytest.mark.parametrize(
    ("founded_on", "people", "revenue_fen", "found"),
    [
        (date(2025, 10, 1), 0, 0, ["R1"]),
        (date(2025, 10, 1), 1, 1_000_000, ["R1"]),
        (date(2025, 1, 5), 0, 0, []),
        (date(2025, 10, 1), 2, 0, []),
        (date(2025, 10, 1), 0, 1_000_001, []),
    ],
)
def test_young_shell_needs_every_sign_together(
    founded_on: date, people: int, revenue_fen: int, found: list[str]
) -> None:
    firm = party(founded_on=founded_on, insured_people=people, revenue_fen=revenue_fen)

    assert flagged("young_shell", book([redemption("R1")], parties=[firm])) == found


def test_young_firm_with_a_small_voucher_is_left_alone() -> None:
    firm = party(founded_on=date(2025, 12, 1), insured_people=0, revenue_fen=0)
    others = [redemption(f"R{n}", voucher=f"V{n}", firm=f"E{n}") for n in (2, 3)]
    small = voucher(face_fen=999_900)

    seen = book([redemption("R1"), *others], parties=[firm], vouchers=[small])

    assert flagged("young_shell", seen) == []


def test_round_sums_are_flagged_where_the_offering_does_not_explain_them() -> None:
    rounds = [redemption(f"R{n}", amount_fen=n * 50_000) for n in (1, 2, 3)]
    others = [redemption(f"R{n}", firm="E2", voucher="V2") for n in range(10, 30)]

    assert flagged("round_sums", book([*rounds, *others])) == ["R1", "R2", "R3"]

    usual = [redemption(one.code, firm="E2", voucher="V2", amount_fen=150_000) for one in others]
    assert flagged("round_sums", book([*rounds, *usual])) == []

    listed = [redemption(one.code, amount_fen=one.amount_fen, list_fen=50_000) for one in rounds]
    assert flagged("round_sums", book([*listed, *others])) == []


def _amounts(sums: list[int]) -> list[Redemption]:
    return [redemption(f"R{n}", amount_fen=each) for n, each in enumerate(sums, start=1)]


def test_first_digits_stray_by_hand() -> None:
    square, deviation = stray([1, 10, 100, 2000])

    expected = [log10(1 + 1 / digit) for digit in range(1, 10)]
    parts = [0.75, 0.25, *[0.0] * 7]
    assert square == pytest.approx(
        4 * sum((part - e) ** 2 / e for part, e in zip(parts, expected, strict=True))
    )
    assert deviation == pytest.approx(
        sum(abs(part - e) for part, e in zip(parts, expected, strict=True)) / 9
    )


def test_made_up_first_digits_give_a_lead_and_natural_ones_none() -> None:
    natural = [int(1000 * 10 ** (n / 50)) for n in range(200)]
    made_up = [(4 + n % 4) * 10 ** (3 + n % 4) + n for n in range(200)]

    assert flagged("benford", book(_amounts(natural))) == []
    assert len(flagged("benford", book(_amounts(made_up)))) == 200
    assert flagged("benford", book(_amounts(made_up[:99]))) == []


def test_narrow_sums_are_not_held_against_benford() -> None:
    assert flagged("benford", book(_amounts([5000 + n for n in range(300)]))) == []


@pytest.mark.parametrize(("other_fen", "found"), [(2940, 8), (2941, 0)])
def test_provider_without_a_market_is_flagged(other_fen: int, found: int) -> None:
    provider = party("S1", other_income_fen=other_fen)
    bills = [redemption(f"R{n}") for n in range(1, 9)]  # 8 x 36.75 yuan = 294.00 yuan

    assert len(flagged("provider_concentration", book(bills, parties=[provider]))) == found


def test_provider_with_many_firms_is_left_alone() -> None:
    provider = party("S1", other_income_fen=0)
    bills = [redemption(f"R{n}", firm=f"E{n}", voucher=f"V{n}") for n in range(1, 9)]

    assert flagged("provider_concentration", book(bills, parties=[provider])) == []


def test_officer_who_passes_one_provider_alone_is_flagged() -> None:
    others = [
        redemption(f"R{n + 100}", officer=f"officer{n % 8}", provider="S2", offering="O2")
        for n in range(160)
    ]
    paired = [redemption(f"R{n}", officer="officer1") for n in range(1, 13)]
    mixed = [redemption("R50", officer="officer2")]

    found = flags("reviewer_provider_pair", book([*others, *paired, *mixed]))

    assert {flag.subject for flag in found} == {one.code for one in paired}
    # officer1 decides 32 of 173 bills, so of thirteen about two: 13 x 32 / 173 = 2.4.
    assert found[0].values == {"reviews": 12, "bills": 13, "expected": 2}


def test_officer_alone_on_a_scheme_is_no_pair() -> None:
    bills = [redemption(f"R{n}") for n in range(1, 40)]

    assert flagged("reviewer_provider_pair", book(bills)) == []


def test_quick_approval_of_a_sum_worth_reading_is_flagged() -> None:
    quick = redemption("R1", review_seconds=20, amount_fen=20_000)
    small = redemption("R2", review_seconds=5, amount_fen=19_999)
    read = redemption("R3", review_seconds=21, amount_fen=20_000)

    assert flagged("quick_approval", book([quick, small, read])) == ["R1"]


def test_binomial_tail_by_hand() -> None:
    assert at_least(0, 5, 0.2) == 1.0
    assert at_least(2, 3, 0.5) == pytest.approx(0.5)
    assert at_least(3, 4, 0.1) == pytest.approx(4 * 0.001 * 0.9 + 0.0001)
    assert at_least(6000, 10_000, 0.5) < 1e-80
