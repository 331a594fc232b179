"""What is supplied: registrations and facilities, what they sell, and who uses it."""

from providers.models.license import License, LicenseReminder, LicenseStatus
from providers.models.offering import (
    Capacity,
    Layer,
    ListingVersion,
    Meter,
    Offering,
    OfferingStatus,
    Rate,
)
from providers.models.registration import (
    Facility,
    FacilityKind,
    LicenseKind,
    Provider,
    ProviderStatus,
)
from providers.models.subscription import Reservation, Subscription, SubscriptionStatus

__all__ = [
    "Capacity",
    "Facility",
    "FacilityKind",
    "Layer",
    "License",
    "LicenseKind",
    "LicenseReminder",
    "LicenseStatus",
    "ListingVersion",
    "Meter",
    "Offering",
    "OfferingStatus",
    "Provider",
    "ProviderStatus",
    "Rate",
    "Reservation",
    "Subscription",
    "SubscriptionStatus",
]
