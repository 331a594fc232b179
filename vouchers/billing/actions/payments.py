"""Pays bills: vouchers in burn-down order, own money, receivable.

Later own money for what was outstanding.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from uuid import UUID

from django.db import transaction

from accounts.models import Organization
from common.periods import next_month, start_of_day
from common.states import WrongState
from providers.actions import subscriptions
from providers.models import Offering, Subscription, SubscriptionStatus
from vouchers.billing.models import Bill, Charge, Payer
from vouchers.billing.rules import burndown
from vouchers.grants.models import Voucher
from vouchers.grants.rules import coverage, schemes
from vouchers.ledger.actions import accounts, transfers
from vouchers.ledger.kinds import AccountKind

REASON = "usage"
REASON_OUTSTANDING = "outstanding"


@dataclass(frozen=True, slots=True)
class _Booking:
    """One transfer to post and the charge that explains it."""

    entry: transfers.Entry
    payer: Payer
    voucher: Voucher | None = None


def covering(
    *, enterprise: Organization, offering: Offering, meters: Sequence[str], at: datetime
) -> list[Voucher]:
    """The enterprise's usable vouchers that cover the offering, in burn-down order.

    `meters` are all that the offering bills: coverage does not change with what is used.
    """
    return covering_among(usable(enterprise=enterprise, at=at), offering=offering, meters=meters)


def usable(*, enterprise: Organization, at: datetime) -> list[Voucher]:
    """The enterprise's usable vouchers with scheme and account, in burn-down order. One query."""
    return list(
        Voucher.objects.usable_at(at)
        .filter(enterprise=enterprise)
        .select_related("scheme", "account")
        .in_burn_down_order()
    )


def covering_among(
    vouchers: Sequence[Voucher], *, offering: Offering, meters: Sequence[str]
) -> list[Voucher]:
    """Those of the vouchers that cover the offering, in their order."""
    facility = offering.facility
    region = facility.region if facility else offering.provider.organization.region
    return [
        voucher
        for voucher in vouchers
        if coverage.covers(
            schemes.from_json(voucher.scheme.rules),
            voucher_kind=voucher.kind,
            layer=offering.layer,
            meters=meters,
            region=region,
            provider_code=offering.provider.code,
            has_domestic_chip=offering.has_domestic_chip,
        )
    ]


def means_of(voucher: Voucher, available_fen: int) -> burndown.VoucherMeans:
    """What the pure split needs to know of a voucher."""
    return burndown.VoucherMeans(
        key=voucher.pk,
        share=Fraction(voucher.share_numerator, voucher.share_denominator),
        rounding=schemes.from_json(voucher.scheme.rules).rounding.value,
        available_fen=available_fen,
    )


def pay(*, bill: Bill, total_fen: int, meters: Sequence[str], at: datetime) -> burndown.Split:
    """Book what is new on a bill whose row the caller has locked; sets and saves the bill's sums.

    Locks the vouchers' and the funds' accounts. A month's usage is paid by vouchers usable when the
    month ended, or now while it runs. Ids derive from subscription, month, payer and cumulative
    total.
    """
    moment = min(at, start_of_day(next_month(bill.month)) - timedelta(microseconds=1))
    offering = bill.subscription.offering
    found = covering(enterprise=bill.enterprise, offering=offering, meters=meters, at=moment)
    open_accounts = _Accounts(bill, found)
    locked = transfers.lock([open_accounts.funds, *(voucher.account_id for voucher in found)])
    # Vouchers are read again behind the lock: one may have been frozen or expired meanwhile.
    active = set(
        Voucher.objects.usable_at(moment)
        .filter(pk__in=[voucher.pk for voucher in found])
        .values_list("pk", flat=True)
    )
    vouchers = {voucher.pk: voucher for voucher in found if voucher.pk in active}
    split = burndown.split(
        total_fen=total_fen,
        paid=burndown.Paid(bill.voucher_fen, bill.own_fen, bill.receivable_fen),
        vouchers=[
            means_of(voucher, locked[voucher.account_id].available_fen)
            for voucher in vouchers.values()
        ],
        own_available_fen=locked[open_accounts.funds].available_fen,
    )
    _book(bill, _bookings(bill, split, vouchers, open_accounts, total_fen), at)
    bill.total_fen = total_fen
    bill.voucher_fen += split.voucher_fen
    bill.own_fen += split.own_fen
    bill.receivable_fen += split.receivable_fen
    bill.save(update_fields=["total_fen", "voucher_fen", "own_fen", "receivable_fen"])
    return split


