"""Reads a case from JSON: facts of one applicant and the state of a scheme."""

from collections.abc import Mapping
from typing import Any

from vouchers.grants.rules import facts, quantities
from vouchers.grants.rules.assessment import Case
from vouchers.grants.rules.caps import APPLICANT, COUNTERS
from vouchers.grants.rules.reading import Reader, RulesInvalid, nearest
from vouchers.grants.rules.schemes import SchemeRules

KEYS = ("facts", "used", "budget", "budget_left", "opens_on", "closes_on", "stage", "note")


def read(rules: SchemeRules, data: Any) -> Case:
    """A case: {"facts": {…}, "used": {"cap": "yuan"}, "budget_left": "yuan", "stage": "claimed"}.

    `used` of a cap that counts is a whole number. Raises RulesInvalid naming every fault.
    """
    outer = Reader(data, KEYS)
    known = _facts(rules, outer.inner("facts", None))
    used = _used(rules, outer.inner("used", None))
    stage = outer.raw("stage") or "claimed"
    if stage not in COUNTERS:
        outer.fault("stage", "unknown_choice", ", ".join(COUNTERS))
    values: dict[str, Any] = {}
    for name, parse, field in (
        ("budget", quantities.fen, "budget_fen"),
        ("budget_left", quantities.fen, "budget_left_fen"),
        ("opens_on", facts.day, "opens_on"),
        ("closes_on", facts.day, "closes_on"),
    ):
        if name in outer:
            values[field] = _parsed(outer, name, parse, outer.raw(name))
    if "budget_left" in outer and "budget" not in outer and not rules.budget:
        values["budget_fen"] = values["budget_left_fen"]
    outer.finish()
    known.setdefault(APPLICANT, "applicant")
    return Case(facts=known, used=used, stage=str(stage), **values)


def _facts(rules: SchemeRules, read: Reader) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, raw in read.data.items():
        fact = rules.names.get(name)
        if name == APPLICANT:
            found[name] = str(raw)
        elif fact is None:
            read.fault(name, "unknown_fact", nearest(name, rules.names))
        else:
            found[name] = _parsed(read, name, lambda value, own=fact: facts.parse(own, value), raw)
    return found


def _used(rules: SchemeRules, read: Reader) -> Mapping[str, int]:
    found: dict[str, int] = {}
    names = {cap.id: cap for cap in rules.caps}
    for name, raw in read.data.items():
        cap = names.get(name)
        if cap is None and name != "budget":
            read.fault(name, "unknown_rule", nearest(name, [*names, "budget"]))
            continue
        parse = quantities.whole if cap is not None and cap.is_count else quantities.fen
        found[name] = _parsed(read, name, parse, raw) or 0
    return found


def _parsed(read: Reader, name: str, parse: Any, raw: Any) -> Any:
    try:
        return parse(raw)
    except quantities.Fault as fault:
        read.fault(name, fault.code)
        return None


__all__ = ["RulesInvalid", "read"]
