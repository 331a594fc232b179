"""What is supplied: registrations and facilities, what they sell, and who uses it."""

from providers.models.bank import (
    BankDeposit,
    BankDraw,
    BankEntry,
    DepositStatus,
    DrawStatus,
    EntryKind,
)
from providers.models.idle import IdleWindow
from providers.models.latency import Latency, LatencySource
from providers.models.offering import Capacity, Layer, Meter, Offering, OfferingStatus, Rate
from providers.models.pool import WHOLE_PARTS, PoolShare, PoolSplit
from providers.models.registration import Facility, FacilityKind, Provider, ProviderStatus
from providers.models.subscription import Reservation, Subscription, SubscriptionStatus

__all__ = [
    "WHOLE_PARTS",
    "BankDeposit",
    "BankDraw",
    "BankEntry",
    "Capacity",
    "DepositStatus",
    "DrawStatus",
    "EntryKind",
    "Facility",
    "FacilityKind",
    "IdleWindow",
    "Latency",
    "LatencySource",
    "Layer",
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
