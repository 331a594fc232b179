"""The split of a bill over its payers."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.rounding import round_half_up
from vouchers.billing.rules.burndown import (
    BillShrank,
    Bound,
    Limit,
    Paid,
    Split,
    VoucherMeans,
    VoucherPart,
    share_fen,
    split,
)

THIRTY = Fraction(3, 10)


def means(
    key: int, available_fen: int, share: Fraction = THIRTY, rounding: str = "half_up_fen"
) -> VoucherMeans:
    return VoucherMeans(key, share, rounding, available_fen)


def test_split_one_voucher_pays_its_share_and_own_money_the_rest() -> None:
    found = split(
        total_fen=1_005, paid=Paid(), vouchers=[means(1, 10_000)], own_available_fen=10_000
    )

    assert found == Split((VoucherPart(1, 302),), 703, 0)  # 301.5 rounds half up


def test_split_exhausted_voucher_leaves_the_rest_of_the_share_to_the_next() -> None:
    found = split(
        total_fen=1_000,
        paid=Paid(),
        vouchers=[means(1, 100), means(2, 10_000)],
        own_available_fen=10_000,
    )

    assert found == Split((VoucherPart(1, 100), VoucherPart(2, 200)), 700, 0)


def test_split_second_voucher_tops_up_to_its_larger_share_only() -> None:
    found = split(
        total_fen=1_000,
        paid=Paid(),
        vouchers=[means(1, 10_000), means(2, 10_000, Fraction(1, 2))],
        own_available_fen=10_000,
    )

    assert found == Split((VoucherPart(1, 300), VoucherPart(2, 200)), 500, 0)


def test_split_vouchers_share_what_a_cap_leaves_each_by_its_own_limit() -> None:
    first, second = (
        VoucherMeans(key, THIRTY, "half_up_fen", 10_000, (Limit("pool", limit),))
        for key, limit in ((1, 150), (2, 220))
    )

    found = split(
        total_fen=1_000,
        paid=Paid(),
        vouchers=[first, second],
        own_available_fen=10_000,
        used_fen={"pool": 50},
    )

    # 150 - 50 = 100 by the first; 220 - 50 - 100 = 70 by the second
    bounds = Bound(1, Limit("pool", 150)), Bound(2, Limit("pool", 220))
    assert found == Split((VoucherPart(1, 100), VoucherPart(2, 70)), 830, 0, bounds)


def test_split_cap_that_was_lowered_below_its_use_leaves_nothing() -> None:
    lowered = VoucherMeans(1, THIRTY, "half_up_fen", 10_000, (Limit("pool", 40),))

    found = split(
        total_fen=1_000,
        paid=Paid(),
        vouchers=[lowered],
        own_available_fen=10_000,
        used_fen={"pool": 50},
    )

    assert found == Split((), 1_000, 0, (Bound(1, Limit("pool", 40)),))


def test_split_without_money_leaves_a_receivable() -> None:
    found = split(total_fen=1_000, paid=Paid(), vouchers=[], own_available_fen=250)

    assert found == Split((), 250, 750)


def test_split_counts_what_an_expired_voucher_paid_before() -> None:
    found = split(
        total_fen=2_000,
        paid=Paid(voucher_fen=300, own_fen=700),
        vouchers=[means(2, 10_000)],
        own_available_fen=10_000,
    )

    assert found == Split((VoucherPart(2, 300),), 700, 0)


def test_split_below_what_was_paid_is_refused() -> None:
    with pytest.raises(BillShrank):
        split(total_fen=999, paid=Paid(own_fen=1_000), vouchers=[], own_available_fen=0)


@pytest.mark.parametrize(
    ("rounding", "expected"),
    [("half_up_fen", 200), ("floor_fen", 199), ("half_up_yuan", 200), ("floor_yuan", 100)],
)
def test_share_follows_the_schemes_rounding(rounding: str, expected: int) -> None:
    assert share_fen(Fraction(1, 20), 3_991, rounding) == expected  # 199.55 fen


def test_share_unknown_rounding_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown rounding"):
        share_fen(Fraction(1), 1, "nearest_cow")


fens = st.integers(0, 10**9)
shares = st.fractions(min_value=0, max_value=1, max_denominator=1_000)
roundings = st.sampled_from(["half_up_fen", "floor_fen", "floor_yuan"])
wallets = st.lists(st.tuples(fens, shares, roundings), max_size=5)


@given(steps=st.lists(st.integers(0, 10**7), min_size=1, max_size=12), wallet=wallets, own=fens)
def test_split_any_steps_lose_no_fen_and_overdraw_nobody(
    steps: list[int], wallet: list[tuple[int, Fraction, str]], own: int
) -> None:
    left = [available for available, _, _ in wallet]
    paid, own_left, total = Paid(), own, 0

    for step in steps:
        total += step
        vouchers = [
            VoucherMeans(key, share, rounding, left[key])
            for key, (_, share, rounding) in enumerate(wallet)
        ]
        found = split(total_fen=total, paid=paid, vouchers=vouchers, own_available_fen=own_left)
        for part in found.vouchers:
            assert part.amount_fen > 0
            left[part.key] -= part.amount_fen
        own_left -= found.own_fen
        paid = Paid(
            paid.voucher_fen + found.voucher_fen,
            paid.own_fen + found.own_fen,
            paid.receivable_fen + found.receivable_fen,
        )

        assert paid.total_fen == total
        assert min(left, default=0) >= 0
        assert own_left >= 0
        assert found.receivable_fen == 0 or own_left == 0
    largest = max((share_fen(share, total, rule) for _, share, rule in wallet), default=0)
    assert paid.voucher_fen <= largest


capped = st.dictionaries(st.sampled_from(["firm", "pool", "umbrella"]), st.integers(0, 10**7))


@given(
    bills=st.lists(st.integers(0, 10**7), min_size=1, max_size=8),
    wallet=st.lists(st.tuples(fens, shares, capped), min_size=1, max_size=4),
)
def test_split_any_bills_pass_no_cap_of_a_voucher_that_pays(
    bills: list[int], wallet: list[tuple[int, Fraction, dict[str, int]]]
) -> None:
    used = dict.fromkeys(("firm", "pool", "umbrella"), 0)
    left = [available for available, _, _ in wallet]

    for total in bills:
        vouchers = [
            VoucherMeans(
                key,
                share,
                "half_up_fen",
                left[key],
                tuple(Limit(name, fen) for name, fen in limits.items()),
            )
            for key, (_, share, limits) in enumerate(wallet)
        ]
        found = split(
            total_fen=total, paid=Paid(), vouchers=vouchers, own_available_fen=0, used_fen=used
        )
        for part in found.vouchers:
            left[part.key] -= part.amount_fen
            for name, limit in wallet[part.key][2].items():
                used[name] += part.amount_fen
                assert used[name] <= limit
        assert found.voucher_fen + found.receivable_fen == total
    assert min(left) >= 0


@given(steps=st.lists(st.integers(0, 10**7), min_size=1, max_size=12), available=fens, share=shares)
def test_split_one_half_up_voucher_pays_the_same_in_any_steps_when_it_lasts(
    steps: list[int], available: int, share: Fraction
) -> None:
    total, covered, paid = 0, 0, Paid()
    for step in steps:
        total += step
        found = split(
            total_fen=total,
            paid=paid,
            vouchers=[VoucherMeans(1, share, "half_up_fen", available - covered)],
            own_available_fen=10**12,
        )
        covered += found.voucher_fen
        paid = Paid(covered, paid.own_fen + found.own_fen)

    assert covered == min(available, round_half_up(share * total))
