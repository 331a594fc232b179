"""Deposits in the compute bank: propose, approve, refuse, withdraw, expire; and what is left."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, Sum
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.models import Organization, OrganizationKind
from accounts.permissions import Permission
from common import states
from common.codes import new_code
from common.errors import Conflict, DomainError, Forbidden
from common.periods import add_months, local_day, month_start
from providers import wording
from providers.actions import idle_windows
from providers.models import (
    BankDeposit,
    BankEntry,
    Capacity,
    DepositStatus,
    EntryKind,
    FacilityKind,
    Layer,
    Meter,
    Offering,
    Rate,
)

TRANSITIONS: states.Transitions = {
    DepositStatus.PROPOSED: frozenset(
        {DepositStatus.APPROVED, DepositStatus.REFUSED, DepositStatus.WITHDRAWN}
    ),
}
MONTHS_KEPT = 12
"""A credit can be drawn until twelve months after its month began have passed."""
MOST_SECONDS = 2**53


class InvalidHours(DomainError):
    """Not a whole, positive number of card-seconds, or a month that is over."""

    code = "bank_hours_invalid"


class NotAnEnterprise(Forbidden):
    """The bank is for enterprises."""

    code = "bank_for_enterprises"


class NotAnExchange(Conflict):
    """The offering is no free compute on idle machines."""

    code = "bank_offering_unfit"


class ReferenceDiffers(Conflict):
    """The reference stands for another deposit or draw."""

    code = "bank_reference_reused"


class AboveIdleHours(Conflict):
    """The windows of the month do not hold that much any more."""

    code = "bank_above_idle_hours"


class OwnDeposit(Forbidden):
    """Who deposits does not approve."""

    code = "bank_own_deposit"


@dataclass(frozen=True, slots=True)
class Balance:
    """An enterprise's card-seconds: deposited = left + drawn + expired; `waiting` is not approved yet."""

    deposited: int = 0
    left: int = 0
    drawn: int = 0
    expired: int = 0
    waiting: int = 0


def balance(*, enterprise: Organization, at: datetime) -> Balance:
    """What the enterprise has; lots past their last day count as expired. Two queries."""
    today = local_day(at)
    approved = Q(status=DepositStatus.APPROVED)
    rest = F("card_seconds") - F("spent_seconds")
    found: dict[str, Any] = BankDeposit.objects.filter(enterprise=enterprise).aggregate(
        deposited=Sum("card_seconds", filter=approved, default=0),
        spent=Sum("spent_seconds", filter=approved, default=0),
        lapsed=Sum(rest, filter=approved & Q(expires_on__lt=today), default=0),
        waiting=Sum("card_seconds", filter=Q(status=DepositStatus.PROPOSED), default=0),
    )
    entries = BankEntry.objects.filter(credit__enterprise=enterprise, kind=EntryKind.EXPIRE)
    written: dict[str, Any] = entries.aggregate(expired=Sum("card_seconds", default=0))
    expired = written["expired"] + found["lapsed"]
    drawn = found["spent"] - written["expired"]
    return Balance(
        deposited=found["deposited"],
        left=found["deposited"] - drawn - expired,
        drawn=drawn,
        expired=expired,
        waiting=found["waiting"],
    )


def exchanges(*, at: datetime) -> Any:
    """Offerings that take deposits: listed compute on idle machines, free of charge today."""
    free = Rate.objects.in_force_on(local_day(at)).filter(meter=Meter.CARD_SECONDS, price_yuan=0)
    return Offering.objects.listed().filter(
        layer=Layer.COMPUTE, facility__kind=FacilityKind.IDLE_CAPACITY, rates__in=free
    )


@transaction.atomic
def propose(
    *, by: Actor, offering: Offering, month: date, card_seconds: int, reference: str, at: datetime
) -> BankDeposit:
    """Offer idle hours of a month to the bank; they count once the keeper of the machines approves.

    The same reference and content answers with the deposit that is there. Raises InvalidHours,
    NotAnEnterprise, NotAnExchange, ReferenceDiffers.
    """
    enterprise = require_enterprise(by)
    first = check_hours(card_seconds, month, at)
    values = {"offering": offering, "month": first, "card_seconds": card_seconds}
    made, is_new = BankDeposit.objects.get_or_create(
        enterprise=enterprise,
        reference=reference,
        defaults={
            **values,
            "code": new_code("BD"),
            "expires_on": add_months(first, MONTHS_KEPT) - timedelta(days=1),
            "proposed_at": at,
            "proposed_by": by.user,
        },
    )
    if not is_new:
        require_same(made, values)
        return made
    if not exchanges(at=at).filter(pk=offering.pk).exists():
        raise NotAnExchange(_("This offering takes no deposits. Choose one of those listed."))
    data = {"card_seconds": card_seconds, "month": first.isoformat()}
    trail.record(by=by, at=at, verb="bank.deposit_proposed", subject=made, data=data)
    return made


