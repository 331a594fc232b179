"""What is supplied: registrations and facilities, what they sell, and who uses it."""

from providers.models.bank import (
    BankDeposit,
    BankDraw,
    BankEntry,
    DepositStatus,
    DrawStatus,
    EntryKind,
)
from providers.models.figures import (
    Figure,
    FigureMeasurement,
    FigureName,
    FigureVerification,
    Mark,
)
from providers.models.idle import IdleWindow
from providers.models.latency import Latency, LatencySource
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
from providers.models.pool import WHOLE_PARTS, PoolShare, PoolSplit
from providers.models.registration import (
    Facility,
    FacilityKind,
    LicenseKind,
    Provider,
    ProviderStatus,
)
from providers.models.subscription import (
    CapacityHold,
    Reservation,
    Subscription,
    SubscriptionStatus,
)

__all__ = [
    "WHOLE_PARTS",
    "BankDeposit",
    "BankDraw",
    "BankEntry",
    "Capacity",
    "CapacityHold",
    "DepositStatus",
    "DrawStatus",
    "EntryKind",
    "Facility",
    "FacilityKind",
    "Figure",
    "FigureMeasurement",
    "FigureName",
    "FigureVerification",
    "IdleWindow",
    "Latency",
    "LatencySource",
    "Layer",
    "License",
    "LicenseKind",
    "LicenseReminder",
    "LicenseStatus",
    "ListingVersion",
    "Mark",
    "Meter",
    "Offering",
    "OfferingStatus",
    "PoolShare",
    "PoolSplit",
    "Provider",
    "ProviderStatus",
    "Rate",
    "Reservation",
    "Subscription",
    "SubscriptionStatus",
]
