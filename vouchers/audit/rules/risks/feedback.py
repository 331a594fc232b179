"""What officers made of flags: how often each rule was right, and what need not be shown again."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from vouchers.audit.rules.estimates import interval
from vouchers.audit.rules.risks.flags import Flag


@dataclass(frozen=True, slots=True)
class Judged:
    """An officer's finding on one flag of a rule's version."""

    rule: str
    version: int
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Record:
    """How often a version of a rule was right, with the 95 % interval of that share."""

    rule: str
    version: int
    confirmed: int
    dismissed: int
    low: float
    high: float


def records(judged: Iterable[Judged]) -> list[Record]:
    """One record for each version of each rule, by name and version.

    Flags that nobody looked at count for nothing, so this is the share among those looked at.
    """
    confirmed: Counter[tuple[str, int]] = Counter()
    every: Counter[tuple[str, int]] = Counter()
    for one in judged:
        every[one.rule, one.version] += 1
        confirmed[one.rule, one.version] += one.confirmed
    return [
        Record(*key, confirmed[key], total - confirmed[key], *interval(confirmed[key], total))
        for key, total in sorted(every.items())
    ]


def undismissed(flags: Iterable[Flag], fingerprints: Collection[str]) -> list[Flag]:
    """Flags other than those dismissed; one that sees something new comes back."""
    return [flag for flag in flags if flag.fingerprint not in fingerprints]
