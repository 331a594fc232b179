"""Which offerings of the stock a voucher pays for: asked once of a scheme's rules, not once a need."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from marketplace.matching.actions.slots import Sold
from vouchers.billing.actions.charging import purses
from vouchers.grants.rules.schemes import SchemeRules

Bools = npt.NDArray[np.bool_]

MOST_KEPT = 256
"""Schemes and kinds kept at once: a byte an offering each."""


class Coverings:
    """Offerings that look alike to a scheme are asked about once."""

    def __init__(self, sold: Sequence[Sold]) -> None:
        alike = {(each.facts, each.meters): each for each in sold}
        number_of = {asked: number for number, asked in enumerate(alike)}
        self._alike = tuple(alike)
        self._of = np.array([number_of[each.facts, each.meters] for each in sold], dtype=np.int64)
        self._kept: dict[tuple[int, str], tuple[SchemeRules, Bools]] = {}

    def of(self, rules: SchemeRules, kind: str) -> Bools:
        """By offering, whether a scheme's voucher of that kind may pay for it."""
        known = self._kept.get((id(rules), kind))
        if known is None:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            covered = [
                purses.covers(rules, kind, facts, sorted(meters)) for facts, meters in self._alike
            ]
            # The rules are kept too, so that their id stays theirs.
            known = rules, np.array(covered, dtype=np.bool_)[self._of]
            self._kept[id(rules), kind] = known
        return known[1]
