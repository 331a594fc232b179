"""Planted fraud, one function for each risk; each yields redemptions that a finder should name."""

from collections.abc import Callable, Iterator

from bench.fraud import planted_parties, planted_usage
from bench.fraud.city import City
from bench.fraud.clean import Counter
from bench.fraud.cloth import Case
from vouchers.audit.rules.risks.facts import Redemption

CASES: dict[str, Callable[[City, Counter], Case]] = {
    each.__name__: each
    for each in (
        planted_parties.invoice_reused,
        planted_parties.invoice_near_match,
        planted_parties.related_parties,
        planted_usage.above_capacity,
        planted_usage.flat_curve,
        planted_usage.copied_curve,
        planted_usage.split_under_limit,
        planted_parties.young_shell,
        planted_usage.burst_before_expiry,
        planted_usage.night_burst,
        planted_usage.round_sums,
        planted_usage.benford,
        planted_usage.one_shot,
        planted_parties.provider_concentration,
        planted_usage.price_above_list,
        planted_parties.reviewer_provider_pair,
        planted_parties.quick_approval,
        planted_parties.photo_reused,
    )
}
"""One trick for each risk."""


def plant(
    city: City, papers: Counter, *, risk: str, at_least: int
) -> Iterator[tuple[str, Redemption]]:
    """Redemptions of one risk, whole cases until there are enough."""
    count = 0
    while count < at_least:
        case = CASES[risk](city, papers)
        count += len(case)
        for one in case:
            yield risk, one
