"""Dull bills, paid through the ledger."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from accounts.models import Organization
from common.codes import new_code
from common.periods import start_of_day
from providers.models import Meter, Provider, Subscription
from tests.factories import accounts, providers
from tests.factories.accounts import NOW
from vouchers.billing.models import (
    Bill,
    BillLine,
    BillStatus,
    Charge,
    DeliveredUsage,
    Payer,
    UsageEvent,
    UsageKey,
    UsageRollup,
)
from vouchers.grants.models import Voucher
from vouchers.ledger.actions import accounts as ledger_accounts
from vouchers.ledger.actions import transfers
from vouchers.ledger.kinds import AccountKind

MONTH = date(2026, 9, 1)
"""The month before NOW."""


def bill(subscription: Subscription | None = None, total_fen: int = 0, **values: Any) -> Bill:
    """A confirmed bill of September 2026; nothing has paid it yet, so its parts are outstanding."""
    contract = subscription or providers.subscription()
    status = values.get("status", BillStatus.CONFIRMED)
    clerk = accounts.user()
    defaults: dict[str, Any] = {
        "code": new_code("BL"),
        "subscription": contract,
        "enterprise": contract.enterprise,
        "provider": contract.offering.provider,
        "month": MONTH,
        "status": BillStatus.CONFIRMED,
        "total_fen": total_fen,
        "receivable_fen": total_fen,
    }
    if status != BillStatus.OPEN:
        defaults |= {"closed_at": NOW, "closed_by": clerk}
    if status == BillStatus.CONFIRMED:
        defaults |= {"confirmed_at": NOW, "confirmed_by": clerk}
    if status == BillStatus.DISPUTED:
        defaults |= {"disputed_at": NOW, "disputed_by": clerk, "dispute_reason": "用量不符"}
    return Bill.objects.create(**{**defaults, **values})


def charge(billed: Bill, voucher: Voucher, amount_fen: int) -> Charge:
    """The voucher pays a part of the bill: a transfer to the provider's payable, and its charge."""
    number = Charge.objects.count()
    entry = transfers.Entry(
        id=transfers.derive_id("factory charge", billed.code, number),
        debit=voucher.account_id,
        credit=_account(
            AccountKind.PROVIDER_PAYABLE, f"{voucher.scheme.code}/{billed.provider.code}"
        ),
        amount_fen=amount_fen,
        reason="usage",
        reference=billed.code,
    )
    transfers.post(entries=[entry], at=NOW)
    Bill.objects.filter(pk=billed.pk).update(
        voucher_fen=billed.voucher_fen + amount_fen,
        receivable_fen=billed.receivable_fen - amount_fen,
        bookings=billed.bookings + 1,
    )
    billed.refresh_from_db()
    return Charge.objects.create(
        transfer_id=entry.id,
        bill=billed,
        number=billed.bookings,
        payer=Payer.VOUCHER,
        voucher=voucher,
        amount_fen=amount_fen,
        at=NOW,
    )


