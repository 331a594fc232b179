"""Facilities: add."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from accounts.rules import regions
from accounts.wording import REGION
from common.codes import new_code
from common.errors import DomainError
from providers import kinds
from providers.actions import registrations
from providers.models import Facility

MOST_LATENCY_US = 10_000_000


class InvalidFacility(DomainError):
    """A facility's kind, place or latency is impossible."""

    code = "invalid_facility"


@transaction.atomic
def add(
    *,
    by: Actor,
    kind: str,
    name: str,
    region: str,
    latency_us: int,
    spec: Mapping[str, Any],
    at: datetime,
) -> Facility:
    """Add a facility of the actor's provider; the kind's slice checks `spec`.

    `region` is a GB/T 2260 code, `latency_us` microseconds within the city. Raises InvalidFacility,
    kinds.InvalidSpec, registrations.NotRegistered.
    """
    by.require(Permission.PROVIDER_MANAGE)
    provider = registrations.own(by=by)
    place = _check(kind, region, latency_us)
    facility = Facility.objects.create(
        code=new_code("FA"),
        provider=provider,
        kind=kind,
        name=name,
        region=place,
        latency_us=latency_us,
        spec=kinds.get(kind).parse(spec).plain(),
        created_at=at,
    )
    trail.record(by=by, at=at, verb="facility.added", subject=facility, data={"kind": kind})
    return facility


def _check(kind: str, region: str, latency_us: int) -> str:
    """The place as six digits; InvalidFacility with every fault."""
    errors: dict[str, Promise] = {}
    place = ""
    if kind not in kinds.KINDS:
        errors["kind"] = _("Choose one of the kinds of facility.")
    try:
        place = regions.normalize(region)
    except regions.InvalidRegion as error:
        errors["region"] = REGION[error.reason]
    if not 0 <= latency_us <= MOST_LATENCY_US:
        errors["latency_us"] = _("Enter a latency between 0 and 10 seconds.")
    if errors:
        raise InvalidFacility(
            _("The facility cannot be added as entered. Correct the fields named."), errors=errors
        )
    return place
