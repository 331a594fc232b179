"""Reserving what vouchers would pay of a plan, until the plan is ordered or its time is over.

A reservation only keeps money from other uses. It never pays: it is given back in the transaction that
lets the plan run, and from then on the tick alone charges. So nothing can be charged twice.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import Organization
from common.periods import local_day
from vouchers.billing.actions.charging import prices, purses, quotes
from vouchers.billing.rules import plans
from vouchers.billing.rules.plans import Month, Planned
from vouchers.ledger.actions import accounts, holds, transfers
from vouchers.ledger.kinds import AccountKind

REASON = "reservation"


@transaction.atomic
def reserve(
    *,
    enterprise: Organization,
    lines: Sequence[quotes.QuoteLine],
    reference: str,
    expires_at: datetime,
    at: datetime,
) -> int:
    """Hold on the enterprise's vouchers what they would pay of the plan's month at today's rates.

    Split as in `quotes.split`, bill after bill in the order given. Caps on redemptions limit it but
    are not drawn on: the tick draws when it pays. Locks the vouchers' accounts before it looks at
    them. A reference reserves once. Returns the fen held. Raises NotPriced.
    """
    day = local_day(at)
    rates = prices.rates_of_each([line.offering.pk for line in lines], day, day + timedelta(days=1))
    usable = purses.usable(enterprise=enterprise, at=at)
    transfers.lock(voucher.account_id for voucher in usable)
    payers = quotes.payers(enterprise=enterprise, at=at, months=1)
    known = {voucher.pk: voucher for voucher in usable}
    entries, month = [], payers.months[0]
    for line in lines:
        sold, listed = prices.sold(line.offering), rates[line.offering.pk]
        meters_fen = quotes.priced(line.quantities, listed, day, line.offering.name)
        covering = payers.covering(sold, {rate.meter for rate in listed})
        planned = Planned(sum(meters_fen.values()), covering)
        _paid, left = plans.split(month, [planned])
        for key, fen in _taken(month, left):
            voucher = known[key]
            entries.append(
                transfers.Entry(
                    id=transfers.derive_id(REASON, reference, voucher.code, line.offering.code),
                    debit=voucher.account_id,
                    credit=_payable(voucher.scheme.code, sold.provider_code),
                    amount_fen=fen,
                    reason=REASON,
                    reference=reference,
                )
            )
        month = left
    if entries:
        holds.place_linked(entries=entries, expires_at=expires_at, at=at)
    return sum(entry.amount_fen for entry in entries)


@transaction.atomic
def give_back(*, reference: str, at: datetime) -> int:
    """End all that was reserved under a reference, once; what lapsed is over already. Returns how many."""
    return holds.release_all(reference=reference, reason=REASON, at=at)


def _taken(before: Month, after: Month) -> list[tuple[int, int]]:
    """Voucher and fen, where something was taken."""
    left = {each.key: each.available_fen for each in after.vouchers}
    found = [(each.key, each.available_fen - left[each.key]) for each in before.vouchers]
    return [(key, fen) for key, fen in found if fen]


def _payable(scheme: str, provider: str) -> int:
    return accounts.get_or_open(kind=AccountKind.PROVIDER_PAYABLE, key=f"{scheme}/{provider}").pk
