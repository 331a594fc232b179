"""Providers that live from few firms' vouchers."""

from collections import Counter
from collections.abc import Iterator

from vouchers.audit.rules.risks.flags import Evidence, Flag, shown
from vouchers.audit.rules.risks.index import Index
from vouchers.audit.rules.risks.policy import Rule


def provider_concentration(index: Index, rule: Rule) -> Iterator[Flag]:
    """Nearly all voucher money from a few firms, and hardly a sale without a voucher.

    Few customers alone are what every small provider has; the missing market is the sign.
    """
    for provider, found in index.by_provider.items():
        income: Counter[str] = Counter()
        for one in found:
            income[one.firm] += one.voucher_fen
        total = sum(income.values())
        top = income.most_common(rule["top_firms"])
        held = sum(amount for _firm, amount in top)
        other = index.book.parties[provider].other_income_fen
        if (
            len(found) >= rule["least_bills"]
            and held * 100 >= total * rule["held_percent"]
            and other * 100 <= total * rule["other_income_percent"]
        ):
            evidence = (
                Evidence("party", provider),
                *shown("party", (firm for firm, _amount in top)),
            )
            for one in found:
                yield rule.flag(
                    one.code, evidence, firms=len(top), total_fen=total, other_fen=other
                )
