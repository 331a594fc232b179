"""Rates dirty rollups into bills: each in its own transaction, safe to repeat."""

import hashlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

import structlog
from django.db import DatabaseError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models.functions import Mod

from common.codes import new_code
from common.errors import DomainError
from common.periods import month_start, next_month
from providers.models import Rate, Subscription
from vouchers.billing.actions import payments
from vouchers.billing.models import Bill, BillLine, BillStatus, UsageRollup
from vouchers.billing.rules import rating as rules
from vouchers.ledger.actions import accounts
from vouchers.ledger.kinds import AccountKind

SHARDS = 8
"""Workers that may rate at the same time; a subscription always belongs to one shard."""
LIMIT = 2_000
"""Bills in one tick; the rest is found by the next."""
LOCK_CLASS = int.from_bytes(hashlib.sha256(b"vouchers.billing.rating").digest()[:3])

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Tally:
    """What a tick did: bills rated, outstanding ones paid, and those that failed and stay due."""

    rated: int = 0
    settled: int = 0
    failed: int = 0


def tick(*, at: datetime, month: date | None = None, limit: int = LIMIT) -> Tally:
    """Rate every dirty subscription and month (or those of `month`), then pay outstanding bills.

    Each shard is worked by one worker at a time (advisory lock); a shard that is taken is left to
    its worker. Each bill has its own transaction: one that fails is logged, stays dirty and does
    not stop the others.
    """
    tally = Tally()
    for shard in sorted({pair[0] % SHARDS for pair in _dirty(month, limit)}):
        with _sole_worker(shard) as session:
            for subscription, due in _due(month, limit, shard) if session else ():
                _try_rate(subscription, due, at, tally)
                if connection.connection is not session:
                    break  # the lock went with its session; the next tick goes on
    for bill in _payable(limit):
        _try_settle(bill, at, tally)
    return tally


@transaction.atomic
def rate(*, subscription: Subscription, month: date, at: datetime) -> Bill:
    """Rate one bill's cumulative quantities, book the difference, split it over the payers.

    Locks the bill, then its rollups, then the payers' accounts, then (to stop it) the subscription.
    Running it again without new usage changes nothing. A closed bill is returned as it is. Raises
    Unpriced and BillShrank.
    """
    bill = _locked_bill(subscription, month_start(month))
    if bill.status != BillStatus.OPEN:
        return bill
    rollups = list(
        UsageRollup.objects.filter(subscription=subscription)
        .in_month(bill.month)
        .select_for_update(no_key=True)
        .order_by("meter", "day")
    )
    usage = [
        rules.DayUsage(rollup.meter, rollup.day, rollup.context_from, rollup.quantity)
        for rollup in rollups
    ]
    rates = rates_of(bill.subscription.offering_id, bill.month, next_month(bill.month))
    lines = rules.rate_usage(usage, rates)
    total_fen = sum(line.amount_fen for line in lines)
    if total_fen != bill.total_fen:
        meters = sorted({rate.meter for rate in rates})
        payments.pay(bill=bill, total_fen=total_fen, meters=meters, at=at)
    _write_lines(bill, lines)
    dirty = [rollup.pk for rollup in rollups if rollup.is_dirty]
    UsageRollup.objects.filter(pk__in=dirty).update(is_dirty=False)
    if bill.receivable_fen:
        payments.stop(subscription=bill.subscription, at=at)
    return bill


def rates_of(offering_id: int, first: date, end: date) -> list[rules.RateInForce]:
    """Prices of an offering that hold on some day from `first` up to but without `end`."""
    return rates_of_each([offering_id], first, end)[offering_id]


def rates_of_each(
    offering_ids: Collection[int], first: date, end: date
) -> dict[int, list[rules.RateInForce]]:
    """The same for several offerings, in one query."""
    found: dict[int, list[rules.RateInForce]] = {pk: [] for pk in offering_ids}
    for rate in Rate.objects.filter(
        offering__in=offering_ids, effective__overlap=DateRange(first, end)
    ):
        found[rate.offering_id].append(
            rules.RateInForce(
                key=rate.pk,
                meter=rate.meter,
                price_yuan=rate.price_yuan,
                per_units=rate.per_units,
                context_from=rate.context_from,
                volume_from=rate.volume_from,
                minimum_fen=rate.minimum_fen,
                starts=rate.effective.lower,
                ends=rate.effective.upper,
            )
        )
    return found


