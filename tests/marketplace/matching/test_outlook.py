"""How long vouchers last and what binds them, against splitting every month anew."""

import random
from fractions import Fraction

import numpy as np

from marketplace.matching.rules.compose_pricing import LONGEST, Binding, Price, Wallet
from vouchers.billing.rules import plans
from vouchers.billing.rules.burndown import Limit, VoucherMeans
from vouchers.billing.rules.plans import Month, Planned

WALLETS = 1_500


def test_outlook_equals_splitting_every_month_anew() -> None:
    draw = random.Random(11)
    seen = set()
    for _ in range(WALLETS):
        amounts = [draw.choice([0, 99, 333, 1_000, 7_001]) for _ in range(4)]
        months = _months(draw)
        covers = {
            each.key: np.array([draw.random() < 0.8 for _ in amounts])
            for each in months[0].vouchers
        }
        wallet = Wallet(
            np.array(amounts),
            months[0].vouchers,
            covers,
            used_fen=months[0].used_fen,
            later=months[1:],
        )
        bills = [
            Planned(amount, [key for key in covers if covers[key][number]])
            for number, amount in enumerate(amounts)
        ]

        found = wallet.outlook(range(4))

        paid, price_fen = _paid(bills, months), sum(amounts)
        binding = _binding(bills, months[0])
        assert found == Price(price_fen, paid[0], price_fen - paid[0], binding, _full(paid))
        seen.add((found.binding, found.full_months))
    assert {binding for binding, _months in seen} == set(Binding)
    assert {number for _binding, number in seen} >= {0, 1, 2, 5, 9, LONGEST}


def _months(draw: random.Random) -> list[Month]:
    """A year of up to three vouchers, some nearly spent, capped, or ending within the year."""
    is_capped = draw.random() < 0.4
    vouchers = [
        VoucherMeans(
            key,
            Fraction(draw.choice([30, 50, 80, 100]), 100),
            draw.choice(["half_up_fen", "floor_fen", "floor_yuan"]),
            draw.choice([0, 150, 700, 9_000, 40_000, 10**6]),
            (Limit(draw.choice(["year", "*"]), draw.choice([0, 500, 9_000, 10**6])),)
            if is_capped
            else (),
        )
        for key in range(draw.randint(0, 3))
    ]
    ends = {
        each.key: draw.choice([LONGEST, LONGEST, draw.randint(1, LONGEST)]) for each in vouchers
    }
    used = {"year": draw.choice([0, 300]), "*": 0}
    return [
        Month(tuple(each for each in vouchers if ends[each.key] > number), used)
        for number in range(LONGEST)
    ]


def _paid(bills: list[Planned], months: list[Month]) -> list[int]:
    found, left = [], None
    for month in months:
        parts, left = plans.split(month if left is None else month.after(left), bills)
        found.append(sum(parts))
    return found


def _full(paid: list[int]) -> int:
    if not paid[0]:
        return 0
    return next((number for number, fen in enumerate(paid) if fen < paid[0]), len(paid))


def _binding(bills: list[Planned], month: Month) -> Binding:
    paid = sum(plans.split(month, bills)[0])
    if not paid:
        return Binding.NONE
    free = Month(tuple(each._replace(limits=()) for each in month.vouchers))
    if sum(plans.split(free, bills)[0]) > paid:
        return Binding.CAP
    ample = Month(
        tuple(each._replace(available_fen=10**9) for each in month.vouchers), month.used_fen
    )
    return Binding.BALANCE if sum(plans.split(ample, bills)[0]) > paid else Binding.SHARE
