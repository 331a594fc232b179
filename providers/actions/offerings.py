"""Offerings: create, publish, retire."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common import states
from common.codes import new_code
from common.errors import DomainError, Forbidden
from common.periods import local_day
from providers import kinds
from providers.actions import registrations
from providers.models import (
    Facility,
    Figure,
    FigureName,
    Layer,
    ListingVersion,
    Offering,
    OfferingStatus,
    ProviderStatus,
)

TRANSITIONS: states.Transitions = {
    OfferingStatus.DRAFT: frozenset({OfferingStatus.LISTED}),
    OfferingStatus.LISTED: frozenset({OfferingStatus.RETIRED}),
}
PHYSICAL = frozenset({Layer.COMPUTE, Layer.STORAGE, Layer.NETWORK})
"""Layers that stand somewhere: their offerings name a facility."""


class FacilityMissing(DomainError):
    """Compute, storage and network come from a place."""

    code = "facility_missing"


class FacilityUnfit(DomainError):
    """The facility is somebody else's, or its kind does not serve the layer."""

    code = "facility_unfit"


class OfferingWithoutPrice(DomainError):
    """Nobody can buy what has no price."""

    code = "offering_without_price"


class ProviderNotVerified(DomainError):
    """Only a verified provider's offerings are shown."""

    code = "provider_not_verified"


@transaction.atomic
def create(
    *,
    by: Actor,
    facility: Facility | None,
    layer: str,
    name: str,
    summary: str = "",
    model_name: str = "",
    has_domestic_chip: bool = False,
    at: datetime,
) -> Offering:
    """Draft an offering; prices and capacity come next. Raises FacilityMissing, FacilityUnfit."""
    by.require(Permission.PROVIDER_MANAGE)
    provider = registrations.own(by=by)
    if facility is None and layer in PHYSICAL:
        _refuse_facility(FacilityMissing, _("Choose the facility that delivers this layer."))
    if facility is not None:
        if facility.provider_id != provider.pk:
            _refuse_facility(FacilityUnfit, _("Choose one of your own facilities."))
        if layer not in kinds.get(facility.kind).layers:
            message = _("A facility of this kind does not serve this layer. Choose another one.")
            _refuse_facility(FacilityUnfit, message)
    offering = Offering.objects.create(
        code=new_code("OF"),
        provider=provider,
        facility=facility,
        layer=layer,
        name=name,
        summary=summary,
        model_name=model_name,
        has_domestic_chip=has_domestic_chip,
    )
    if facility is not None:  # its latency never changes, so this is its only version
        Figure.objects.create(
            code=new_code("FG"),
            offering=offering,
            name=FigureName.LATENCY,
            number=1,
            value=facility.latency_us,
            stated_at=at,
            stated_by=by.user,
        )
    trail.record(by=by, at=at, verb="offering.created", subject=offering, data={"layer": layer})
    return offering


@transaction.atomic
def publish(*, by: Actor, offering: Offering, at: datetime) -> Offering:
    """List an offering that has a price today, of a verified provider.

    Raises ProviderNotVerified, OfferingWithoutPrice, WrongState. Locks the offering.
    """
    by.require(Permission.PROVIDER_MANAGE)
    locked = lock_own(by=by, offering=offering)
    if locked.provider.status != ProviderStatus.VERIFIED:
        raise ProviderNotVerified(
            _("The bureau has not verified your registration yet. You can list it after that.")
        )
    if not locked.rates.in_force_on(local_day(at)).exists():
        raise OfferingWithoutPrice(_("Set a price that is in force today, then list the offering."))
    states.move(
        locked,
        to=OfferingStatus.LISTED,
        transitions=TRANSITIONS,
        listed_at=at,
        listed_by=by.user,
    )
    keep_version(by=by, offering=locked, at=at)
    trail.record(by=by, at=at, verb="offering.listed", subject=locked)
    return locked


def keep_version(*, by: Actor, offering: Offering, at: datetime) -> ListingVersion:
    """Write down what a locked offering says from now on."""
    last = offering.versions.order_by("-number").values_list("number", flat=True).first()
    return ListingVersion.objects.create(
        offering=offering,
        number=(last or 0) + 1,
        name=offering.name,
        summary=offering.summary,
        model_name=offering.model_name,
        has_domestic_chip=offering.has_domestic_chip,
        published_at=at,
        published_by=by.user,
    )


@transaction.atomic
def retire(*, by: Actor, offering: Offering, at: datetime) -> Offering:
    """Take an offering off the shelf; running subscriptions go on. Raises WrongState."""
    by.require(Permission.PROVIDER_MANAGE)
    locked = lock_own(by=by, offering=offering)
    states.move(locked, to=OfferingStatus.RETIRED, transitions=TRANSITIONS)
    trail.record(by=by, at=at, verb="offering.retired", subject=locked)
    return locked


def lock_own(*, by: Actor, offering: Offering) -> Offering:
    """Lock an offering of the actor's own provider until the transaction ends; Forbidden else."""
    own = Offering.objects.select_for_update(of=("self",), no_key=True).owned_by(by)
    locked = own.select_related("provider", "facility").filter(pk=offering.pk).first()
    if locked is None:
        raise Forbidden(_("This offering belongs to another provider. Choose one of your own."))
    return locked


def _refuse_facility(error: type[DomainError], message: object) -> None:
    text = str(message)
    raise error(text, errors={"facility": text})