def _try_rate(subscription: Subscription, month: date, at: datetime, tally: Tally) -> None:
    try:
        rate(subscription=subscription, month=month, at=at)
    except (DomainError, ValueError, DatabaseError):
        # One bill that cannot be rated must not stop the others; it stays dirty and is tried again.
        log.exception("bill.rating_failed", subscription=subscription.code, month=month.isoformat())
        tally.failed += 1
    else:
        tally.rated += 1


def _try_settle(bill: Bill, at: datetime, tally: Tally) -> None:
    try:
        tally.settled += payments.settle_outstanding(bill=bill, at=at) > 0
    except (DomainError, DatabaseError):
        log.exception("bill.settling_failed", bill=bill.code)
        tally.failed += 1


def _due(month: date | None, limit: int, shard: int) -> list[tuple[Subscription, date]]:
    """The shard's dirty pairs with all that rating reads of the contract. Two queries."""
    pairs = _dirty(month, limit, shard)
    found = Subscription.objects.select_related(
        "enterprise", "offering__facility", "offering__provider__organization"
    ).in_bulk([pk for pk, _ in pairs])
    return [(found[pk], due) for pk, due in pairs]


def _dirty(month: date | None, limit: int, shard: int | None = None) -> list[tuple[int, date]]:
    rows = UsageRollup.objects.filter(is_dirty=True)
    if month is not None:
        rows = rows.in_month(month)
    if shard is not None:
        rows = rows.annotate(shard=Mod("subscription_id", SHARDS)).filter(shard=shard)
    pairs = (
        rows.values_list("subscription_id", "month").distinct().order_by("month", "subscription_id")
    )
    return list(pairs[:limit])


def _payable(limit: int) -> list[Bill]:
    """Bills with something outstanding whose enterprise has money again, oldest first."""
    owing = Bill.objects.filter(receivable_fen__gt=0).select_related("enterprise")
    bills = list(owing.order_by("month", "pk")[:limit])
    means = accounts.balances_fen(
        kind=AccountKind.ENTERPRISE_FUNDS, keys=sorted({bill.enterprise.code for bill in bills})
    )
    return [bill for bill in bills if means[bill.enterprise.code] > 0]


@contextmanager
def _sole_worker(shard: int) -> Iterator[object | None]:
    """Hold the shard's advisory lock and give the session that holds it.

    None when another worker does.
    """
    session = connection.connection if _answers("pg_try_advisory_lock", shard) else None
    try:
        yield session
    finally:
        if session is not None and connection.connection is session:
            _answers("pg_advisory_unlock", shard)


def _answers(function: str, shard: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [LOCK_CLASS, shard])
        row = cursor.fetchone()
    return bool(row and row[0])


def _locked_bill(subscription: Subscription, month: date) -> Bill:
    """The month's bill behind its row lock; opened when it is the first usage."""
    rows = Bill.objects.select_for_update(no_key=True).filter(
        subscription=subscription, month=month
    )
    bill = rows.first()
    if bill is None:
        opened = Bill(
            code=new_code("BL"),
            subscription=subscription,
            enterprise_id=subscription.enterprise_id,
            provider_id=subscription.offering.provider_id,
            month=month,
        )
        Bill.objects.bulk_create([opened], ignore_conflicts=True)
        bill = rows.get()
    bill.subscription = subscription
    bill.enterprise = subscription.enterprise
    bill.provider = subscription.offering.provider
    return bill


def _write_lines(bill: Bill, lines: list[rules.RatedLine]) -> None:
    BillLine.objects.bulk_create(
        [
            BillLine(
                bill=bill,
                rate_id=line.rate_key,
                kind=line.kind,
                origin=bill.month,
                meter=line.meter,
                quantity=line.quantity,
                amount_fen=line.amount_fen,
            )
            for line in lines
        ],
        update_conflicts=True,
        unique_fields=["bill", "rate", "origin", "kind"],
        update_fields=["quantity", "amount_fen"],
    )
