"""A clearing round: many needs, few places and little money, in columns.

A round may hold millions of possible pairs of a need and an offering, so it is kept as arrays of
whole numbers: places count needs, subsidies are in fen, values in points. Each offering states how
many needs it takes in the round; a pair draws its subsidy from one scheme's budget, or from none.
Rows are brought into one order whatever order they came in, so equal input has an equal digest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]

MAX_VALUE = 1_000_000
"""Points of one pair: scores are up to 100,000."""

MAX_SUBSIDY_FEN = 10**10
MAX_BUDGET_FEN = 10**15
MAX_PLACES = 10**9
NO_SCHEME = -1


class BadRound(ValueError):
    """An input that no plan can be made of; `code` says why and `subject` what is concerned."""

    def __init__(self, code: str, subject: str = "") -> None:
        super().__init__(f"{code}: {subject}" if subject else code)
        self.code = code
        self.subject = subject


@dataclass(frozen=True, slots=True)
class Pair:
    """A need may be served by an offering: worth `value` points, for a subsidy from a scheme.

    An empty scheme draws no subsidy.
    """

    offering: str
    value: int
    scheme: str = ""
    subsidy_fen: int = 0


@dataclass(frozen=True, slots=True)
class Need:
    """One firm's need: its section (GB/T 4754), the groups it counts for, when it came in."""

    code: str
    section: str
    received: int
    pairs: tuple[Pair, ...]
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Share:
    """A floor: of all needs served, at least so many percent belong to the group."""

    group: str
    percent: int


@dataclass(frozen=True, slots=True)
class Floors:
    """What a plan must reach: sections with at least one need served, and shares of groups."""

    sections: int = 0
    shares: tuple[Share, ...] = ()


@dataclass(frozen=True, slots=True)
class Round:
    """A round in columns. Pairs are sorted by need, then by falling value, then by offering."""

    needs: tuple[str, ...]
    sections: tuple[str, ...]
    section_of: IntArray
    received: IntArray
    members: Mapping[str, npt.NDArray[np.bool_]]
    offerings: tuple[str, ...]
    places: IntArray
    schemes: tuple[str, ...]
    budgets_fen: IntArray
    need_of: IntArray
    offering_of: IntArray
    scheme_of: IntArray
    value: IntArray
    subsidy_fen: IntArray
    floors: Floors = field(default_factory=Floors)
    seed: int = 0

    @property
    def starts(self) -> IntArray:
        """Where each need's pairs begin, with the number of pairs at the end."""
        found = np.searchsorted(self.need_of, np.arange(len(self.needs) + 1))
        return found.astype(np.int64)

    def share_steps(self) -> IntArray:
        """For each share floor (row), by how much serving each need (column) moves its slack.

        The floor holds when the sum over all needs served is not below zero: 100 less the percent
        for a member, minus the percent for anybody else.
        """
        rows = [100 * self.members[each.group] - each.percent for each in self.floors.shares]
        return np.array(rows, dtype=np.int64).reshape(len(rows), len(self.needs))

    def digest(self) -> str:
        """SHA-256 of everything that a plan may depend on, the seed included."""
        found = sha256()
        floors = [str(self.floors.sections)]
        floors += [f"{each.group}={each.percent}" for each in self.floors.shares]
        for words in (self.needs, self.sections, self.offerings, self.schemes, floors):
            found.update("\x1f".join(words).encode() + b"\x1e")
        for name in sorted(self.members):
            found.update(name.encode() + b"\x1f" + np.packbits(self.members[name]).tobytes())
        columns = (
            self.section_of, self.received, self.places, self.budgets_fen, self.need_of,
            self.offering_of, self.scheme_of, self.value, self.subsidy_fen,
        )  # fmt: skip
        for column in columns:
            found.update(column.astype("<i8").tobytes() + b"\x1e")
        found.update(str(self.seed).encode())
        return found.hexdigest()


def assemble(
    *,
    needs: Sequence[Need],
    places: Mapping[str, int],
    budgets_fen: Mapping[str, int],
    floors: Floors | None = None,
    seed: int = 0,
) -> Round:
    """Columns of a round. Raises BadRound for unknown names, repeated pairs or sums out of range."""
    floors = floors or Floors()
    ordered = sorted(needs, key=lambda need: need.code)
    offerings, schemes = sorted(places), sorted(budgets_fen)
    sections = sorted({need.section for need in ordered})
    rows = _rows(ordered, offerings, schemes)
    columns = np.array(rows, dtype=np.int64).reshape(len(rows), 5)
    groups = {share.group for share in floors.shares}
    found = Round(
        needs=tuple(need.code for need in ordered),
        sections=tuple(sections),
        section_of=_ints([sections.index(need.section) for need in ordered]),
        received=_ints([need.received for need in ordered]),
        members={
            group: np.array([group in need.groups for need in ordered], dtype=np.bool_)
            for group in sorted(groups)
        },
        offerings=tuple(offerings),
        places=_ints([places[code] for code in offerings]),
        schemes=tuple(schemes),
        budgets_fen=_ints([budgets_fen[code] for code in schemes]),
        need_of=columns[:, 0],
        offering_of=columns[:, 2],
        scheme_of=columns[:, 3],
        value=-columns[:, 1],
        subsidy_fen=columns[:, 4],
        floors=floors,
        seed=seed,
    )
    check(found)
    return found


def check(found: Round) -> None:
    """Refuse a round that cannot be cleared. Raises BadRound."""
    if len(set(found.needs)) != len(found.needs):
        raise BadRound("need_repeated")
    _within("places", found.places, 0, MAX_PLACES)
    _within("budget", found.budgets_fen, 0, MAX_BUDGET_FEN)
    _within("value", found.value, 1, MAX_VALUE)
    _within("subsidy", found.subsidy_fen, 0, MAX_SUBSIDY_FEN)
    if np.any((found.scheme_of == NO_SCHEME) & (found.subsidy_fen > 0)):
        raise BadRound("subsidy_without_scheme")
    key = found.need_of * max(1, len(found.offerings)) + found.offering_of
    if len(np.unique(key)) != len(key):
        raise BadRound("pair_repeated")
    if any(not 0 <= share.percent <= 100 for share in found.floors.shares):
        raise BadRound("share_out_of_range")
    if not 0 <= found.floors.sections <= len(found.sections):
        raise BadRound("too_few_sections", f"{len(found.sections)} of {found.floors.sections}")


def _rows(
    needs: Sequence[Need], offerings: Sequence[str], schemes: Sequence[str]
) -> list[tuple[int, int, int, int, int]]:
    place_of = {code: number for number, code in enumerate(offerings)}
    scheme_of = {code: number for number, code in enumerate(schemes)} | {"": NO_SCHEME}
    rows = []
    for number, need in enumerate(needs):
        for pair in need.pairs:
            if pair.offering not in place_of:
                raise BadRound("offering_unknown", pair.offering)
            if pair.scheme not in scheme_of:
                raise BadRound("scheme_unknown", pair.scheme)
            rows.append(
                (number, -pair.value, place_of[pair.offering], scheme_of[pair.scheme],
                 pair.subsidy_fen)
            )  # fmt: skip
    return sorted(rows)


def _ints(values: Sequence[int]) -> IntArray:
    return np.array(values, dtype=np.int64)


def _within(name: str, column: IntArray, least: int, most: int) -> None:
    if len(column) and (column.min() < least or column.max() > most):
        raise BadRound(f"{name}_out_of_range", f"{least} to {most}")
