"""A compute bank with idle machines of two keepers and firms that deposit and draw."""

import itertools
from datetime import UTC, date, datetime, timedelta

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.access import Actor
from accounts.models import Organization, Role
from common.codes import new_code
from providers.actions import bank_deposits
from providers.models import BankDeposit, IdleWindow, Meter, Offering
from tests.factories import accounts, providers
from tests.factories.accounts import NOW

NOVEMBER = date(2026, 11, 1)
HOUR = 3600
_numbers = itertools.count(1)


def exchange() -> Offering:
    """Free compute on four idle cards, lent out for the first ten nights of November: 480 card-hours."""
    facility = providers.idle_facility()
    made = providers.offering(facility.provider, facility=facility, layer="compute")
    providers.rate(made, Meter.CARD_SECONDS, "0", HOUR)
    first = datetime(2026, 11, 1, 12, tzinfo=UTC)
    IdleWindow.objects.bulk_create(
        IdleWindow(
            code=new_code("IW"),
            facility=facility,
            span=DateTimeTZRange(first + timedelta(days=n), first + timedelta(days=n, hours=12)),
            opened_at=NOW,
            opened_by=made.listed_by,
        )
        for n in range(10)
    )
    return made


def keeper(offering: Offering) -> Actor:
    """Who runs the machines."""
    return accounts.member(offering.provider.organization, Role.OPERATOR)


def propose(
    firm: Actor, offering: Offering, seconds: int, month: date = NOVEMBER, at: datetime = NOW
) -> BankDeposit:
    """A proposed deposit."""
    return bank_deposits.propose(
        by=firm,
        offering=offering,
        month=month,
        card_seconds=seconds,
        reference=f"deposit {next(_numbers)}",
        at=at,
    )


def deposit(
    firm: Actor, offering: Offering, seconds: int, month: date = NOVEMBER, at: datetime = NOW
) -> BankDeposit:
    """An approved deposit."""
    made = propose(firm, offering, seconds, month, at)
    return bank_deposits.approve(by=keeper(offering), deposit=made, at=at)


def firm(organization: Organization | None = None) -> Actor:
    """Who may deposit and draw."""
    return accounts.signatory(organization)
