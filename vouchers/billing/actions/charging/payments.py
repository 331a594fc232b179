"""Who pays a bill.

Splits new totals over the payers, undoes what passes a smaller one, settles later what was left
outstanding.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache

from django.db import transaction

from common.periods import next_month, start_of_day
from providers.actions import subscriptions
from vouchers.billing.actions.charging import charges, dues, purses, redemptions, sheets
from vouchers.billing.actions.charging.prices import PriceBook
from vouchers.billing.actions.charging.sheets import Move, Sheet
from vouchers.billing.models import Bill, Charge, Payer
from vouchers.billing.rules import burndown, unwinding
from vouchers.ledger.columns import run
from vouchers.ledger.kinds import AccountKind

OWING = f"""
SELECT b.subscription_id, b.month
FROM vouchers_bill b
JOIN accounts_organization e ON e.id = b.enterprise_id
JOIN vouchers_account a ON a.kind = 'enterprise_funds' AND a.key = e.code
WHERE b.receivable_fen > 0 AND b.enterprise_id %% {dues.SHARDS} = ANY (%s)
  AND a.credits_posted_fen - a.debits_posted_fen - a.debits_pending_fen > 0
ORDER BY b.month, b.id
LIMIT %s
"""  # noqa: S608 - constant text, values are parameters


@dataclass(slots=True)
class _Bill:
    """A bill whose total changes to `total_fen`: what it may be paid with, until when.

    `means` are the vouchers that cover it and are usable, or had paid of it when it falls. `is_anew` when nothing
    of what is `booked` may stand.
    """

    sheet: Sheet
    total_fen: int
    moment: datetime
    booked: Sequence[Charge]
    is_anew: bool = False
    means: Sequence[purses.Means] = field(default_factory=list)


def split(
    changed: Sequence[tuple[Sheet, int]],
    *,
    book: PriceBook,
    at: datetime,
    anew: frozenset[int] = frozenset(),
) -> None:
    """Plan how the bills reach their new totals: sets the sheets' moves and sums, in their order.

    Locks the payers' accounts. A month's usage is paid by vouchers usable when the month ended, or
    now while it runs. A total that falls undoes payments from the last one back and splits the rest
    anew; of the bills whose keys are in `anew` all payments are. What was undone may be paid again by the same
    voucher although it has ended or is frozen meanwhile, since that is no new use. Bills of
    one enterprise share what it has, and all bills what is left of caps on redemptions, which are locked after the
    payers.
    """
    shrunk = [
        sheet.pk for sheet, total in changed if total < sheet.paid.total_fen or sheet.pk in anew
    ]
    standing = charges.standing(shrunk) if shrunk else {}
    bills = [
        _Bill(
            sheet,
            total,
            min(at, _last_moment(sheet.due.month)),
            standing.get(sheet.pk, ()),
            sheet.pk in anew,
        )
        for sheet, total in changed
    ]
    found = purses.locked(
        enterprises={sheet.due.enterprise: sheet.due.enterprise_code for sheet, _ in changed},
        vouchers={
            charge.voucher_id
            for each in standing.values()
            for charge in each
            if charge.voucher_id is not None
        },
        since=min(bill.moment for bill in bills),
        at=at,
    )
    for bill in bills:
        bill.means = _covering(bill, found, book)
    rooms = redemptions.rooms(
        asked=[(bill.sheet, bill.means, bill.booked) for bill in bills], found=found, at=at
    )
    for bill in bills:
        _plan(bill, found, rooms, book)


def owing(*, shards: Sequence[int], limit: int) -> list[dues.Key]:
    """Bills of those shards with something outstanding whose enterprise has money again, oldest first."""
    return list(run(OWING, [list(shards), limit]))


@transaction.atomic
def settle(*, keys: Sequence[dues.Key], at: datetime) -> int:
    """Pay what those bills left receivable from own money, as far as it reaches, oldest first.

    Locks the bills, then the funds. Takes the stop signal back once nothing of a subscription is
    outstanding. Returns how many bills it paid something of.
    """
    found = sheets.locked(dues.named(keys))
    purse = purses.locked(
        enterprises={sheet.due.enterprise: sheet.due.enterprise_code for sheet in found},
        vouchers=(),
        since=at,
        at=at,
    )
    paid = [sheet for sheet in found if _settle(sheet, purse)]
    charges.book(paid, at=at)
    sheets.write(paid)
    _resume([sheet for sheet in paid if not sheet.paid.receivable_fen], at)
    return len(paid)


def signal(rated: Sequence[Sheet], *, at: datetime) -> None:
    """Stop what still runs of subscriptions with something outstanding.

    Those whose bill fell until nothing is outstanding any more run again.
    """
    owing = [sheet for sheet in rated if sheet.paid.receivable_fen]
    running = [sheet.due.subscription for sheet in owing if sheet.due.is_running]
    if running:
        subscriptions.stop_each(subscription_ids=running, at=at)
    freed = [sheet for sheet in rated if sheet.was_owing and not sheet.paid.receivable_fen]
    if freed:
        _resume(freed, at)


@cache
def _last_moment(month: date) -> datetime:
    return start_of_day(next_month(month)) - timedelta(microseconds=1)


def _covering(bill: _Bill, found: purses.Purses, book: PriceBook) -> list[purses.Means]:
    due = bill.sheet.due
    meters = book.month(due.offering, due.month).meters
    paid = {charge.voucher_id for charge in bill.booked}
    return [
        each
        for each in found.covering(due.enterprise, due.offering, book.sold(due.offering), meters)
        if each.is_usable(bill.moment) or each.key in paid
    ]


def _plan(bill: _Bill, found: purses.Purses, rooms: redemptions.Rooms, book: PriceBook) -> None:
    sheet, balances = bill.sheet, found.balances_fen
    due = sheet.due
    refunds = _undo(bill, found, rooms) if bill.booked else {}
    funds = found.funds.get(due.enterprise_code)
    parts = burndown.split(
        total_fen=bill.total_fen,
        paid=sheet.paid,
        vouchers=[
            _means(each, bill, balances[each.account], refunds, rooms)
            for each in bill.means
            if each.is_usable(bill.moment) or each.key in refunds
        ],
        own_available_fen=balances[funds] if funds else 0,
        used_fen=rooms.used_fen,
    )
    sheet.bounds = [redemptions.passed(each) for each in parts.bounds]
    provider = book.sold(due.offering).provider_code
    for part in parts.vouchers:
        each = found.by_key[part.key]
        balances[each.account] -= part.amount_fen
        payable = AccountKind.PROVIDER_PAYABLE, f"{each.scheme_code}/{provider}"
        draws = rooms.draw(sheet.pk, part.key, part.amount_fen)
        sheet.moves.append(
            Move(Payer.VOUCHER, each.account, payable, part.amount_fen, each.key, draws=draws)
        )
    income = AccountKind.PROVIDER_INCOME, provider
    if funds and parts.own_fen:
        balances[funds] -= parts.own_fen
        sheet.moves.append(Move(Payer.OWN, funds, income, parts.own_fen))
    if parts.receivable_fen:
        owed = AccountKind.RECEIVABLE, due.enterprise_code
        sheet.moves.append(Move(Payer.RECEIVABLE, owed, income, parts.receivable_fen))
    sheet.total_fen = bill.total_fen
    sheet.paid = sheet.paid.plus(parts)


def _means(
    each: purses.Means,
    bill: _Bill,
    left_fen: int,
    refunds: dict[int, int],
    rooms: redemptions.Rooms,
) -> burndown.VoucherMeans:
    """What a voucher may pay: all that is left, or no more than it got back if it has ended."""
    may_fen = left_fen if each.is_usable(bill.moment) else min(left_fen, refunds[each.key])
    limits = rooms.limits(bill.sheet.pk, each.key)
    return burndown.VoucherMeans(each.key, each.share, each.rounding, may_fen, limits)


def _undo(bill: _Bill, found: purses.Purses, rooms: redemptions.Rooms) -> dict[int, int]:
    """Take back what does not fit the new total; what each voucher got back, by key."""

    def share_fen(voucher: int) -> int:
        means = found.by_key[voucher]
        return burndown.share_fen(means.share, bill.total_fen, means.rounding)

    booked = [_booked(charge) for charge in bill.booked]
    stands = 0 if bill.is_anew else unwinding.kept(booked, bill.total_fen, share_fen)
    refunds: dict[int, int] = defaultdict(int)
    for charge in reversed(bill.booked[stands:]):
        original = charge.transfer
        for account, change in (
            (original.debit_account_id, charge.amount_fen),
            (original.credit_account_id, -charge.amount_fen),
        ):
            if account in found.balances_fen:
                found.balances_fen[account] += change
        if charge.voucher_id is not None:
            refunds[charge.voucher_id] += charge.amount_fen
        bill.sheet.moves.append(
            Move(
                Payer(charge.payer),
                original.credit_account_id,
                original.debit_account_id,
                charge.amount_fen,
                voucher=charge.voucher_id,
                pays_outstanding=charge.pays_outstanding,
                undoes=charge.pk,
                draws=rooms.give_back(charge),
            )
        )
    bill.sheet.paid = unwinding.paid_by(booked[:stands])
    return refunds


def _booked(charge: Charge) -> unwinding.Booked:
    return unwinding.Booked(
        charge.pk, charge.payer, charge.amount_fen, charge.voucher_id, charge.pays_outstanding
    )


def _settle(sheet: Sheet, purse: purses.Purses) -> bool:
    """Plan what own money pays of the outstanding; False when it pays nothing."""
    funds = purse.funds.get(sheet.due.enterprise_code)
    amount = min(purse.balances_fen[funds], sheet.paid.receivable_fen) if funds else 0
    if not funds or amount <= 0:
        return False
    purse.balances_fen[funds] -= amount
    owed = AccountKind.RECEIVABLE, sheet.due.enterprise_code
    sheet.moves.append(Move(Payer.OWN, funds, owed, amount, pays_outstanding=True))
    paid = sheet.paid
    sheet.paid = burndown.Paid(
        paid.voucher_fen, paid.own_fen + amount, paid.receivable_fen - amount
    )
    return True


def _resume(settled: Sequence[Sheet], at: datetime) -> None:
    """Let those run again of whose subscription nothing is outstanding any more."""
    asked = sorted({sheet.due.subscription for sheet in settled})
    still = set(
        Bill.objects.filter(subscription__in=asked, receivable_fen__gt=0).values_list(
            "subscription_id", flat=True
        )
    )
    free = [pk for pk in asked if pk not in still]
    if free:
        subscriptions.resume_each(subscription_ids=free, at=at)
