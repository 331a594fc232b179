"""Months: held open while usage comes in, closed when they have ended."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Q, Sum
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common import states
from common.errors import Conflict, DomainError
from common.periods import local_day, month_start, next_month
from common.statements import plain_cursor
from vouchers.billing.actions import bills
from vouchers.billing.actions.charging import dues, rating
from vouchers.billing.actions.charging.prices import PriceBook
from vouchers.billing.models import Bill, BillStatus, ClosedPeriod, UnbilledUsage
from vouchers.billing.rules.transitions import BILL_TRANSITIONS

LOCK_CLASS = int.from_bytes(hashlib.sha256(b"vouchers.billing.periods").digest()[:3])
ALL = 2**31 - 1
HOLD_OPEN = "SELECT vouchers_hold_months(%s, %s::int[], %s::date[], %s::date[])"


class PeriodNotOver(DomainError):
    """The month still runs, so more usage may come."""

    code = "period_not_over"


class PeriodUnrated(Conflict):
    """Usage of the month could not be rated."""

    code = "period_unrated"


@dataclass(frozen=True, slots=True)
class Preview:
    """What closing a month would close; `waiting` days of usage are rated first."""

    month: date
    bills: int
    total_fen: int
    voucher_fen: int
    own_fen: int
    receivable_fen: int
    waiting: int
    is_over: bool
    closed: ClosedPeriod | None


@dataclass(frozen=True, slots=True)
class Month:
    """A month with bills: how many are open, wait for the enterprise, are confirmed or disputed."""

    month: date
    total_fen: int
    open: int
    waiting: int
    confirmed: int
    disputed: int
    is_over: bool
    closed_at: datetime | None

    @property
    def can_close(self) -> bool:
        """Over and not closed yet."""
        return self.is_over and self.closed_at is None


def overview(*, by: Actor, at: datetime) -> list[Month]:
    """Every month with usage or bills, newest first. Three queries."""
    by.require(Permission.PERIOD_CLOSE)
    closed = dict(ClosedPeriod.objects.values_list("month", "closed_at"))
    counted = {
        name: Count("pk", filter=Q(status=status))
        for name, status in (
            ("open", BillStatus.OPEN),
            ("waiting", BillStatus.CLOSED),
            ("confirmed", BillStatus.CONFIRMED),
            ("disputed", BillStatus.DISPUTED),
        )
    }
    rows = Bill.objects.values("month").annotate(total_fen=Sum("total_fen"), **counted)
    found: dict[date, dict[str, Any]] = {row["month"]: dict(row) for row in rows.order_by()}
    unbilled = UnbilledUsage.objects.values_list("month", flat=True).distinct()
    months = {*unbilled, *closed, *found}
    return [
        Month(
            month=month,
            **{name: found.get(month, {}).get(name, 0) for name in ("total_fen", *counted)},
            is_over=_is_over(month, at),
            closed_at=closed.get(month),
        )
        for month in sorted(months, reverse=True)
    ]


def hold_open(months: Sequence[date], *, used: Collection[date] = ()) -> frozenset[date]:
    """Keep the months from being closed until the transaction ends.

    Return those that are closed already. A shared advisory lock for each month, in order; closing
    takes the same lock alone. Months of `used` get their partition of usage events.
    """
    if not months:
        return frozenset()
    ordered = sorted(months)
    numbers = [_number(month) for month in ordered]
    with plain_cursor() as cursor:
        row = cursor.execute(HOLD_OPEN, [LOCK_CLASS, numbers, ordered, sorted(used)]).fetchone()
    return frozenset(row[0]) if row else frozenset()


def preview(*, by: Actor, month: date, at: datetime) -> Preview:
    """Sum up the open bills of a month. Two queries."""
    by.require(Permission.PERIOD_CLOSE)
    first = month_start(month)
    sums = Bill.objects.filter(month=first).aggregate(
        bills=Count("pk", filter=Q(status=BillStatus.OPEN)),
        **{
            name: Sum(name, default=0)
            for name in ("total_fen", "voucher_fen", "own_fen", "receivable_fen")
        },
    )
    return Preview(
        month=first,
        **sums,
        waiting=UnbilledUsage.objects.filter(month=first).aggregate(
            n=Count("subscription", distinct=True)
        )["n"],
        is_over=_is_over(first, at),
        closed=ClosedPeriod.objects.filter(month=first).first(),
    )


def close(*, by: Actor, month: date, at: datetime) -> ClosedPeriod:
    """Close all open bills of a month that has ended; its usage is rated first.

    Most rating happens before the month is locked; the rest behind the lock, so that no event slips
    between. What adjustments left over begins the next open month's bills, which are rated anew.
    Closing again returns the same period. Raises PeriodNotOver, and PeriodUnrated when a
    bill cannot be rated.
    """
    by.require(Permission.PERIOD_CLOSE)
    first = month_start(month)
    if not _is_over(first, at):
        raise PeriodNotOver(
            _("%(month)s has not ended yet. Close it when the next month has begun.")
            % {"month": f"{first:%Y-%m}"}
        )
    rating.tick(at=at, month=first, limit=ALL)
    return _close(by, first, at)


@transaction.atomic
def _close(by: Actor, month: date, at: datetime) -> ClosedPeriod:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_CLASS, _number(month)])
    done = ClosedPeriod.objects.filter(month=month).first()
    if done is not None:
        return done
    book = PriceBook()
    _rate_the_rest(month, book, at)
    open_bills = Bill.objects.filter(month=month, status=BillStatus.OPEN)
    locked = list(
        open_bills.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True)
    )
    closed = states.move_each(
        Bill.objects.filter(pk__in=locked),
        seen=BillStatus.OPEN,
        to=BillStatus.CLOSED,
        transitions=BILL_TRANSITIONS,
        closed_at=at,
        closed_by=by.user,
    )
    bills.set_answer_days(month=month, at=at)
    period = ClosedPeriod.objects.create(month=month, closed_at=at, closed_by=by.user)
    _carry_credits(month, book, at)
    trail.record(by=by, at=at, verb="period.closed", subject=period, data={"bills": closed})
    return period


def _rate_the_rest(month: date, book: PriceBook, at: datetime) -> None:
    found = dues.of_shards(dues.shards(month), month=month, limit=ALL)
    refused = rating.rate_each(found=found, book=book, at=at)
    for due in found:
        if due.key in refused:
            raise PeriodUnrated(
                _("Usage of subscription %(code)s cannot be rated. Mend its prices first.")
                % {"code": due.code}
            ) from refused[due.key]


def _carry_credits(month: date, book: PriceBook, at: datetime) -> None:
    """What adjustments left over on the month's bills begins the first open month after it."""
    left = Bill.objects.filter(month=month, credit_out_fen__gt=0)
    credits_fen = dict(left.values_list("subscription_id", "credit_out_fen"))
    if not credits_fen:
        return
    later = next_month(month)
    done = set(ClosedPeriod.objects.filter(month__gt=month).values_list("month", flat=True))
    while later in done:
        later = next_month(later)
    carried = {(subscription, later): fen for subscription, fen in credits_fen.items()}
    rating.carry(credits_fen=carried, book=book, at=at)


def _is_over(first: date, at: datetime) -> bool:
    return first < month_start(local_day(at))


def _number(month: date) -> int:
    return month.year * 100 + month.month
