"""What an assessment consists of. Sentences are made only when somebody reads them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from vouchers.grants.rules.provenance import Origin
from vouchers.grants.rules.wording import Words

Outcome = Literal["pass", "fail", "person"]
Verdict = Literal["yes", "no", "perhaps"]
Said = Callable[[], Words]


class RuleCheck:
    """One rule held against one value. `refusal` is set exactly when the outcome is fail."""

    __slots__ = ("_saw", "_words", "origin", "outcome", "refusal", "rule", "title")

    def __init__(
        self,
        rule: str,
        title: Words,
        saw: Said,
        outcome: Outcome,
        words: Said,
        origin: Origin,
        refusal: str = "",
    ) -> None:
        self.rule, self.title, self.outcome = rule, title, outcome
        self.origin, self.refusal = origin, refusal
        self._saw, self._words = saw, words

    @property
    def saw(self) -> Words:
        """The value it met."""
        return self._saw()

    @property
    def words(self) -> Words:
        """The rule in words."""
        return self._words()

    @property
    def source(self) -> str:
        """Title of the document."""
        return self.origin.source

    @property
    def article(self) -> str:
        """Article in the document."""
        return self.origin.article


@dataclass(frozen=True, slots=True)
class CapLine:
    """One limit on the amount, what was used and what is left of it; decisions instead of fen when it counts.

    `key` names what the cap is kept by; None when it is not known. `is_applied` is false for the counters of the
    other stage and where the cap does not apply.
    """

    name: str
    title: Words
    limit_fen: int
    used_fen: int
    left_fen: int
    is_count: bool
    counts: str
    is_applied: bool
    refusal: str
    unit: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class PartLine:
    """One layer or item of the amount, before caps and rounding."""

    id: str
    title: Words
    level: str
    exact_fen: Fraction


@dataclass(frozen=True, slots=True)
class FundingLine:
    """What one level of government pays of the amount."""

    level: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Assessment:
    """The whole answer. `amount_fen` is 0 when a rule fails; `binding_cap` names the cap that lowered it.

    With `unit` card_hours every amount is in hundredths of a card-hour instead of fen.
    """

    checks: tuple[RuleCheck, ...]
    stage: str
    mode: str
    unit: str
    kind: str
    base_fen: int | None
    rate: Fraction
    share: Fraction
    parts: tuple[PartLine, ...]
    minimum_fen: int
    wanted_fen: int
    caps: tuple[CapLine, ...]
    binding_cap: str
    rounding: str
    amount_fen: int
    funding: tuple[FundingLine, ...]
    missing: tuple[Any, ...]
    facts: Mapping[str, Any]

    @property
    def refusals(self) -> tuple[str, ...]:
        """Codes of the closed list, in the order of the checks, each once."""
        return tuple(dict.fromkeys(check.refusal for check in self.checks if check.refusal))

    @property
    def verdict(self) -> Verdict:
        """Perhaps, when nothing fails but a person must look."""
        if self.refusals:
            return "no"
        return "perhaps" if any(check.outcome == "person" for check in self.checks) else "yes"
