"""Rates unbilled usage into bills: many bills in one transaction, safe to repeat."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

import structlog
from django.db import DatabaseError, connection, transaction

from common.errors import DomainError
from common.periods import month_start
from providers.models import Subscription
from vouchers.billing.actions.charging import charges, dues, payments, sheets
from vouchers.billing.actions.charging.dues import Due, Key, Usage
from vouchers.billing.actions.charging.prices import PriceBook
from vouchers.billing.actions.charging.sheets import Line, Sheet
from vouchers.billing.models import Bill
from vouchers.billing.rules import rating as rules

LIMIT = 20_000
"""Bills in one tick; the rest is found by the next."""
BATCH = 2_000
"""Bills in one transaction."""
LOCK_CLASS = int.from_bytes(hashlib.sha256(b"vouchers.billing.rating").digest()[:3])
REFUSALS = (DomainError, ValueError, DatabaseError)

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Tally:
    """What a tick did: bills rated, outstanding ones paid, and those that failed and stay due."""

    rated: int = 0
    settled: int = 0
    failed: int = 0


def tick(
    *, at: datetime, month: date | None = None, limit: int = LIMIT, part: int = 0, parts: int = 1
) -> Tally:
    """Rate every subscription and month with unbilled usage (or those of `month`), then pay outstanding bills.

    Workers that run at the same time are each given one of the `parts`, by number from 0: shards are
    dealt out among them. Each shard is worked by one worker at a time (advisory lock); a shard that
    is taken is left to its worker. Bills are rated by the batch, one transaction each. A bill that
    cannot be rated is logged, stays due and does not stop the others; a batch that fails as a whole
    is taken one bill at a time.
    """
    tally, book = Tally(), PriceBook()
    mine = range(part, dues.SHARDS, parts)
    with _sole_worker([shard for shard in dues.shards(month) if shard in mine]) as held:
        session = connection.connection
        found = dues.of_shards(held, month=month, limit=limit) if held else []
        for first in range(0, len(found), BATCH):
            _try_rate(found[first : first + BATCH], book, at, tally)
            if connection.connection is not session:
                break  # the locks went with their session; the next tick goes on
    owing = payments.owing(shards=mine, limit=limit)
    for first in range(0, len(owing), BATCH):
        _try_settle(owing[first : first + BATCH], at, tally)
    return tally


@transaction.atomic
def rate(*, subscription: Subscription, month: date, at: datetime) -> Bill:
    """Rate one bill's cumulative quantities, book the difference, split it over the payers.

    Running it again without new usage changes nothing. A closed bill is returned as it is. Raises
    rules.Unpriced.
    """
    key = subscription.pk, month_start(month)
    refused = rate_each(found=dues.named([key]), book=PriceBook(), at=at)
    if refused:
        raise refused[key]
    return Bill.objects.get(subscription=subscription, month=key[1])


@transaction.atomic
def rate_each(*, found: Sequence[Due], book: PriceBook, at: datetime) -> dict[Key, ValueError]:
    """Rate those bills together, in the order given; why some were refused, by key.

    Locks the bills in primary-key order, the marks of what is due, the payers' accounts, then (to
    stop or resume them) subscriptions. Every stage is one statement for all of them. Closed bills stay as
    they are.
    """
    opened = [sheet for sheet in sheets.locked(found) if sheet.is_open]
    dues.take([sheet.due for sheet in opened])
    refused = _fill_lines(opened, book)
    rated = [sheet for sheet in opened if sheet.due.key not in refused]
    sheets.open_missing(rated, [book.sold(sheet.due.offering).provider for sheet in rated])
    changed = []
    for sheet in rated:
        worth_fen = sum(line.amount_fen for line in sheet.lines) - sheet.credit_in_fen
        sheet.credit_out_fen = max(-worth_fen, 0)
        if max(worth_fen, 0) != sheet.total_fen:
            changed.append((sheet, max(worth_fen, 0)))
    if changed:
        payments.split(changed, book=book, at=at)
        charges.book([sheet for sheet, _ in changed], at=at)
    sheets.write(rated)
    sheets.write_lines(rated)
    dues.leave([sheet.due for sheet in opened if sheet.due.key in refused])
    payments.signal(rated, at=at)
    return refused


@transaction.atomic
def carry(*, credits_fen: Mapping[Key, int], book: PriceBook, at: datetime) -> None:
    """Begin those bills with what adjustments left over on closed ones, and rate them anew."""
    found = dues.named(list(credits_fen))
    opened = sheets.locked(found)
    book.read([(due.offering, due.month) for due in found])
    sheets.open_missing(opened, [book.sold(due.offering).provider for due in found])
    for sheet in opened:
        sheet.credit_in_fen += credits_fen[sheet.due.key]
    sheets.write(opened)
    rate_each(found=found, book=book, at=at)


def _fill_lines(opened: Sequence[Sheet], book: PriceBook) -> dict[Key, ValueError]:
    """Price the sheets' usage; why that was refused, by key."""
    book.read([(sheet.due.offering, sheet.due.month) for sheet in opened])
    usage = dues.used(
        [sheet.due.key for sheet in opened],
        by_day=[book.terms(sheet.due, sheet.due.month).by_day for sheet in opened],
    )
    late = [
        (sheet.due, origin)
        for sheet in opened
        for origin in usage.get(sheet.due.key, ())
        if origin < sheet.due.month
    ]
    before: Usage = {}
    if late:
        book.read([(due.offering, origin) for due, origin in late])
        before = dues.billed_before([(due.key, origin) for due, origin in late])
    refused: dict[Key, ValueError] = {}
    for sheet in opened:
        key = sheet.due.key
        try:
            sheet.lines = _lines(sheet.due, usage.get(key, {}), before.get(key, {}), book)
        except ValueError as error:
            log.exception("bill.rating_failed", subscription=sheet.due.code, month=str(key[1]))
            refused[key] = error
    return refused


