"""Dull supply: verified providers with priced, listed offerings."""

import itertools
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from accounts.models import Organization, OrganizationKind
from common.codes import new_code
from providers.models import (
    Capacity,
    Facility,
    FacilityKind,
    Layer,
    Meter,
    Offering,
    OfferingStatus,
    Provider,
    ProviderStatus,
    Rate,
    Subscription,
)
from tests.factories import accounts
from tests.factories.accounts import NOW

_numbers = itertools.count(1)


def provider(organization: Organization | None = None, **values: Any) -> Provider:
    """A verified provider."""
    owner = organization or accounts.organization(
        OrganizationKind.PROVIDER, name="庆阳云算科技有限公司"
    )
    checker = accounts.user()
    defaults: dict[str, Any] = {
        "code": new_code("PV"),
        "organization": owner,
        "status": ProviderStatus.VERIFIED,
        "contact": "王五 0934-0000000",
        "license_number": "B1-20260001",
        "license_expires_on": date(2030, 12, 31),
        "submitted_at": NOW,
        "submitted_by": checker,
        "decided_at": NOW,
        "decided_by": checker,
    }
    return Provider.objects.create(**{**defaults, **values})


def facility(owner: Provider | None = None, **values: Any) -> Facility:
    """An edge data center with eight cards."""
    defaults: dict[str, Any] = {
        "code": new_code("FA"),
        "provider": owner or provider(),
        "kind": FacilityKind.EDGE_DATA_CENTER,
        "name": f"西峰边缘数据中心{next(_numbers)}",
        "region": "621002",
        "latency_us": 3000,
        "spec": {"cards": 8},
        "created_at": NOW,
    }
    return Facility.objects.create(**{**defaults, **values})


def idle_facility(owner: Provider | None = None, **values: Any) -> Facility:
    """Four cards that stand idle for twelve hours a day in the last quarter of 2026."""
    spec = {
        "cards": 4,
        "hours_per_day": 12,
        "first_day": "2026-10-01",
        "last_day": "2026-12-31",
    }
    return facility(owner, **{"kind": FacilityKind.IDLE_CAPACITY, "spec": spec, **values})


def offering(owner: Provider | None = None, **values: Any) -> Offering:
    """A listed token service without rates; add them with `rate`."""
    supplier = owner or provider()
    defaults: dict[str, Any] = {
        "code": new_code("OF"),
        "provider": supplier,
        "layer": Layer.PLATFORM,
        "name": f"大模型推理服务{next(_numbers)}",
        "status": OfferingStatus.LISTED,
        "listed_at": NOW,
        "listed_by": supplier.submitted_by,
    }
    return Offering.objects.create(**{**defaults, **values})


def rate(
    offered: Offering,
    meter: str = Meter.INPUT_TOKENS,
    price_yuan: str = "2.00",
    per_units: int = 1_000_000,
    **values: Any,
) -> Rate:
    """A price in force since 2023."""
    defaults: dict[str, Any] = {
        "offering": offered,
        "meter": meter,
        "price_yuan": Decimal(price_yuan),
        "per_units": per_units,
        "effective": DateRange(date(2023, 1, 1), None),
        "created_at": NOW,
        "created_by": offered.listed_by,
    }
    return Rate.objects.create(**{**defaults, **values})


def token_offering(owner: Provider | None = None, **values: Any) -> Offering:
    """A listed token service: input 2.00 and output 8.00 yuan per million tokens."""
    offered = offering(owner, **values)
    rate(offered, Meter.INPUT_TOKENS, "2.00")
    rate(offered, Meter.OUTPUT_TOKENS, "8.00")
    return offered


def capacity(offered: Offering, **values: Any) -> Capacity:
    """A thousand million input tokens in October 2026."""
    defaults: dict[str, Any] = {
        "offering": offered,
        "meter": Meter.INPUT_TOKENS,
        "month": date(2026, 10, 1),
        "total_units": 1_000_000_000,
    }
    return Capacity.objects.create(**{**defaults, **values})


def subscription(
    enterprise: Organization | None = None, offered: Offering | None = None, **values: Any
) -> Subscription:
    """A running subscription since November 2023."""
    defaults: dict[str, Any] = {
        "code": new_code("SB"),
        "enterprise": enterprise or accounts.organization(),
        "offering": offered or token_offering(),
        "reference": new_code("OD"),
        "starts_at": NOW.replace(year=2023, month=11, day=1),
    }
    return Subscription.objects.create(**{**defaults, **values})
