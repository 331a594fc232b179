"""Needs: state what a firm wants each month."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.models import Organization, OrganizationKind
from accounts.permissions import Permission
from accounts.rules import regions
from common.codes import new_code
from common.errors import DomainError, Forbidden
from common.money import MAX_FEN
from marketplace.catalog.models import Scenario
from marketplace.matching.actions import matches
from marketplace.matching.models import Need
from marketplace.matching.rules import readiness as rules

MAX_VOLUME = 10**9
"""A thousand million pictures, documents or hours a month: more is a typing error."""

MAX_LATENCY_US = 60_000_000
NOTHING_SAID: Mapping[str, str] = MappingProxyType({})


class InvalidNeed(DomainError):
    """A need with a value that cannot be meant; `errors` names the field."""

    code = "invalid_need"


@transaction.atomic
def state(
    *,
    by: Actor,
    scenario: Scenario,
    monthly_volume: int,
    monthly_budget_fen: int,
    region: str,
    latency_us: int | None,
    needs_domestic_chip: bool,
    at: datetime,
    readiness: Mapping[str, str] = NOTHING_SAID,
) -> Need:
    """State a need and match it at once.

    Volume in the scenario's own unit, budget in fen for the own share of a month, region a GB/T
    2260 code or empty, latency in microseconds or None; `readiness` as in its rules. Locks the
    enterprise: stating the same again before it is ordered answers with the need that is there,
    matched anew. Raises InvalidNeed.
    """
    by.require(Permission.NEED_MANAGE)
    enterprise = _enterprise(by)
    _check(monthly_volume, monthly_budget_fen, region, latency_us)
    wanted = {
        "enterprise": Organization.objects.select_for_update(no_key=True).get(pk=enterprise.pk),
        "scenario": scenario,
        "monthly_volume": monthly_volume,
        "monthly_budget_fen": monthly_budget_fen,
        "region": region,
        "latency_us": latency_us,
        "needs_domestic_chip": needs_domestic_chip,
        "readiness": _said(readiness),
    }
    need = Need.objects.open().filter(**wanted).order_by("pk").first()
    if need is None:
        need = Need.objects.create(code=new_code("ND"), created_at=at, created_by=by.user, **wanted)
        trail.record(by=by, at=at, verb="need.stated", subject=need)
    matches.compute(by=by, need=need, at=at)
    return need


def _said(answers: Mapping[str, str]) -> dict[str, str]:
    try:
        return rules.checked(answers)
    except rules.BadAnswer as error:
        raise InvalidNeed(_("Choose one of the answers offered, or none.")) from error


def _enterprise(by: Actor) -> Organization:
    if not by.is_kind(OrganizationKind.ENTERPRISE):
        raise Forbidden(_("Only an enterprise can state a need."))
    return by.own()


def _check(volume: int, budget_fen: int, region: str, latency_us: int | None) -> None:
    errors: dict[str, str | Promise] = {}
    if not _whole(volume, MAX_VOLUME):
        errors["monthly_volume"] = _("Enter a whole number from 1 to 1,000,000,000.")
    if not _whole(budget_fen, MAX_FEN):
        errors["monthly_budget"] = _("Enter a monthly budget above zero.")
    if region and not _is_place(region):
        errors["region"] = _("Choose a region of the list, or anywhere.")
    if latency_us is not None and not _whole(latency_us, MAX_LATENCY_US):
        errors["latency"] = _("Choose a latency above zero and of at most one minute, or any.")
    if errors:
        raise InvalidNeed(
            _("Please check the fields named below. Nothing was saved."), errors=errors
        )


def _whole(value: object, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most


def _is_place(region: str) -> bool:
    try:
        return regions.normalize(region) == region
    except regions.InvalidRegion:
        return False
