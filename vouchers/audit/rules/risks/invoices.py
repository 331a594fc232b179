"""Invoices that were used before: the same number, or one that nearly is."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

from vouchers.audit.rules.invoices import normal_number
from vouchers.audit.rules.risks.facts import Redemption
from vouchers.audit.rules.risks.flags import Flag, shown
from vouchers.audit.rules.risks.index import Index
from vouchers.audit.rules.risks.policy import Rule


def invoice_reused(index: Index, rule: Rule) -> Iterator[Flag]:
    """One number on more than one claim.

    Numbers of fully digitized invoices (twenty digits) are unique in the country; shorter ones
    only within their seller.
    """
    groups: dict[tuple[str, str], list[Redemption]] = defaultdict(list)
    for one in index.redemptions:
        number = plain_number(one.invoice_number)
        seller = "" if len(number) >= rule["national_digits"] else one.provider
        if number:
            groups[seller, number].append(one)
    for (_seller, number), found in groups.items():
        if len({claim_of(one) for one in found}) < 2:
            continue
        for one in found:
            others = [each.code for each in found if claim_of(each) != claim_of(one)]
            yield rule.flag(
                one.code, shown("redemption", others), number=number, others=len(others)
            )


def invoice_near_match(index: Index, rule: Rule) -> Iterator[Flag]:
    """One offering and buyer, the same first day and sum, and numbers one slip of the pen apart.

    Neighbors in number alone mean nothing: a seller numbers one after the other.
    """
    for found in index.by_pair.values():
        for one, other in combinations(found, 2):
            if claim_of(one) == claim_of(other) or not _same_bill(one, other, rule):
                continue
            numbers = plain_number(one.invoice_number), plain_number(other.invoice_number)
            if one_slip_apart(*numbers):
                for this, that in ((one, other), (other, one)):
                    yield rule.flag(
                        this.code,
                        shown("redemption", [that.code]),
                        number=plain_number(this.invoice_number),
                        other_number=plain_number(that.invoice_number),
                    )


def plain_number(text: str) -> str:
    """Upper case, half width, without spaces and hyphens."""
    return normal_number(text).replace("-", "")


def claim_of(one: Redemption) -> str:
    """The claim that carries the invoice; a redemption without one stands for itself."""
    return one.claim or one.code


def one_slip_apart(left: str, right: str) -> bool:
    """One symbol changed, missing or added, or two neighbors swapped; equal texts are not."""
    if abs(len(left) - len(right)) > 1 or left == right:
        return False
    first = next(
        (n for n, (a, b) in enumerate(zip(left, right, strict=False)) if a != b),
        min(len(left), len(right)),
    )
    rest_left, rest_right = left[first:], right[first:]
    if len(left) != len(right):
        longer, shorter = sorted((rest_left, rest_right), key=len, reverse=True)
        return longer[1:] == shorter
    swapped = rest_left[1::-1] + rest_left[2:] == rest_right and len(rest_left) > 1
    return swapped or rest_left[1:] == rest_right[1:]


def _same_bill(one: Redemption, other: Redemption, rule: Rule) -> bool:
    larger = max(one.invoice_fen, other.invoice_fen)
    close = abs(one.invoice_fen - other.invoice_fen) * 1000 <= larger * rule["sum_permille"]
    days = abs((one.starts_on - other.starts_on).days)
    return close and one.offering == other.offering and days <= rule["start_days"]
