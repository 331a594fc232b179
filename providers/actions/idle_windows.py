"""Windows of idle machines: open, withdraw, and how much they hold of a month."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common.codes import new_code
from common.errors import Conflict, DomainError, Forbidden
from common.periods import month_start, next_month, start_of_day
from providers import kinds
from providers.models import BankDeposit, DepositStatus, Facility, FacilityKind, IdleWindow
from providers.rules import windows
from providers.rules.windows import Span

SECONDS_PER_HOUR = 3600
MARGIN = timedelta(minutes=10)
"""More than a meter's clock may be ahead: no usage is taken in a window that can be withdrawn."""


class NotIdleCapacity(DomainError):
    """Only machines that stand idle have windows; the others deliver at any time."""

    code = "not_idle_capacity"


class InvalidWindow(DomainError):
    """A window that ends before it begins, is over, or lies outside what the facility states."""

    code = "window_invalid"


class WindowOverlaps(Conflict):
    """A window of the facility stands there already."""

    code = "window_overlaps"


class WindowPromised(Conflict):
    """Deposits in the compute bank count on the window."""

    code = "window_promised"


class WindowBegan(Conflict):
    """What has begun may have been used."""

    code = "window_began"


@transaction.atomic
def open_daily(
    *,
    by: Actor,
    facility: Facility,
    starts_at: datetime,
    ends_at: datetime,
    days: int = 1,
    at: datetime,
) -> list[IdleWindow]:
    """Lend the facility's machines out in a window that repeats on `days` days; all or none.

    The windows lie within the days and the idle hours a day that the facility states. Locks the
    facility. Raises NotIdleCapacity, InvalidWindow, WindowOverlaps.
    """
    by.require(Permission.PROVIDER_MANAGE)
    locked = lock_own(by=by, facility=facility)
    if not (starts_at < ends_at and at < ends_at and 1 <= days <= windows.MOST_DAYS):
        message = _("A window ends after it begins, and is not over yet.")
        raise InvalidWindow(message, errors={"ends_at": message})
    spans = windows.repeated(starts_at, ends_at, days)
    _require_stated(locked, spans)
    rows = [
        IdleWindow(
            code=new_code("IW"),
            facility=locked,
            span=DateTimeTZRange(span.starts, span.ends),
            opened_at=at,
            opened_by=by.user,
        )
        for span in spans
    ]
    try:
        with transaction.atomic():
            made = IdleWindow.objects.bulk_create(rows)
    except IntegrityError as error:
        if "providers_idlewindow_no_overlap" not in str(error):
            raise
        message = _("These windows overlap each other or one that stands. Choose other hours.")
        raise WindowOverlaps(message, errors={"starts_at": message}) from error
    data = {"from": starts_at.isoformat(), "until": ends_at.isoformat(), "days": days}
    trail.record(by=by, at=at, verb="facility.windows_opened", subject=locked, data=data)
    return made


@transaction.atomic
def withdraw(*, by: Actor, window: IdleWindow, at: datetime) -> IdleWindow:
    """Take a window back before it begins; a second call changes nothing.

    Locks the facility, then the window. Raises WindowBegan, and WindowPromised where deposits in
    the compute bank count on its hours.
    """
    by.require(Permission.PROVIDER_MANAGE)
    facility = lock_own(by=by, facility=window.facility)
    locked = IdleWindow.objects.select_for_update().get(pk=window.pk)
    if locked.withdrawn_at is not None:
        return locked
    if locked.span.lower <= at + MARGIN:
        raise WindowBegan(_("This window has begun or is about to. It ends at its time."))
    locked.withdrawn_at, locked.withdrawn_by = at, by.user
    locked.save(update_fields=["withdrawn_at", "withdrawn_by"])
    days = windows.seconds_by_day(spans_of([locked]))
    for month in sorted({month_start(day) for day in days}):
        if left_seconds(facility=facility, month=month) < 0:
            raise WindowPromised(
                _("Approved deposits in the compute bank count on this window. It has to stay.")
            )
    trail.record(by=by, at=at, verb="facility.window_withdrawn", subject=facility)
    return locked


def lock_own(*, by: Actor, facility: Facility) -> Facility:
    """Lock an idle facility of the actor's provider until the transaction ends."""
    own = Facility.objects.select_for_update(of=("self",), no_key=True)
    locked = own.filter(pk=facility.pk, provider__organization=by.own()).first()
    if locked is None:
        raise Forbidden(_("This facility belongs to another provider. Choose one of your own."))
    if locked.kind != FacilityKind.IDLE_CAPACITY:
        raise NotIdleCapacity(_("Only idle capacity has windows. Other facilities always deliver."))
    return locked


def seconds_in_month(*, facility: Facility, month: date) -> int:
    """How many seconds of a month the facility's standing windows are open; one query."""
    starts, ends = start_of_day(month), start_of_day(next_month(month))
    shared = DateTimeTZRange(starts, ends)
    rows = IdleWindow.objects.standing().filter(facility=facility, span__overlap=shared)
    return sum(span.seconds_within(starts, ends) for span in spans_of(rows))


def left_seconds(*, facility: Facility, month: date) -> int:
    """Cards times the seconds of a month's standing windows, less what bank deposits promise.

    Below zero where windows were taken away. Exact only while the caller holds the facility's lock.
    """
    bound = kinds.get(facility.kind).bound_per_second(facility.spec, "card_seconds") or 0
    whole = int(bound * seconds_in_month(facility=facility, month=month))
    approved = BankDeposit.objects.filter(
        offering__facility=facility, month=month, status=DepositStatus.APPROVED
    )
    found: dict[str, Any] = approved.aggregate(total=Sum("card_seconds"))
    return whole - (found["total"] or 0)


def spans_of(rows: Iterable[IdleWindow]) -> list[Span]:
    """Windows as plain spans."""
    return [Span(row.span.lower, row.span.upper) for row in rows]


def _require_stated(facility: Facility, spans: list[Span]) -> None:
    """Windows stay within the first and last day and the idle hours a day of the facility."""
    spec = kinds.get(facility.kind).parse(facility.spec)
    assert isinstance(spec, kinds.IdleCapacity)  # noqa: S101  # the kind was looked at
    by_day = windows.seconds_by_day(spans)
    stated = [each for each in (spec.first_day, spec.last_day) if each is not None]
    if min(by_day) < min(stated) or max(by_day) > max(stated):
        message = _("The facility states idle capacity from %(first)s to %(last)s only.") % {
            "first": min(stated),
            "last": max(stated),
        }
        raise InvalidWindow(message, errors={"starts_at": message})
    whole = DateTimeTZRange(start_of_day(min(by_day)), max(span.ends for span in spans))
    standing = IdleWindow.objects.standing().filter(facility=facility, span__overlap=whole)
    for day, seconds in windows.seconds_by_day(spans_of(standing)).items():
        by_day[day] = by_day.get(day, 0) + seconds
    most = spec.hours_per_day * SECONDS_PER_HOUR
    over = min((day for day, seconds in by_day.items() if seconds > most), default=None)
    if over is not None and not _overlaps(spans, spans_of(standing)):
        message = _("On %(day)s that is more than the %(hours)s idle hours a day stated.") % {
            "day": over,
            "hours": spec.hours_per_day,
        }
        raise InvalidWindow(message, errors={"ends_at": message})


def _overlaps(new: list[Span], standing: list[Span]) -> bool:
    """Tell whether hours are stated twice: then that is what is said, not that the day is too long."""
    found = sorted([*new, *standing], key=lambda span: span.starts)
    return any(late.starts < early.ends for early, late in pairwise(found))
