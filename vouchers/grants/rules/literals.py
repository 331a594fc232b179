"""Values written down in a scheme, by the type that their place asks for."""

from collections.abc import Callable, Mapping
from typing import Any

from vouchers.grants.rules import facts, quantities, saying
from vouchers.grants.rules.facts import Fact
from vouchers.grants.rules.quantities import Fault
from vouchers.grants.rules.scope import Expression, Missing, Scope, unreadable
from vouchers.grants.rules.wording import Words

_READERS: Mapping[str, Callable[[Any], Any]] = {
    "money": quantities.fen,
    "card_hours": quantities.fen,
    "integer": quantities.whole,
    "number": quantities.number,
    "share": quantities.share,
    "date": facts.day,
    "flag": facts.flag,
    "choice": quantities.text,
    "text": quantities.text,
    "choices": quantities.texts,
    "texts": quantities.texts,
    "region": lambda raw: facts.region(str(raw) if isinstance(raw, int) else raw),
}
TYPED = {
    "yuan": "money", "card_hours": "card_hours", "share": "share", "number": "number", "count": "integer",
    "date": "date", "text": "choice", "flag": "flag",
}  # fmt: skip
"""Words that say the type of a value where its place does not: {yuan: "5000"}."""


def literal(scope: Scope, path: str, raw: Any, kind: str, fact: Fact | None = None) -> Expression:
    """A value of a known type."""
    if fact is not None and kind in {"choice", "choices"} and fact.choices:
        parse: Callable[[Any], Any] = lambda given: facts.parse(fact, given)  # noqa: E731
    else:
        parse = _READERS[kind]
    value = scope.read(path, parse, raw)
    if value is None:
        return unreadable(kind)
    return constant(kind, value, fact)


def constant(kind: str, value: Any, fact: Fact | None = None) -> Expression:
    """An expression that always answers the same."""
    return Expression(kind, lambda _known: value, lambda: saying.value(kind, value, fact))


def guessed(scope: Scope, path: str, raw: Any) -> Expression:
    """A value in a place without a type: a share when it ends in %, a number, a day, yes or no, else a text."""
    if isinstance(raw, bool):
        return constant("flag", raw)
    for kind in ("share",) if str(raw).endswith("%") else ("number", "date", "choice"):
        try:
            return constant(kind, _READERS[kind](raw))
        except Fault:
            continue
    scope.fault(path, "not_a_value")
    return unreadable("number")


def unknown(scope: Scope, path: str, raw: Any, kind: str) -> Expression:
    """A figure that the source does not give: {unknown: "what is missing"}."""
    words = both(scope, path, raw)
    scope.missing.append(Missing(path, words))
    return Expression(kind, lambda _known: None, lambda: words)


def both(scope: Scope, path: str, raw: Any) -> Words:
    """A sentence in both languages, or one text for both."""
    if isinstance(raw, str) and raw.strip():
        return Words(raw.strip(), raw.strip())
    if isinstance(raw, dict) and raw.keys() == {"zh", "en"}:
        zh = scope.read(f"{path}/zh", quantities.text, raw["zh"])
        en = scope.read(f"{path}/en", quantities.text, raw["en"])
        return Words((zh or "").strip(), (en or "").strip())
    scope.fault(path, "not_words", '{zh: "…", en: "…"}')
    return Words("", "")
