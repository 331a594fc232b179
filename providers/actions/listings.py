"""Listings: change what an offering says; each published version is kept."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common.errors import DomainError
from providers.actions import offerings
from providers.models import ListingVersion, Offering, OfferingStatus

WORDS = ("name", "summary", "model_name", "has_domestic_chip")
"""What a version holds; prices and capacity have days of their own."""


class ListingClosed(DomainError):
    """A retired offering is changed no more."""

    code = "offering_retired"


class ListingWithoutName(DomainError):
    """Buyers have to call it something."""

    code = "listing_without_name"


@transaction.atomic
def revise(
    *,
    by: Actor,
    offering: Offering,
    name: str,
    summary: str,
    model_name: str,
    has_domestic_chip: bool,
    at: datetime,
) -> Offering:
    """Change a draft, or publish a new version of a listed offering; the same words change nothing.

    Prices, capacity and running subscriptions stay as they are. Locks the offering. Raises
    ListingClosed, ListingWithoutName.
    """
    by.require(Permission.PROVIDER_MANAGE)
    locked = offerings.lock_own(by=by, offering=offering)
    if locked.status == OfferingStatus.RETIRED:
        raise ListingClosed(_("This offering is retired. Create a new one to sell it again."))
    values = (name.strip(), summary.strip(), model_name.strip(), has_domestic_chip)
    if not values[0]:
        message = _("Fill in this field.")
        raise ListingWithoutName(message, errors={"name": message})
    if values == tuple(getattr(locked, field) for field in WORDS):
        return locked
    for field, value in zip(WORDS, values, strict=True):
        setattr(locked, field, value)
    locked.save(update_fields=WORDS)
    if locked.status == OfferingStatus.LISTED:
        offerings.keep_version(by=by, offering=locked, at=at)
    trail.record(by=by, at=at, verb="offering.revised", subject=locked)
    return locked


def history_of(offering: Offering) -> list[ListingVersion]:
    """The versions of an offering, the newest first."""
    return list(offering.versions.select_related("published_by").order_by("-number"))
