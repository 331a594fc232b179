"""Spells an assessment as JSON: the record kept with a decision, exact and in both languages."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from accounts.rules import sizes
from vouchers.grants.rules import facts
from vouchers.grants.rules.answers import Assessment, CapLine, RuleCheck
from vouchers.grants.rules.provenance import Origin
from vouchers.grants.rules.schemes import SchemeRules
from vouchers.grants.rules.wording import Words


def as_json(assessment: Assessment, rules: SchemeRules) -> dict[str, Any]:
    """What was seen, said and worked out. Amounts in whole fen, shares as exact fractions."""
    return {
        "scheme": rules.id,
        "version": rules.version,
        "verdict": assessment.verdict,
        "stage": assessment.stage,
        "mode": assessment.mode,
        "unit": assessment.unit,
        "kind": assessment.kind,
        "checks": [_check(check) for check in assessment.checks],
        "base": _both(rules.base.value.words()) if rules.base else None,
        "base_origin": _origin(rules.base.origin) if rules.base else None,
        "base_fen": assessment.base_fen,
        "rate": str(assessment.rate),
        "rate_origin": _origin((rules.rate or rules.amount or rules.rounding).origin),
        "share": str(assessment.share),
        "parts": [
            {"id": part.id, "level": part.level, "exact_fen": str(part.exact_fen)}
            for part in assessment.parts
        ],
        "minimum_fen": assessment.minimum_fen,
        "wanted_fen": assessment.wanted_fen,
        "caps": [_cap(cap, assessment.binding_cap) for cap in assessment.caps],
        "binding_cap": assessment.binding_cap,
        "rounding": assessment.rounding,
        "amount_fen": assessment.amount_fen,
        "funding": [
            {"level": line.level, "amount_fen": line.amount_fen} for line in assessment.funding
        ],
        "refusals": list(assessment.refusals),
        "facts": _facts(assessment, rules),
        "size_standard": sizes.CURRENT if "size" in assessment.facts else None,
        "missing": [{"path": each.path, "words": _both(each.words)} for each in assessment.missing],
    }


def _facts(assessment: Assessment, rules: SchemeRules) -> dict[str, Any]:
    """The facts that the answer rests on, so that it can be repeated years later."""
    known = assessment.facts
    found = {
        fact.name: facts.plain(fact, known[fact.name])
        for fact in rules.facts
        if known.get(fact.name) is not None
    }
    return found | ({"day": str(known["day"])} if known.get("day") else {})


def _check(check: RuleCheck) -> dict[str, Any]:
    return {
        "rule": check.rule,
        "title": _both(check.title),
        "saw": _both(check.saw),
        "outcome": check.outcome,
        "words": _both(check.words),
        "refusal": check.refusal,
        **_origin(check.origin),
    }


def _cap(cap: CapLine, binding: str) -> dict[str, Any]:
    return {
        "name": cap.name,
        "title": _both(cap.title),
        "limit_fen": cap.limit_fen,
        "used_fen": cap.used_fen,
        "left_fen": cap.left_fen,
        "unit": cap.unit,
        "counts": cap.counts,
        "is_applied": cap.is_applied,
        "is_binding": cap.name == binding,
        **_origin(cap.origin),
    }


@lru_cache(maxsize=4096)
def _origin(origin: Origin) -> Mapping[str, Any]:
    return {
        "document": origin.document,
        "source": origin.source,
        "article": origin.article,
        "version": origin.version,
        "from": str(origin.starts) if origin.starts else None,
        "until": str(origin.ends) if origin.ends else None,
    }


def _both(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}
