"""A flag: what one rule noticed about one redemption. It points; it never decides."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

EVIDENCE_SHOWN = 20
"""References kept with a flag; `values` still tell how many there are."""


@dataclass(frozen=True, slots=True, order=True)
class Evidence:
    """Something to look at: its kind (redemption, party, voucher, officer, tie …) and code."""

    kind: str
    code: str


@dataclass(frozen=True, slots=True)
class Flag:
    """One rule's reason to look at one redemption.

    `weight` is percent; `values` fill the words of the reason, amounts in fen under names that end
    in `_fen`. There is no verdict here, on purpose: only a person refuses.
    """

    rule: str
    version: int
    subject: str
    weight: int
    values: Mapping[str, int | str] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what was seen: a dismissed flag stays dismissed until it sees something else."""
        seen = [self.rule, self.version, self.subject, dict(self.values)]
        seen.append([[one.kind, one.code] for one in self.evidence])
        text = json.dumps(seen, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def shown(kind: str, codes: Iterable[str]) -> tuple[Evidence, ...]:
    """References of one kind, in order, as many as are kept."""
    return tuple(Evidence(kind, code) for code in sorted(set(codes))[:EVIDENCE_SHOWN])
