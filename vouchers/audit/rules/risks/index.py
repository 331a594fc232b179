"""Redemptions grouped the ways that rules ask for, each grouping made once, in order of the code."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import cached_property
from typing import TypeVar

from vouchers.audit.rules.risks.facts import Book, Party, Redemption, Scheme, Voucher

Key = TypeVar("Key", bound=Hashable)


class Index:
    """A book with its groupings."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.redemptions = sorted(book.redemptions, key=lambda one: one.code)

    @cached_property
    def by_provider(self) -> Mapping[str, list[Redemption]]:
        """All redemptions of each provider."""
        return self._by(lambda one: one.provider)

    @cached_property
    def by_offering(self) -> Mapping[str, list[Redemption]]:
        """All redemptions of each offering."""
        return self._by(lambda one: one.offering)

    @cached_property
    def by_voucher(self) -> Mapping[str, list[Redemption]]:
        """What each voucher paid of bills, refunds left out: when those move, the scheme's calendar says."""
        return self._by(
            lambda one: one.voucher, (one for one in self.redemptions if not one.is_refund)
        )

    @cached_property
    def by_pair(self) -> Mapping[tuple[str, str], list[Redemption]]:
        """All redemptions of each firm at each provider."""
        return self._by(lambda one: (one.firm, one.provider))

    @cached_property
    def by_firm_and_scheme(self) -> Mapping[tuple[str, str], list[Redemption]]:
        """All redemptions of each firm under each scheme."""
        return self._by(lambda one: (one.firm, self.voucher(one).scheme))

    @cached_property
    def middle_face(self) -> Mapping[str, int]:
        """The median face of each scheme's vouchers, in fen (the upper one of two)."""
        faces: dict[str, list[int]] = defaultdict(list)
        for voucher in self.book.vouchers.values():
            faces[voucher.scheme].append(voucher.face_fen)
        return {scheme: sorted(found)[len(found) // 2] for scheme, found in faces.items()}

    def voucher(self, one: Redemption) -> Voucher:
        """The voucher that paid."""
        return self.book.vouchers[one.voucher]

    def scheme(self, one: Redemption) -> Scheme:
        """The scheme of the voucher that paid."""
        return self.book.schemes[self.voucher(one).scheme]

    def firm(self, one: Redemption) -> Party:
        """The enterprise."""
        return self.book.parties[one.firm]

    def _by(
        self, key: Callable[[Redemption], Key], found: Iterable[Redemption] | None = None
    ) -> Mapping[Key, list[Redemption]]:
        groups: dict[Key, list[Redemption]] = defaultdict(list)
        for one in self.redemptions if found is None else found:
            groups[key(one)].append(one)
        return groups


def once_each(found: Iterable[Redemption]) -> list[Redemption]:
    """One redemption for each bill, the first: what is summed over bills counts none twice."""
    first: dict[str, Redemption] = {}
    for one in found:
        first.setdefault(one.billed, one)
    return list(first.values())
