"""What is supplied: registrations and facilities, what they sell, and who uses it."""

from providers.models.offering import Capacity, Layer, Meter, Offering, OfferingStatus, Rate
from providers.models.registration import Facility, FacilityKind, Provider, ProviderStatus
from providers.models.subscription import Reservation, Subscription, SubscriptionStatus

__all__ = [
    "Capacity",
    "Facility",
    "FacilityKind",
    "Layer",
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
