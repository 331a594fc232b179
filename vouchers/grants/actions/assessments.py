"""Gathers what is known of an applicant and a scheme and lets the rules answer."""

from datetime import date
from typing import Any

from accounts.models import Organization
from vouchers.grants.models import Application, Scheme
from vouchers.grants.rules.assessment import Assessment, Facts, assess
from vouchers.grants.rules.schemes import SchemeRules, from_json
from vouchers.grants.rules.wording import Words
from vouchers.ledger.actions import accounts
from vouchers.ledger.kinds import AccountKind


def cap_key(scheme: Scheme, enterprise: Organization, year: int) -> str:
    """Key of the ledger account that holds what one firm may still get of one scheme in one year."""
    return f"{scheme.code}/{enterprise.code}/{year}"


def firm_year_left_fen(*, scheme: Scheme, enterprise: Organization, year: int) -> int | None:
    """What the yearly cap still allows in fen; None when nothing of it was used yet."""
    account = accounts.find(kind=AccountKind.CAP, key=cap_key(scheme, enterprise, year))
    return account.available_fen if account else None


def of_application(*, application: Application, day: date) -> Assessment:
    """The answer for an application as things stand: profile of today, caps and budget of this moment.

    The window is held against the day on which the application was submitted.
    """
    scheme, firm = application.scheme, application.enterprise
    return assess(
        from_json(scheme.rules),
        facts_of(
            scheme,
            kind=application.kind,
            planned_spend_fen=application.planned_spend_fen,
            day=day,
            size=firm.size,
            section=firm.section,
            region=firm.region,
            firm_year_left_fen=firm_year_left_fen(scheme=scheme, enterprise=firm, year=day.year),
        ),
    )


def facts_of(scheme: Scheme, *, budget_left_fen: int | None = None, **known: Any) -> Facts:
    """Facts about a scheme joined with what is known of the applicant."""
    if budget_left_fen is None:
        budget_left_fen = accounts.available_fen(kind=AccountKind.SCHEME_BUDGET, key=scheme.code)
    return Facts(
        opens_on=scheme.opens_on,
        closes_on=scheme.closes_on,
        kinds=tuple(scheme.voucher_kinds),
        budget_fen=scheme.budget_fen,
        budget_left_fen=budget_left_fen,
        source=scheme.source,
        **known,
    )


def as_json(assessment: Assessment, rules: SchemeRules) -> dict[str, Any]:
    """The record kept with a decision: what was seen, said and worked out, exact and in both languages."""

    def both(words: Words) -> dict[str, str]:
        return {"zh": words.zh, "en": words.en}

    return {
        "checks": [
            {
                "rule": check.rule,
                "saw": both(check.saw),
                "outcome": check.outcome,
                "words": both(check.words),
                "source": check.source,
                "article": check.article,
                "refusal": check.refusal,
            }
            for check in assessment.checks
        ],
        "base": rules.base.value,
        "base_fen": assessment.base_fen,
        "rate": str(assessment.rate),
        "share": str(assessment.share),
        "minimum_fen": assessment.minimum_fen,
        "wanted_fen": assessment.wanted_fen,
        "caps": [
            {"name": cap.name, "limit_fen": cap.limit_fen, "left_fen": cap.left_fen}
            for cap in assessment.caps
        ],
        "binding_cap": assessment.binding_cap,
        "rounding": assessment.rounding,
        "amount_fen": assessment.amount_fen,
        "refusals": list(assessment.refusals),
    }
