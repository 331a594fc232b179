"""Who passes what: officers and providers that keep meeting, and reviews nobody could have read."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from vouchers.audit.rules.risks.chances import at_least
from vouchers.audit.rules.risks.facts import Redemption
from vouchers.audit.rules.risks.flags import Evidence, Flag
from vouchers.audit.rules.risks.index import Index
from vouchers.audit.rules.risks.policy import Rule


def reviewer_provider_pair(index: Index, rule: Rule) -> Iterator[Flag]:
    """One officer decides far more of a provider than the officer's part of each scheme explains."""
    of_scheme: Counter[str] = Counter()
    of_officer: Counter[tuple[str, str]] = Counter()
    for one in index.redemptions:
        scheme = index.voucher(one).scheme
        of_scheme[scheme] += 1
        of_officer[scheme, one.officer] += 1
    for provider, every in index.by_provider.items():
        pairs: dict[str, list[Redemption]] = defaultdict(list)
        for one in every:
            if one.officer:
                pairs[one.officer].append(one)
        schemes = Counter(index.voucher(one).scheme for one in every)
        for officer, found in pairs.items():
            expected = sum(
                count * of_officer[scheme, officer] / of_scheme[scheme]
                for scheme, count in schemes.items()
            )
            if _too_many(len(found), len(every), expected, rule):
                evidence = (Evidence("officer", officer), Evidence("party", provider))
                for one in found:
                    yield rule.flag(
                        one.code,
                        evidence,
                        reviews=len(found),
                        bills=len(every),
                        expected=round(expected),
                    )


def _too_many(hits: int, draws: int, expected: float, rule: Rule) -> bool:
    if hits < rule["least_reviews"] or hits * 100 < expected * rule["times_percent"]:
        return False
    chance = min(max(expected / draws, 1e-9), 1 - 1e-9)
    return at_least(hits, draws, chance) * rule["one_in"] <= 1


def quick_approval(index: Index, rule: Rule) -> Iterator[Flag]:
    """Passed within seconds, though the sum deserved a look."""
    for one in index.redemptions:
        quick = bool(one.officer) and one.review_seconds <= rule["seconds"]
        if quick and one.amount_fen >= rule["least_fen"]:
            yield rule.flag(
                one.code,
                (Evidence("officer", one.officer),),
                seconds=one.review_seconds,
                amount_fen=one.amount_fen,
            )