@transaction.atomic
def settle_outstanding(*, bill: Bill, at: datetime) -> int:
    """Pay what a bill left receivable from the enterprise's own money, as far as it reaches.

    Locks the bill, then the funds. Takes the stop signal back once nothing of the subscription is
    outstanding. Returns the fen paid.
    """
    locked = (
        Bill.objects.select_for_update(of=("self",), no_key=True)
        .select_related("subscription", "enterprise")
        .get(pk=bill.pk)
    )
    funds = accounts.get_or_open(kind=AccountKind.ENTERPRISE_FUNDS, key=locked.enterprise.code)
    available = transfers.lock([funds.pk])[funds.pk].available_fen
    amount = min(available, locked.receivable_fen)
    if amount <= 0:
        return 0
    entry = transfers.Entry(
        id=_id(locked, "outstanding", locked.own_fen + amount),
        debit=funds.pk,
        credit=_account(AccountKind.RECEIVABLE, locked.enterprise.code),
        amount_fen=amount,
        reason=REASON_OUTSTANDING,
        reference=locked.code,
    )
    _book(locked, [_Booking(entry, Payer.OWN)], at, pays_outstanding=True)
    locked.own_fen += amount
    locked.receivable_fen -= amount
    locked.save(update_fields=["own_fen", "receivable_fen"])
    _resume(locked.subscription, at)
    return amount


def stop(*, subscription: Subscription, at: datetime) -> None:
    """Send the stop signal; one that has ended since it was read needs none."""
    if subscription.status == SubscriptionStatus.ACTIVE:
        with suppress(WrongState):
            subscriptions.stop(subscription=subscription, at=at)


def _resume(subscription: Subscription, at: datetime) -> None:
    owing = Bill.objects.filter(subscription=subscription, receivable_fen__gt=0).exists()
    if not owing and subscription.status == SubscriptionStatus.STOPPED:
        subscriptions.resume(subscription=subscription, at=at)


class _Accounts:
    """Primary keys of the accounts that a bill moves money between, opened before any is locked."""

    def __init__(self, bill: Bill, vouchers: Sequence[Voucher]) -> None:
        provider, enterprise = bill.provider.code, bill.enterprise.code
        self._payables = {voucher.pk: f"{voucher.scheme.code}/{provider}" for voucher in vouchers}
        names = [
            (AccountKind.ENTERPRISE_FUNDS, enterprise),
            (AccountKind.PROVIDER_INCOME, provider),
            (AccountKind.RECEIVABLE, enterprise),
            *((AccountKind.PROVIDER_PAYABLE, key) for key in sorted(set(self._payables.values()))),
        ]
        self._found = accounts.get_or_open_each(names=names)
        self.funds, self.income, self.receivable = (self._found[name].pk for name in names[:3])

    def payable(self, voucher: Voucher) -> int:
        """What the voucher's scheme owes the provider."""
        return self._found[AccountKind.PROVIDER_PAYABLE, self._payables[voucher.pk]].pk


def _bookings(
    bill: Bill,
    split: burndown.Split,
    vouchers: dict[int, Voucher],
    known: _Accounts,
    total_fen: int,
) -> list[_Booking]:
    def booking(
        payer: Payer, debit: int, credit: int, fen: int, voucher: Voucher | None = None
    ) -> _Booking:
        entry = transfers.Entry(
            id=_id(bill, voucher.code if voucher else payer, total_fen),
            debit=debit,
            credit=credit,
            amount_fen=fen,
            reason=REASON,
            reference=bill.code,
        )
        return _Booking(entry, payer, voucher)

    bookings = [
        booking(
            Payer.VOUCHER,
            vouchers[part.key].account_id,
            known.payable(vouchers[part.key]),
            part.amount_fen,
            vouchers[part.key],
        )
        for part in split.vouchers
    ]
    if split.own_fen:
        bookings.append(booking(Payer.OWN, known.funds, known.income, split.own_fen))
    if split.receivable_fen:
        bookings.append(
            booking(Payer.RECEIVABLE, known.receivable, known.income, split.receivable_fen)
        )
    return bookings


def _book(
    bill: Bill, bookings: Sequence[_Booking], at: datetime, *, pays_outstanding: bool = False
) -> None:
    transfers.post(entries=[booking.entry for booking in bookings], at=at)
    Charge.objects.bulk_create(
        Charge(
            transfer_id=booking.entry.id,
            bill=bill,
            payer=booking.payer,
            voucher=booking.voucher,
            pays_outstanding=pays_outstanding,
            amount_fen=booking.entry.amount_fen,
            at=at,
        )
        for booking in bookings
    )


def _id(bill: Bill, payer: str, cumulative_fen: int) -> UUID:
    return transfers.derive_id(
        "charge", bill.subscription.code, bill.month.isoformat(), payer, cumulative_fen
    )


def _account(kind: AccountKind, key: str) -> int:
    return accounts.get_or_open(kind=kind, key=key).pk
