"""Scenarios: load those that ship with the product; state a coefficient anew."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import OrganizationKind
from accounts.permissions import Permission
from common.errors import DomainError, Forbidden
from marketplace.catalog.models import CoefficientChange, Scenario
from marketplace.catalog.rules import scenarios as rules

MOST_UNITS = 10**15
"""Base units for one unit of volume: more is a typing error."""

LONGEST = {"reason": 200, "reason_en": 300}


class InvalidCoefficient(DomainError):
    """A figure that cannot be meant, or a reason missing in a language; `errors` names the field."""

    code = "invalid_coefficient"


@transaction.atomic
def restate(
    *,
    by: Actor,
    scenario: Scenario,
    meter: str,
    units: int,
    reason: str,
    reason_en: str,
    at: datetime,
) -> Scenario:
    """State anew how many base units of a meter one unit of volume takes, with the reason.

    It holds for matches from now on; what is ordered stays as it was. The former figure is kept as a
    fact; the same figure and reason again are no change. Locks the scenario. Raises Forbidden,
    InvalidCoefficient.
    """
    by.require(Permission.SCHEME_MANAGE)
    if not by.is_kind(OrganizationKind.BUREAU):
        raise Forbidden(_("Only a bureau can state coefficients."))
    locked = Scenario.objects.select_for_update().get(pk=scenario.pk)
    words = {"reason": reason.strip(), "reason_en": reason_en.strip()}
    _check(locked, meter, units, words)
    before, known = locked.coefficients[meter], locked.assumptions.get(meter)
    stated = {"zh": words["reason"], "en": words["reason_en"]}
    if (before, known) == (units, stated):
        return locked
    locked.coefficients = {**locked.coefficients, meter: units}
    locked.assumptions = {**locked.assumptions, meter: stated}
    locked.save(update_fields=["coefficients", "assumptions"])
    CoefficientChange.objects.create(
        scenario=locked, meter=meter, before=before, after=units, **words, stated_at=at,
        stated_by=by.user, stated_for=by.own(),
    )  # fmt: skip
    return locked


def _check(scenario: Scenario, meter: str, units: int, words: dict[str, str]) -> None:
    errors: dict[str, str | Promise] = {}
    if meter not in scenario.coefficients:
        errors["meter"] = _("Choose one of the meters of this scenario.")
    if isinstance(units, bool) or not isinstance(units, int) or not 1 <= units <= MOST_UNITS:
        errors["units"] = _("Enter a whole number of base units above zero.")
    for name, text in words.items():
        if not text or len(text) > LONGEST[name]:
            errors[name] = _("Give the reason in both languages, in a sentence.")
    if errors:
        raise InvalidCoefficient(_("Correct the fields named. Nothing was changed."), errors=errors)


@transaction.atomic
def load() -> list[Scenario]:
    """Bring the shipped scenarios into the database: new ones added, changed ones updated.

    Nothing is removed, because needs and bundles point at scenarios; coefficients that were stated
    anew stay. Running it again changes nothing. An installation step without an actor: the data are
    part of the product.
    """
    loaded = []
    for data in rules.shipped():
        scenario, _created = Scenario.objects.update_or_create(
            slug=data.slug, defaults=_kept(data.slug, _fields(data))
        )
        loaded.append(scenario)
    return loaded


def _kept(slug: str, fields: dict[str, Any]) -> dict[str, Any]:
    """The shipped fields with the latest figure and reason of each meter that was stated anew."""
    rows = CoefficientChange.objects.filter(scenario__slug=slug).order_by("pk")
    latest = {row.meter: row for row in rows if row.meter in fields["coefficients"]}
    for meter, row in latest.items():
        fields["coefficients"][meter] = row.after
        fields["assumptions"][meter] = {"zh": row.reason, "en": row.reason_en}
    return fields


def _fields(data: rules.ScenarioData) -> dict[str, Any]:
    return {
        "name": data.name.chinese,
        "name_en": data.name.english,
        "summary": data.summary.chinese,
        "summary_en": data.summary.english,
        "stage": data.stage,
        "sections": data.sections,
        "volume_unit": data.volume_unit.chinese,
        "volume_unit_en": data.volume_unit.english,
        "coefficients": {meter: one.units for meter, one in data.coefficients.items()},
        "assumptions": {
            meter: {"zh": one.reasoning.chinese, "en": one.reasoning.english}
            for meter, one in data.coefficients.items()
        },
        "coefficients_source": rules.SOURCE.chinese,
        "coefficients_source_en": rules.SOURCE.english,
    }
