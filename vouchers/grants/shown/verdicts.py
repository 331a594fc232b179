"""How assessments are laid out on pages: every rule, and how the amount came about."""

from typing import Any

from django.utils.translation import gettext as _

from common.components import Reason, Verdict
from vouchers.grants import wording
from vouchers.grants.rules import saying
from vouchers.grants.rules import wording as rule_words
from vouchers.grants.rules.answers import Assessment, CapLine


def reasons(assessment: Assessment) -> list[Reason]:
    """Every rule of a live assessment."""
    return [
        Reason(
            text=f"{wording.said(check.title)}{wording.colon()}{wording.said(check.words)}",
            verdict=Verdict(check.outcome),
            detail=_("Seen: %(value)s") % {"value": wording.said(check.saw)},
            source=wording.cited(check.source, check.article),
        )
        for check in assessment.checks
    ]


def stored_reasons(record: dict[str, Any]) -> list[Reason]:
    """Every rule of the record kept with a decision, as it was said then."""
    return [
        Reason(
            text=f"{_stored(check['title'])}{wording.colon()}{_stored(check['words'])}",
            verdict=Verdict(check["outcome"]),
            detail=_("Seen: %(value)s") % {"value": _stored(check["saw"])},
            source=wording.cited(check["source"], check["article"]),
        )
        for check in record.get("checks", [])
    ]


def sum_in_words(assessment: Assessment) -> str:
    """How the amount came about: base × rate, rounding, cap."""
    if assessment.base_fen is None and not assessment.wanted_fen:
        return ""
    unit = assessment.unit
    text = _("%(base)s × %(rate)s = %(wanted)s (%(rounding)s)") % {
        "base": _amount(unit, assessment.base_fen),
        "rate": rule_words.share(assessment.rate),
        "wanted": _amount(unit, assessment.wanted_fen),
        "rounding": wording.said(rule_words.NAMES[assessment.rounding]),
    }
    cap = next((cap for cap in assessment.caps if cap.name == assessment.binding_cap), None)
    return text + _limited(cap, assessment) if cap and assessment.amount_fen else text


def _limited(cap: CapLine, assessment: Assessment) -> str:
    return _("; limited to %(amount)s by the %(cap)s") % {
        "amount": _amount(assessment.unit, assessment.amount_fen),
        "cap": wording.said(cap.title),
    }


def _amount(unit: str, value: int | None) -> str:
    return wording.said(saying.value(unit, value))


def _stored(words: dict[str, str]) -> str:
    return words["zh" if wording.is_chinese() else "en"]
