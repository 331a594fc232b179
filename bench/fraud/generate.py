"""A whole book: clean redemptions, planted ones among them, and the truth about each."""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from bench.fraud.city import City, build
from bench.fraud.clean import counter, life
from bench.fraud.planted import CASES, plant
from vouchers.audit.rules.risks.facts import Book, Offering, Redemption


@dataclass(frozen=True, slots=True)
class Drawn:
    """A book and, for each planted redemption, the risk that was planted."""

    book: Book
    truth: dict[str, str]


def draw(*, seed: int, clean: int, planted_each: int) -> Drawn:
    """About `planted_each` redemptions a risk among `clean` ones, in random order."""
    city = build(seed, clean)
    papers = counter(city.rng)
    found: list[Redemption] = []
    while len(found) < clean:
        for firm in city.firms[: len(city.firms)]:
            found += life(city, papers, firm)
            if len(found) >= clean:
                break
    del found[clean:]
    planted = (
        pair
        for risk in CASES
        if planted_each
        for pair in plant(city, papers, risk=risk, at_least=planted_each)
    )
    truth = {}
    for risk, one in planted:
        truth[one.code] = risk
        found.append(one)
    city.rng.shuffle(found)
    book = Book(
        city.parties,
        {plan.scheme.code: plan.scheme for plan in city.plans},
        city.vouchers,
        _offerings(city, found),
        tuple(found),
    )
    return Drawn(book, truth)


def _offerings(city: City, found: Iterable[Redemption]) -> dict[str, Offering]:
    """A provider built for its busiest day, unless a trick set the size."""
    load: dict[tuple[str, int], int] = defaultdict(int)
    for one in found:
        first = one.starts_on.toordinal()
        for day, quantity in enumerate(one.by_day):
            load[one.offering, first + day] += quantity
    peak: dict[str, int] = defaultdict(int)
    for (offering, _day), quantity in load.items():
        peak[offering] = max(peak[offering], quantity)
    return {
        shop.code: Offering(
            shop.code,
            shop.provider,
            shop.meter,
            shop.capacity_per_hour
            or math.ceil(max(peak[shop.code], 1) / 24 * city.rng.uniform(1.02, 3)),
            shop.reserved,
        )
        for shops in city.shops.values()
        for shop in shops
    }