def used_bill(
    supplier: Provider,
    voucher: Voucher,
    voucher_fen: int = 3_000,
    enterprise: Organization | None = None,
    **values: Any,
) -> Bill:
    """A bill of ten times a thousand input tokens a day, three tenths of it paid by the voucher.

    Metered usage, bill line and charge agree: 5 million input tokens at 2 yuan are `voucher_fen`
    / 0.3.
    """
    contract = providers.subscription(
        enterprise or voucher.enterprise, providers.token_offering(supplier)
    )
    total_fen = voucher_fen * 10 // 3
    billed = bill(contract, total_fen, **values)
    rate = contract.offering.rates.get(meter=Meter.INPUT_TOKENS)
    quantity = total_fen * rate.per_units // 200
    for day, part in ((3, quantity // 2), (17, quantity - quantity // 2)):
        use(contract, billed.month.replace(day=day), part)
    BillLine.objects.create(
        bill=billed,
        rate=rate,
        origin=billed.month,
        meter=rate.meter,
        quantity=quantity,
        amount_fen=total_fen,
    )
    charge(billed, voucher, voucher_fen)
    _owe(billed)
    return billed


def own_bill(
    supplier: Provider, firm: Organization, total_fen: int = 10_000, **values: Any
) -> Bill:
    """A bill that the firm paid itself, with money of its own; usage, line and charge agree."""
    contract = providers.subscription(firm, providers.token_offering(supplier))
    billed = bill(contract, total_fen, receivable_fen=0, own_fen=total_fen, bookings=1, **values)
    rate = contract.offering.rates.get(meter=Meter.INPUT_TOKENS)
    quantity = total_fen * rate.per_units // 200
    use(contract, billed.month.replace(day=3), quantity)
    BillLine.objects.create(
        bill=billed, rate=rate, origin=billed.month, meter=rate.meter, quantity=quantity,
        amount_fen=total_fen,
    )  # fmt: skip
    funds = _account(AccountKind.ENTERPRISE_FUNDS, firm.code)
    steps = (
        (_account(AccountKind.BANK, "test"), funds),
        (funds, _account(AccountKind.PROVIDER_INCOME, supplier.code)),
    )
    entries = [
        transfers.Entry(
            id=transfers.derive_id("factory own", billed.code, number),
            debit=debit,
            credit=credit,
            amount_fen=total_fen,
            reason="usage",
            reference=billed.code,
        )
        for number, (debit, credit) in enumerate(steps)
    ]
    for entry in entries:
        transfers.post(entries=[entry], at=NOW)
    Charge.objects.create(
        transfer_id=entries[1].id, bill=billed, number=1, payer=Payer.OWN, amount_fen=total_fen,
        at=NOW,
    )  # fmt: skip
    return billed


def use(contract: Subscription, day: date, quantity: int) -> None:
    """One event at noon with that many input tokens, and the day's rollup, billed already."""
    key = uuid4()
    UsageKey.objects.create(key=key, content=uuid4(), received_at=NOW)
    UsageEvent.objects.create(
        key=key,
        provider=contract.offering.provider,
        source="/factory",
        event_id=f"{contract.code}/{day}",
        subscription=contract,
        occurred_at=start_of_day(day) + timedelta(hours=12),
        received_at=NOW,
        month=day.replace(day=1),
        quantities={Meter.INPUT_TOKENS.value: quantity},
    )
    UsageRollup.objects.create(
        subscription=contract,
        month=day.replace(day=1),
        meter=Meter.INPUT_TOKENS,
        day=day,
        quantity=quantity,
        events=1,
    )
    delivered, _is_new = DeliveredUsage.objects.get_or_create(
        offering=contract.offering,
        month=day.replace(day=1),
        meter=Meter.INPUT_TOKENS,
        defaults={"quantity": 0},
    )
    delivered.quantity += quantity
    delivered.save(update_fields=["quantity"])


def _owe(billed: Bill) -> None:
    """Charge what nobody paid as outstanding."""
    entry = transfers.Entry(
        id=transfers.derive_id("factory charge", billed.code, "outstanding"),
        debit=_account(AccountKind.RECEIVABLE, billed.enterprise.code),
        credit=_account(AccountKind.PROVIDER_INCOME, billed.provider.code),
        amount_fen=billed.receivable_fen,
        reason="usage",
        reference=billed.code,
    )
    transfers.post(entries=[entry], at=NOW)
    billed.bookings += 1
    billed.save(update_fields=["bookings"])
    Charge.objects.create(
        transfer_id=entry.id,
        bill=billed,
        number=billed.bookings,
        payer=Payer.RECEIVABLE,
        amount_fen=entry.amount_fen,
        at=NOW,
    )


def _account(kind: AccountKind, key: str) -> int:
    return ledger_accounts.get_or_open(kind=kind, key=key).pk