@transaction.atomic
def approve(*, by: Actor, deposit: BankDeposit, at: datetime) -> BankDeposit:
    """Vouch for the hours: the enterprise may draw as many, and others may take these.

    Locks the facility, then the deposit. All deposits of a month, and what other offerings of the
    facility have declared, stay within its windows. Raises OwnDeposit, AboveIdleHours,
    InvalidHours, WrongState.
    """
    locked = _lock_kept(by, deposit)
    if by.user.is_same_person(locked.proposed_by):
        raise OwnDeposit(_("You proposed this deposit yourself. A colleague has to approve it."))
    states.require(locked, to=DepositStatus.APPROVED, transitions=TRANSITIONS)
    check_hours(locked.card_seconds, locked.month, at)
    assert locked.offering.facility is not None  # noqa: S101  # exchanges stand on idle machines
    room = _room(locked)
    if locked.card_seconds > room:
        raise AboveIdleHours(
            _("The windows of %(month)s have %(left)s left. Open more windows or refuse.")
            % {
                "month": f"{locked.month:%Y-%m}",
                "left": wording.quantity_text(max(room, 0), Meter.CARD_SECONDS),
            }
        )
    _decide(by, locked, DepositStatus.APPROVED, "", at)
    BankEntry.objects.create(
        kind=EntryKind.DEPOSIT, credit=locked, card_seconds=locked.card_seconds, at=at
    )
    return locked


@transaction.atomic
def refuse(*, by: Actor, deposit: BankDeposit, remark: str, at: datetime) -> BankDeposit:
    """Say why the hours are not taken. Raises InvalidHours without a reason, WrongState."""
    if not remark.strip():
        message = _("Write why the deposit is not taken.")
        raise InvalidHours(message, errors={"remark": message})
    return _decide(by, _lock_kept(by, deposit), DepositStatus.REFUSED, remark.strip(), at)


@transaction.atomic
def withdraw(*, by: Actor, deposit: BankDeposit, at: datetime) -> BankDeposit:
    """Take a proposal back before it is decided; what is approved stays. Raises WrongState."""
    enterprise = require_enterprise(by)
    rows = BankDeposit.objects.select_for_update(of=("self",), no_key=True)
    locked = rows.get(pk=deposit.pk)
    if locked.enterprise_id != enterprise.pk:
        raise Forbidden(_("This deposit belongs to another enterprise."))
    return _decide(by, locked, DepositStatus.WITHDRAWN, "", at)


def expire(*, at: datetime, limit: int = 500) -> int:
    """Write off what was not drawn in time; returns how many deposits. Again changes nothing.

    One transaction; locks the deposits in primary-key order.
    """
    with transaction.atomic():
        due = BankDeposit.objects.select_for_update(no_key=True).filter(
            status=DepositStatus.APPROVED,
            expires_on__lt=local_day(at),
            spent_seconds__lt=F("card_seconds"),
        )
        lots = list(due.order_by("pk")[:limit])
        BankEntry.objects.bulk_create(
            BankEntry(kind=EntryKind.EXPIRE, credit=lot, card_seconds=lot.left_seconds, at=at)
            for lot in lots
        )
        BankDeposit.objects.filter(pk__in=[lot.pk for lot in lots]).update(
            spent_seconds=F("card_seconds")
        )
        trail.record_each(by=None, at=at, verb="bank.deposit_expired", subjects=lots)
    return len(lots)


def require_enterprise(by: Actor) -> Organization:
    """The actor's enterprise, for which it may act."""
    by.require(Permission.ORDER_PLACE)
    if not by.is_kind(OrganizationKind.ENTERPRISE):
        raise NotAnEnterprise(_("The compute bank is for enterprises."))
    return by.own()


def check_hours(card_seconds: int, month: date, at: datetime) -> date:
    """The month's first day; InvalidHours with every fault."""
    errors = {}
    if isinstance(card_seconds, bool) or not 0 < card_seconds <= MOST_SECONDS:
        errors["card_seconds"] = _("Enter card time above zero.")
    first = month_start(month)
    if first < month_start(local_day(at)):
        errors["month"] = _("This month is over. Choose the present month or a later one.")
    if errors:
        raise InvalidHours(" ".join(str(each) for each in errors.values()), errors=errors)
    return first


def require_same(known: Any, values: dict[str, Any]) -> None:
    """Raise ReferenceDiffers unless the row says the same."""
    if any(getattr(known, name) != value for name, value in values.items()):
        raise ReferenceDiffers(
            _("This reference was used for something else. Nothing was changed. Start again.")
        )


def _lock_kept(by: Actor, deposit: BankDeposit) -> BankDeposit:
    """Lock a deposit on the actor's own idle machines, the facility before it."""
    by.require(Permission.PROVIDER_MANAGE)
    facility = deposit.offering.facility
    assert facility is not None  # noqa: S101  # exchanges stand on idle machines
    idle_windows.lock_own(by=by, facility=facility)
    rows = BankDeposit.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("offering__facility", "proposed_by").get(pk=deposit.pk)


def _room(deposit: BankDeposit) -> int:
    """Card-seconds of the windows that neither deposits nor declared capacity promise."""
    facility = deposit.offering.facility
    assert facility is not None  # noqa: S101  # exchanges stand on idle machines
    declared = Capacity.objects.filter(
        offering__facility=facility, meter=Meter.CARD_SECONDS, month=deposit.month
    )
    sold: dict[str, Any] = declared.aggregate(total=Sum("total_units", default=0))
    return idle_windows.left_seconds(facility=facility, month=deposit.month) - int(sold["total"])


def _decide(
    by: Actor, deposit: BankDeposit, to: DepositStatus, remark: str, at: datetime
) -> BankDeposit:
    states.move(
        deposit,
        to=to,
        transitions=TRANSITIONS,
        decided_at=at,
        decided_by=by.user,
        remark=remark,
    )
    trail.record(by=by, at=at, verb=f"bank.deposit_{to.value}", subject=deposit)
    return deposit
