"""Gathers what is known of an applicant and a scheme and lets the rules answer."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from accounts.models import Organization
from vouchers.grants.models import Application, Scheme, Voucher
from vouchers.grants.rules import facts as typed
from vouchers.grants.rules import spelling
from vouchers.grants.rules.answers import Assessment
from vouchers.grants.rules.assessment import Case, assess
from vouchers.grants.rules.caps import APPLICANT, Cap
from vouchers.grants.rules.quantities import Fault
from vouchers.grants.rules.schemes import SchemeRules, from_json
from vouchers.ledger.actions import accounts, caps
from vouchers.ledger.kinds import AccountKind

as_json = spelling.as_json


def of_application(*, application: Application, day: date) -> Assessment:
    """The answer for an application as things stand: profile of today, caps and budget of this moment.

    The window is held against the day on which the application was submitted.
    """
    scheme, rules = application.scheme, from_json(application.scheme.rules)
    known = known_of(application, rules, day)
    return assess(rules, case_of(scheme, known, used=used_of(scheme, rules, known)))


def known_of(application: Application, rules: SchemeRules, day: date) -> dict[str, Any]:
    """Facts of an application: the answers of its form, the profile of its enterprise, what the system knows."""
    firm = application.enterprise
    given = answers_of(rules, getattr(application, "answers", None) or {})
    known: dict[str, Any] = {
        **given,
        **profile_of(firm),
        APPLICANT: firm.code,
        "kind": given.get("kind") or application.kind,
        "planned_spend": application.planned_spend_fen,
        "day": day,
    }
    if any(fact.name == "funded_years_in_a_row" for fact in rules.facts):
        known["funded_years_in_a_row"] = _years_in_a_row(application, day)
    return known


def profile_of(firm: Organization) -> dict[str, Any]:
    """Facts that the profile of an enterprise holds; what it does not say is not known."""
    return {"size": firm.size, "section": firm.section or None, "region": firm.region or None}


def answers_of(rules: SchemeRules, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Answers of a form as facts; one that cannot be read counts as not known, so that a person looks at it."""
    found = {}
    for fact in rules.facts:
        if fact.asked in {"applicant", "officer"} and fact.name in answers:
            try:
                found[fact.name] = typed.parse(fact, answers[fact.name])
            except Fault:
                found[fact.name] = None
    return found


def case_of(
    scheme: Scheme,
    known: Mapping[str, Any],
    *,
    used: Mapping[str, int] | None = None,
    budget_left_fen: int | None = None,
) -> Case:
    """What is known joined with the scheme's own state."""
    if budget_left_fen is None:
        budget_left_fen = accounts.available_fen(kind=AccountKind.SCHEME_BUDGET, key=scheme.code)
    return Case(
        facts=known,
        used=used or {},
        opens_on=scheme.opens_on,
        closes_on=scheme.closes_on,
        kinds=tuple(scheme.voucher_kinds),
        budget_fen=scheme.budget_fen,
        budget_left_fen=budget_left_fen,
        source=scheme.source,
    )


def used_of(scheme: Scheme, rules: SchemeRules, known: Mapping[str, Any]) -> dict[str, int]:
    """What is gone of each cap of the scheme for this applicant."""
    keys = {cap.id: key for cap in rules.caps if (key := key_of(scheme, cap, known))}
    gone = caps.used(keys=list(keys.values())) if keys else {}
    return {name: gone[key] for name, key in keys.items()}


def key_of(scheme: Scheme, cap: Cap, known: Mapping[str, Any]) -> str | None:
    """Key of the ledger account that keeps a cap; None for one that is kept by nothing or whose key is not known."""
    if not cap.is_kept:
        return None
    return cap.key(known, scheme=scheme.slug, office=str(scheme.bureau_id))


def recorded_facts(rules: SchemeRules, record: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a recorded decision, as far as these rules know them by the same type."""
    found: dict[str, Any] = {}
    for name, raw in record.items():
        fact = rules.names.get(name)
        if fact is not None:
            try:
                found[name] = typed.parse(fact, raw)
            except Fault:
                continue
    return found


def recorded(record: Mapping[str, Any]) -> dict[str, Any]:
    """What a recorded decision worked out, as facts that its caps may ask."""
    return {
        "base": record.get("base_fen"),
        "rate": Fraction(record.get("rate", "0")),
        "wanted": record.get("wanted_fen"),
    }


def _years_in_a_row(application: Application, day: date) -> int:
    """In how many years before this one, without a gap, the applicant was funded by this scheme."""
    issued = Voucher.objects.filter(
        scheme__slug=application.scheme.slug, enterprise=application.enterprise
    ).values_list("issued_at__year", flat=True)
    years, count = set(issued), 0
    while day.year - count - 1 in years:
        count += 1
    return count
