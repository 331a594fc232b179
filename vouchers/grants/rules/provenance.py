"""Where each value of a scheme is written: document, article, version, effective dates."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from vouchers.grants.rules import facts, quantities
from vouchers.grants.rules.reading import Reader, nearest
from vouchers.grants.rules.scope import Scope

Value = TypeVar("Value")

DOCUMENT_KEYS = (
    "title", "number", "issuer", "version", "from", "until", "url", "confidence", "note",
)  # fmt: skip
ORIGIN_KEYS = ("source", "article", "from", "until", "note")
CONFIDENCE = ("high", "medium", "low")


@dataclass(frozen=True, slots=True)
class Document:
    """One document that a scheme rests on."""

    id: str
    title: str
    number: str
    issuer: str
    version: str
    starts: date | None
    ends: date | None
    url: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Origin:
    """The place of one value; `starts` and `ends` are the days on which its document, or the value itself, is in force.

    `limits_days` tells that the value states days of its own: outside them it does not apply.
    """

    document: str
    source: str
    article: str
    version: str
    starts: date | None = None
    ends: date | None = None
    limits_days: bool = False

    def is_in_force(self, day: date | None) -> bool:
        """Tell whether the value applies on a day; without a day it does."""
        if not self.limits_days or day is None:
            return True
        return (self.starts is None or self.starts <= day) and (
            self.ends is None or day <= self.ends
        )


@dataclass(frozen=True, slots=True)
class Sourced(Generic[Value]):
    """A rule's value and where it is written."""

    value: Value
    origin: Origin

    @property
    def source(self) -> str:
        """Title of the document."""
        return self.origin.source

    @property
    def article(self) -> str:
        """Article in the document."""
        return self.origin.article


NOWHERE = Origin("", "", "", "")


def documents(read: Reader, scope: Scope) -> dict[str, Document]:
    """The documents of a scheme, by their short names."""
    table = read.raw("documents")
    if not isinstance(table, dict) or not table:
        read.fault("documents", "no_documents", "documents: {notice: {title: …, version: …}}")
        return {}
    outer = read.inner("documents", None)
    return {str(name): _document(str(name), outer.inner(name, DOCUMENT_KEYS), scope) for name in table}  # fmt: skip


def _document(name: str, read: Reader, scope: Scope) -> Document:
    for key in ("title", "version"):
        if key not in read:
            read.fault(key, "missing")
    if read.raw("confidence") not in {None, *CONFIDENCE}:
        read.fault("confidence", "unknown_choice", ", ".join(CONFIDENCE))
    texts = {key: str(read.raw(key) or "") for key in DOCUMENT_KEYS}
    return Document(
        id=name,
        title=texts["title"],
        number=texts["number"],
        issuer=texts["issuer"],
        version=texts["version"],
        starts=_day(read, scope, "from"),
        ends=_day(read, scope, "until"),
        url=texts["url"],
        confidence=texts["confidence"],
    )


def origin(read: Reader, scope: Scope, known: Mapping[str, Document]) -> Origin:
    """Where the value at this level is written; missing parts are faults."""
    name, article = read.raw("source"), read.raw("article")
    found = known.get(name) if isinstance(name, str) else None
    if name is None:
        read.fault("source", "missing")
    elif found is None:
        read.fault("source", "unknown_document", nearest(str(name), known))
    if not isinstance(article, str) or not article.strip():
        read.fault("article", "missing")
    if found is None:
        return NOWHERE
    title = f"{found.title}（{found.number}）" if found.number else found.title
    starts, ends = _day(read, scope, "from"), _day(read, scope, "until")
    return Origin(
        document=found.id,
        source=title,
        article=str(article),
        version=found.version,
        starts=starts or found.starts,
        ends=ends or found.ends,
        limits_days=starts is not None or ends is not None,
    )


def _day(read: Reader, scope: Scope, key: str) -> date | None:
    if key not in read:
        return None
    found: date | None = scope.read(read.at(key), facts.day, read.raw(key))
    return found


def sourced(
    read: Reader,
    scope: Scope,
    known: Mapping[str, Document],
    name: str,
    parse: Callable[[Scope, str, Any], Any],
    extra: tuple[str, ...] = (),
) -> Any:
    """One value with its origin: {value, source, article}; None when absent or faulty (the fault is noted)."""
    if name not in read:
        return None
    inner = read.inner(name, ("value", *ORIGIN_KEYS, *extra))
    place = origin(inner, scope, known)
    value = parse(scope, inner.at("value"), inner.raw("value"))
    return None if value is None else Sourced(value, place)


def plain(parse: Callable[[Any], Any]) -> Callable[[Scope, str, Any], Any]:
    """A parser of a value that is no expression."""
    return lambda scope, path, raw: scope.read(path, parse, raw)


def choice(known: tuple[str, ...]) -> Callable[[Scope, str, Any], Any]:
    """A parser of one of several names."""

    def parse(scope: Scope, path: str, raw: Any) -> str | None:
        if raw not in known:
            scope.fault(path, "unknown_choice", nearest(str(raw), known))
            return None
        return str(raw)

    return parse


def bounded(low: int, high: int) -> Callable[[Scope, str, Any], Any]:
    """A parser of a whole number between two bounds."""

    def parse(raw: Any) -> int:
        value = quantities.whole(raw)
        if not low <= value <= high:
            raise quantities.Fault("out_of_range")
        return value

    return plain(parse)
