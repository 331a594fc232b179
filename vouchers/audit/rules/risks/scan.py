"""Hold all rules against a book, and put what they flag in the order in which to look at it."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from vouchers.audit.rules.risks import (
    capacity,
    concentration,
    curves,
    firms,
    invoices,
    people,
    photos,
    spending,
    sums,
    ties,
)
from vouchers.audit.rules.risks.facts import Book
from vouchers.audit.rules.risks.flags import Flag
from vouchers.audit.rules.risks.index import Index
from vouchers.audit.rules.risks.policy import Policy, Rule

Finder = Callable[[Index, Rule], Iterator[Flag]]

FINDERS: Mapping[str, Finder] = {
    finder.__name__: finder
    for finder in (
        invoices.invoice_reused,
        invoices.invoice_near_match,
        ties.related_parties,
        capacity.above_capacity,
        curves.flat_curve,
        curves.copied_curve,
        spending.split_under_limit,
        firms.young_shell,
        spending.burst_before_expiry,
        firms.night_burst,
        sums.round_sums,
        sums.benford,
        spending.one_shot,
        concentration.provider_concentration,
        capacity.price_above_list,
        people.reviewer_provider_pair,
        people.quick_approval,
        photos.photo_reused,
    )
}
"""Every rule by its id."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A redemption with its flags; `points` from 0 to 100 add what the flags say."""

    code: str
    points: Fraction
    amount_fen: int
    flags: tuple[Flag, ...]


def scan(
    book: Book,
    policy: Policy,
    *,
    only: Collection[str] | None = None,
    progress: Callable[[str, int], None] | None = None,
) -> list[Flag]:
    """Flags of all rules of the policy (or `only` some), ordered by rule and redemption.

    A rule flags a redemption once; `progress` hears each rule's id and how many it flagged.
    """
    index = Index(book)
    found: list[Flag] = []
    for name in FINDERS:
        if name in policy.rules and (only is None or name in only):
            flags = once(FINDERS[name](index, policy.rules[name]))
            found += flags
            if progress:
                progress(name, len(flags))
    return found


def once(flags: Iterable[Flag]) -> list[Flag]:
    """The first flag of each redemption, in order of its code."""
    first: dict[str, Flag] = {}
    for flag in flags:
        first.setdefault(flag.subject, flag)
    return [first[subject] for subject in sorted(first)]


def ranked(book: Book, flags: Iterable[Flag]) -> list[Suspect]:
    """Flagged redemptions, the most telling first; the larger payment first among equals."""
    of: dict[str, list[Flag]] = defaultdict(list)
    for flag in flags:
        of[flag.subject].append(flag)
    suspects = [
        Suspect(one.code, points(of[one.code]), one.voucher_fen, tuple(of[one.code]))
        for one in book.redemptions
        if one.code in of
    ]
    return sorted(suspects, key=lambda each: (-each.points, -each.amount_fen, each.code))


def points(flags: Iterable[Flag]) -> Fraction:
    """What flags say together: 100 less what each leaves in doubt. Exact, below 100."""
    doubt = Fraction(100)
    for flag in flags:
        doubt *= Fraction(100 - flag.weight, 100)
    return 100 - doubt
