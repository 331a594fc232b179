"""What a scheme declares for itself: facts of its own and kinds of vouchers."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from vouchers.grants.rules import facts as typed
from vouchers.grants.rules import literals, provenance
from vouchers.grants.rules.caps import APPLICANT, TIMES
from vouchers.grants.rules.facts import Asked, Fact, FactType
from vouchers.grants.rules.parts import Documents, Rule
from vouchers.grants.rules.provenance import Sourced
from vouchers.grants.rules.reading import Reader, RulesFault, nearest
from vouchers.grants.rules.registry import FACTS
from vouchers.grants.rules.scope import Scope
from vouchers.grants.rules.wording import NAMES, Words

VOUCHER_KINDS = ("compute", "storage", "network")
KIND_NAMES = (
    *VOUCHER_KINDS, "model", "token", "data", "dataset", "corpus", "application", "scenario", "labelling", "opc",
)  # fmt: skip
_FACT_KEYS = ("type", "title", "help", "asked", "choices", "fields")
_FIELD_KEYS = ("type", "title", "choices")
_NO_FIELDS = frozenset({"records"})
WORKED_OUT = (
    ("base", "base", Words("计算基数", "Base")),
    ("wanted", "base", Words("按比例算出的额度", "Amount worked out")),
    ("rate", "share", Words("比例", "Rate")),
)
"""Values that rules may hold as well as facts: they are worked out before the rules are held."""


def facts(read: Reader, unit: str) -> Mapping[str, Fact]:
    """Facts of the registry, those that the scheme declares, and what is worked out."""
    found = dict(FACTS)
    for name, kind, title in WORKED_OUT:
        found[name] = Fact(
            name, cast("FactType", unit) if kind == "base" else "share", title, asked="system"
        )
    scope = Scope({}, read.faults, [], values=_refuse, conditions=_refuse)
    own = read.raw("facts")
    if own is None:
        return found
    outer = read.inner("facts", None)
    for name in outer.data:
        inner = outer.inner(name, _FACT_KEYS)
        narrows = name in FACTS and FACTS[name].type == "text" and inner.raw("type") == "choice"
        if (name in FACTS and not narrows) or name in {APPLICANT, *TIMES, "lifetime", "scheme"}:
            outer.fault(name, "fact_exists")
        elif not name.replace("_", "").isalnum() or not name.isascii():
            outer.fault(name, "not_a_name")
        else:
            found[name] = _fact(name, inner, scope, with_fields=True)
    return found


def _fact(name: str, read: Reader, scope: Scope, *, with_fields: bool) -> Fact:
    kind = read.raw("type")
    allowed = (
        typed.TYPES if with_fields else tuple(each for each in typed.TYPES if each != "records")
    )
    if kind not in allowed:
        read.fault("type", "unknown_choice", nearest(str(kind), allowed))
        kind = "text"
    asked = read.raw("asked") or "applicant"
    if asked not in typed.ASKED:
        read.fault("asked", "unknown_choice", ", ".join(typed.ASKED))
    if "title" not in read:
        read.fault("title", "missing")
    choices: tuple[tuple[str, Words], ...] = ()
    if "choices" in read:
        rows = read.inner("choices", None)
        choices = tuple(
            (str(key), literals.both(scope, rows.at(key), each)) for key, each in rows.data.items()
        )
    columns: tuple[Fact, ...] = ()
    if with_fields and kind == "records":
        rows = read.inner("fields", None)
        if not rows.data:
            read.fault("fields", "missing")
        columns = tuple(
            _fact(key, rows.inner(key, _FIELD_KEYS), scope, with_fields=False) for key in rows.data
        )
    return Fact(
        name=name,
        type=kind,
        title=literals.both(scope, read.at("title"), read.raw("title") or name),
        help=literals.both(scope, read.at("help"), read.raw("help"))
        if "help" in read
        else typed.NOTHING,
        asked=cast("Asked", asked),
        choices=choices,
        fields=columns,
    )


def kinds(read: Reader, scope: Scope, known: Documents) -> Sourced[tuple[str, ...]] | None:
    """Kinds of vouchers; one that the product does not know needs a title."""
    if "kinds" not in read:
        return None
    inner = read.inner("kinds", ("value", "titles", *provenance.ORIGIN_KEYS))
    place = provenance.origin(inner, scope, known)
    rows, titles = inner.raw("value"), inner.raw("titles") or {}
    if not isinstance(rows, list) or not rows or not all(isinstance(row, str) for row in rows):
        inner.fault("value", "not_a_list")
        return None
    for index, name in enumerate(rows):
        if name not in KIND_NAMES and name not in titles:
            inner.fault(f"value/{index}", "needs_title", nearest(name, KIND_NAMES))
    named = {name: literals.both(scope, inner.at(f"titles/{name}"), each) for name, each in titles.items()}  # fmt: skip
    # the fact `kind` speaks the scheme's own names from here on
    known_kind = FACTS["kind"]
    choices = tuple(
        (name, named.get(name) or NAMES.get(name) or Words(name, name)) for name in rows
    )
    own = set(rows) <= set(VOUCHER_KINDS)
    table = dict(scope.facts)
    table["kind"] = Fact(
        "kind", "choice", known_kind.title, choices=choices, column="kind" if own else ""
    )
    scope.facts = table
    return Sourced(tuple(rows), place)


def voucher_kinds(names: Iterable[str]) -> tuple[str, ...]:
    """The kinds of vouchers that pay for a scheme's kinds: all that runs on compute is paid by compute vouchers."""
    found = {name if name in VOUCHER_KINDS else "compute" for name in names}
    return tuple(name for name in VOUCHER_KINDS if name in found)


def needed(scope: Scope, rules: tuple[Rule, ...], values: Mapping[str, Any]) -> tuple[Fact, ...]:
    """The facts that anything in the scheme asks, applicants' questions in the order in which they are asked."""
    names: list[str] = ["kind"]
    for name in (
        "base",
        "rate",
        "amount",
        "ceiling",
        "deduct",
        "share_out",
        "minimum",
        "mode",
        "share",
    ):
        if values[name]:
            names += values[name].value.facts
    for part in values["parts"]:
        for each in (part.base, part.rate, part.limit, part.only_if):
            names += each.facts if each else ()
    for rule in rules:
        names += (*(rule.only_if.facts if rule.only_if else ()), *rule.must.facts)
    for cap in values["caps"]:
        names += (*cap.limit.facts, *(cap.only_if.facts if cap.only_if else ()))
        names += [key for key in cap.per if key in scope.facts]
    worked_out = {name for name, _kind, _title in WORKED_OUT}
    asked = [name for name in dict.fromkeys(names) if name not in worked_out]
    return tuple(scope.facts[name] for name in asked if name in scope.facts)


def _refuse(*_args: Any) -> Any:
    raise AssertionError("declarations hold no expressions")


__all__ = ["RulesFault"]
