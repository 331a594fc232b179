"""Composition against looking at every chain."""

import random
from dataclasses import replace
from datetime import date
from fractions import Fraction

import numpy as np
import pytest

from marketplace.matching.rules.compose import Wanted, compose
from marketplace.matching.rules.compose_catalog import BadCatalog, Catalog, Item
from marketplace.matching.rules.compose_pricing import LONGEST, Binding, Wallet
from marketplace.matching.rules.compose_relaxing import relaxations
from marketplace.matching.rules.limits import Limit, Terms
from tests.marketplace.matching import made_up
from vouchers.billing.rules.burndown import VoucherMeans

CATALOGS = 1_000


def test_composition_equals_looking_at_every_chain_on_random_catalogs() -> None:
    draw = random.Random(5)
    chains = 0
    for _ in range(CATALOGS):
        catalog = Catalog(made_up.items(draw))
        wanted, pricing = made_up.need(draw), made_up.wallet(draw, catalog)
        weights, best = made_up.weights(draw), draw.choice([1, 3, 10])

        answer = compose(catalog, wanted, pricing, weights=weights, best=best)

        expected = made_up.every_chain(catalog, wanted, pricing, weights)[:best]
        assert [chain.offerings for chain in answer.chains] == [codes for _, codes in expected]
        assert [-chain.scored.score for chain in answer.chains] == [key[0] for key, _ in expected]
        chains += len(expected)
    assert chains > 800


def plain(code: str, layer: str, **changes: object) -> Item:
    item = Item(
        code, layer, date(2027, 1, 1), frozenset({"calls"}), scenarios=frozenset({"vision"})
    )
    return replace(item, **changes)  # type: ignore[arg-type]


def three() -> list[Item]:
    return [
        plain("A", "application", latency_us=1_000),
        plain("P", "platform", start_cost_fen=500),
        plain("C", "compute", region="621002", days_to_first_use=3),
    ]


def terms(**changes: object) -> Wanted:
    asked = Terms("C", "", None, False, 100_000, made_up.DAY)
    return Wanted("vision", replace(asked, **changes), {"calls": 10})  # type: ignore[arg-type]


def test_chain_states_its_price_after_vouchers_and_when_they_run_out() -> None:
    catalog = Catalog(three())
    # Three bills of 100.00 yuan; half is paid by a voucher with 400.00 yuan left.
    half = VoucherMeans(1, Fraction(1, 2), "half_up_fen", 40_000)

    (chain,) = compose(catalog, terms(), Wallet(np.full(3, 10_000), [half])).chains

    assert chain.offerings == ("A", "P", "C")
    price = chain.price
    assert (price.price_fen, price.voucher_fen, price.own_fen) == (30_000, 15_000, 15_000)
    assert (price.binding, price.full_months) == (Binding.SHARE, 2)
    assert (chain.facts.start_cost_fen, chain.facts.days_to_first_use) == (500, 3)
    assert (chain.facts.latency_us, chain.lacks) == (1_000, ())


@pytest.mark.parametrize(
    ("available", "voucher_fen", "binding", "months"),
    [(7_000, 7_000, Binding.BALANCE, 1), (0, 0, Binding.NONE, 0),
     (10**9, 15_000, Binding.SHARE, LONGEST)],
)  # fmt: skip
def test_price_names_what_binds_the_vouchers(
    available: int, voucher_fen: int, binding: Binding, months: int
) -> None:
    half = VoucherMeans(1, Fraction(1, 2), "half_up_fen", available)

    price = Wallet(np.full(3, 10_000), [half]).outlook([0, 1, 2])

    assert (price.voucher_fen, price.binding, price.full_months) == (voucher_fen, binding, months)


def test_answer_counts_what_each_limit_excludes() -> None:
    there = plain("C2", "compute", region="110108", is_listed=False)
    catalog = Catalog([*three(), there, plain("C3", "compute", region="110108")])

    answer = compose(catalog, terms(region="621000"), Wallet(np.full(5, 100)))

    assert [chain.offerings for chain in answer.chains] == [("A", "P", "C")]
    assert [(row.limit, row.excluded, row.alone) for row in answer.counts] == [
        (Limit.LISTING, 1, 0),
        (Limit.REGION, 2, 1),
    ]
    assert answer.excluded == {"C2": (Limit.LISTING, Limit.REGION), "C3": (Limit.REGION,)}
    assert answer.looked_at == 5


@pytest.mark.parametrize(
    ("changes", "limit", "to"),
    [
        ({"budget_fen": 299}, Limit.BUDGET, 300),
        ({"latency_us": 10}, Limit.LATENCY, 1_000),
        ({"region": "110000"}, Limit.REGION, 0),
        ({"needs_domestic_chip": True}, Limit.DOMESTIC_CHIP, 0),
    ],
)
def test_impossible_need_is_told_what_to_relax(
    changes: dict[str, object], limit: Limit, to: int
) -> None:
    catalog, pricing = Catalog(three()), Wallet(np.full(3, 100))

    found = relaxations(catalog, terms(**changes), pricing)

    assert compose(catalog, terms(**changes), pricing).chains == ()
    assert [(row.limit, row.to) for row in found] == [(limit, to)]


def test_need_beyond_one_limit_is_not_promised_that_relaxing_one_helps() -> None:
    wanted = terms(budget_fen=299, latency_us=10)

    assert relaxations(Catalog(three()), wanted, Wallet(np.full(3, 100))) == []


@pytest.mark.parametrize(
    ("code", "item"),
    [
        ("offering_repeated", plain("A", "platform")),
        ("layer_unknown", plain("X", "cloud")),
        ("negative", plain("X", "compute", start_cost_fen=-1)),
        ("negative", plain("X", "compute", left_units={"calls": -1})),
        ("circular", plain("X", "compute", works_with={"application": frozenset({"A"})})),
        ("circular", plain("X", "compute", works_with={"compute": frozenset({"X"})})),
        ("layers_unrelated", plain("X", "application", works_with={"compute": frozenset({"C"})})),
        ("contradictory", plain("X", "application", works_with={"platform": frozenset()})),
        ("offering_unknown", plain("X", "application", works_with={"platform": frozenset({"Q"})})),
        ("wrong_layer", plain("X", "application", works_with={"platform": frozenset({"C"})})),
    ],
)
def test_catalog_refuses_statements_that_cannot_be_meant(code: str, item: Item) -> None:
    with pytest.raises(BadCatalog) as refused:
        Catalog([*three(), item])

    assert refused.value.code == code