def _lines(
    due: Due,
    usage: dict[date, list[rules.DayUsage]],
    before: dict[date, list[rules.DayUsage]],
    book: PriceBook,
) -> list[Line]:
    """The bill's lines: its own month, then what each earlier month's usage costs more or less."""
    lines = []
    for origin in sorted(usage, reverse=True):
        terms = book.terms(due, origin)
        known = before.get(origin, [])
        rated = rules.rate_usage(terms.priced([*usage[origin], *known]), terms.rates)
        if not known:
            lines += [
                Line(rate, kind, origin, meter, quantity, fen)
                for rate, kind, meter, quantity, fen in rated
            ]
        else:
            lines += _difference(origin, rated, rules.rate_usage(terms.priced(known), terms.rates))
    return lines


def _difference(
    origin: date, now: list[rules.RatedLine], before: list[rules.RatedLine]
) -> list[Line]:
    """What each rate's line has more or less than what earlier bills said."""
    found = {(line.rate_key, line.kind): line for line in before}
    lines = []
    for line in now:
        old = found.pop((line.rate_key, line.kind), None)
        quantity = line.quantity - (old.quantity if old else 0)
        fen = line.amount_fen - (old.amount_fen if old else 0)
        if quantity or fen:
            lines.append(Line(line.rate_key, line.kind, origin, line.meter, quantity, fen))
    lines += [
        Line(old.rate_key, old.kind, origin, old.meter, -old.quantity, -old.amount_fen)
        for old in found.values()
    ]
    return lines


def _try_rate(found: Sequence[Due], book: PriceBook, at: datetime, tally: Tally) -> None:
    session = connection.connection
    try:
        refused = rate_each(found=found, book=book, at=at)
    except REFUSALS:
        log.exception("bill.batch_failed", bills=len(found), first=found[0].code)
        if len(found) == 1 or connection.connection is not session:
            tally.failed += len(found)
            return
        for due in found:
            _try_rate([due], book, at, tally)
    else:
        tally.failed += len(refused)
        tally.rated += len(found) - len(refused)


def _try_settle(keys: Sequence[Key], at: datetime, tally: Tally) -> None:
    try:
        tally.settled += payments.settle(keys=keys, at=at)
    except REFUSALS:
        log.exception("bill.settling_failed", bills=len(keys))
        if len(keys) == 1:
            tally.failed += 1
            return
        for key in keys:
            _try_settle([key], at, tally)


@contextmanager
def _sole_worker(shards: Sequence[int]) -> Iterator[list[int]]:
    """Hold the advisory locks of those of the shards that no other worker holds, and name them."""
    held = [shard for shard in shards if _answers("pg_try_advisory_lock", shard)]
    session = connection.connection
    try:
        yield held
    finally:
        if connection.connection is session:
            for shard in held:
                _answers("pg_advisory_unlock", shard)


def _answers(function: str, shard: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [LOCK_CLASS, shard])
        row = cursor.fetchone()
    return bool(row and row[0])
