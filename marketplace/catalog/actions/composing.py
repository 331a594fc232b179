"""Composing: a provider states the terms on which the platform may put an offering into bundles."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common.errors import DomainError, Forbidden
from common.money import MAX_FEN
from marketplace.catalog.actions.bundles import LONGEST_DAYS
from marketplace.catalog.models import Compatibility, ComposingTerms, OperatedBy, Scenario
from marketplace.catalog.rules import chains
from providers.actions import registrations
from providers.models import Layer, Offering


class InvalidTerms(DomainError):
    """A figure of the terms cannot be meant; `errors` names the field."""

    code = "invalid_composing_terms"


class Circular(DomainError):
    """A statement names the offering itself, its layer or one above."""

    code = "circular"


class LayersUnrelated(DomainError):
    """A statement names a layer that the offering never meets in a chain."""

    code = "layers_unrelated"


@transaction.atomic
def state(
    *,
    by: Actor,
    offering: Offering,
    scenarios: Sequence[Scenario],
    works_with: Sequence[Offering],
    start_cost_fen: int,
    notice_days: int,
    days_to_first_use: int,
    operated_by: str,
    at: datetime,
) -> ComposingTerms:
    """State or replace the terms of an own offering, and what it works with below it.

    Of a layer of which it names nothing, it works with everything. Locks the offering. Running
    orders stay as they were placed. Raises Forbidden, InvalidTerms, Circular,
    LayersUnrelated.
    """
    by.require(Permission.BUNDLE_PUBLISH)
    provider = registrations.own(by=by)
    locked = Offering.objects.select_for_update(no_key=True).get(pk=offering.pk)
    if locked.provider_id != provider.pk:
        raise Forbidden(_("This offering belongs to another provider. Choose one of your own."))
    _check(locked, scenarios, start_cost_fen, notice_days, days_to_first_use, operated_by)
    for lower in works_with:
        _check_pair(locked, lower)
    terms, _created = ComposingTerms.objects.update_or_create(
        offering=locked,
        defaults={
            "start_cost_fen": start_cost_fen,
            "notice_days": notice_days,
            "days_to_first_use": days_to_first_use,
            "operated_by": operated_by,
            "stated_at": at,
            "stated_by": by.user,
        },
    )
    terms.scenarios.set(scenarios)
    Compatibility.objects.filter(upper=locked).exclude(lower__in=works_with).delete()
    Compatibility.objects.bulk_create(
        (Compatibility(upper=locked, lower=lower) for lower in works_with), ignore_conflicts=True
    )
    data = {
        "scenarios": sorted(scenario.slug for scenario in scenarios),
        "works_with": sorted(lower.code for lower in works_with),
        "start_cost_fen": start_cost_fen,
        "notice_days": notice_days,
        "days_to_first_use": days_to_first_use,
        "operated_by": operated_by,
    }
    trail.record(by=by, at=at, verb="offering.composing_stated", subject=locked, data=data)
    return terms


def _check_pair(upper: Offering, lower: Offering) -> None:
    fault = chains.fault_between(upper.layer, lower.layer)
    name = {"offering": lower.name}
    if fault == "circular":
        raise Circular(
            _(
                "%(offering)s stands on the same layer or above."
                " State what lies below this offering."
            )
            % name
        )
    if fault == "layers_unrelated":
        raise LayersUnrelated(
            _(
                "This offering never meets %(offering)s in a chain."
                " Choose one of the layer right below."
            )
            % name
        )


def _check(
    offering: Offering,
    scenarios: Sequence[Scenario],
    start_cost_fen: int,
    notice_days: int,
    days_to_first_use: int,
    operated_by: str,
) -> None:
    errors: dict[str, str | Promise] = {}
    if offering.layer == Layer.APPLICATION and not scenarios:
        errors["scenarios"] = _("Choose at least one scenario.")
    if not 0 <= start_cost_fen <= MAX_FEN:
        errors["start_cost_fen"] = _("Enter an amount that is not below zero.")
    for field, days in (("notice_days", notice_days), ("days_to_first_use", days_to_first_use)):
        if not 0 <= days <= LONGEST_DAYS:
            errors[field] = _("Enter a number of days between 0 and 365.")
    if operated_by not in OperatedBy.values:
        errors["operated_by"] = _("Choose who operates it.")
    if errors:
        raise InvalidTerms(
            _("Please check the fields named below. Nothing was saved."), errors=errors
        )
