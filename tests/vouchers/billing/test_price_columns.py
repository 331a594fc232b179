"""A plan priced at every offering at once, against rating it at one after the other."""

from datetime import date
from decimal import Decimal
from random import Random

from vouchers.billing.rules.price_columns import PriceColumns
from vouchers.billing.rules.rating import DayUsage, PriceList, RateInForce, Unpriced, rate_usage

DAY = date(2026, 5, 16)
METERS = ("calls", "input_tokens", "card_seconds")
MOST = 10**15 + 1
LISTS, PLANS = 400, 40


def test_columns_equal_rating_one_by_one_on_random_price_lists() -> None:
    draw = Random(7)
    lists = [_list(draw) for _number in range(LISTS)]
    columns = PriceColumns(lists, DAY, MOST)
    priced = refused = 0

    for _number in range(PLANS):
        units = {m: _units(draw) for m in METERS if draw.random() < 0.8}
        found, unpriced = columns.amounts_fen(units), set(columns.unpriced(units).tolist())
        for bill, (prices, billed) in enumerate(lists):
            usage = [DayUsage(m, DAY, 0, units[m]) for m in billed & units.keys() if units[m]]
            try:
                lines = rate_usage(usage, prices)
            except Unpriced:
                assert bill in unpriced
                refused += 1
                continue
            assert bill not in unpriced
            assert found[bill] == min(MOST, sum(line.amount_fen for line in lines))
            priced += 0 < found[bill] < MOST
    assert priced > 3_000
    assert refused > 100


def test_columns_keep_figures_beyond_a_machine_word() -> None:
    # 2**62 units at 2.000000001 yuan for 10**15: 922,337.204146...; the product has 32 digits.
    prices = PriceList([_rate(1, "calls", "2.0000000010", 10**15)])
    dear = PriceList([_rate(1, "calls", "9999999999", 1)])

    columns = PriceColumns(
        [(prices, frozenset({"calls"})), (dear, frozenset({"calls"}))], DAY, MOST
    )

    assert columns.amounts_fen({"calls": 2**62}).tolist() == [922_337, MOST]


def test_columns_count_nothing_where_nothing_is_asked() -> None:
    columns = PriceColumns([(PriceList([]), frozenset())], DAY, MOST)

    assert columns.amounts_fen({"calls": 5}).tolist() == [0]
    assert columns.unpriced({"calls": 5}).tolist() == []


def _rate(
    key: int,
    meter: str,
    price: str,
    per_units: int,
    context: int = 0,
    volume: int = 0,
    least: int = 0,
) -> RateInForce:
    return RateInForce(
        key, meter, Decimal(price), per_units, context, volume, least, date(2026, 1, 1), None
    )


def _list(draw: Random) -> tuple[PriceList, frozenset[str]]:
    """Some meters, each with a flat price or tiers of volume and context, some without a first one."""
    rates: list[RateInForce] = []
    for meter in METERS:
        if draw.random() < 0.3:
            continue
        tiers = [0, *sorted(draw.sample(range(1, 10**6), draw.choice([0, 0, 1, 3])))]
        for context in [0, 1000][: draw.choice([1, 1, 2])]:
            first = draw.random() < 0.05
            rates += [
                _rate(
                    len(rates) + number, meter, str(Decimal(draw.randint(0, 10**6)) / 10**4),
                    draw.choice([1, 7, 1000, 10**6, 10**15]), context, volume,
                    draw.choice([0, 0, 9_900]) if not (context or volume) else 0,
                )
                for number, volume in enumerate(tiers[first:])
            ]  # fmt: skip
    return PriceList(rates), frozenset(rate.meter for rate in rates)


def _units(draw: Random) -> int:
    return draw.choice([0, draw.randint(1, 10**4), draw.randint(1, 10**7), draw.randint(1, 2**62)])
