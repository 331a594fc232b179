"""A month with as many claim lines as wanted: bills and payments cloned in sets, claims made by the actions."""

from dataclasses import dataclass
from typing import Any

from django.db import connection, models

from providers.models import Subscription
from tests.factories import accounts, audit, billing, grants, providers
from tests.factories.accounts import NOW
from tests.factories.audit import City
from vouchers.audit.actions import claims, prefilling
from vouchers.audit.models import Claim
from vouchers.billing.models import Bill, Charge, ClosedPeriod
from vouchers.ledger.models import Account, Transfer

LINE_FEN = 900
_INVOICES = iter(range(20_000_000, 99_999_999))


@dataclass(slots=True)
class Month:
    """One scheme's month: the people of its bureau, its providers, and who audits."""

    city: City
    sellers: list[City]
    lines: int

    def prefilled(self) -> None:
        """Each provider pre-fills its claim."""
        for seller in self.sellers:
            prefilling.prefill(by=seller.finance, month=billing.MONTH, at=NOW)

    def passed(self) -> None:
        """Each claim is handed in and passes the audit."""
        for seller in self.sellers:
            for claim in Claim.objects.filter(provider=seller.provider, status="draft"):
                sent = claims.submit(
                    by=seller.finance, claim=claim, invoice_number=str(next(_INVOICES)),
                    invoice_fen=claim.amount_fen, invoice_file=audit.invoice(), at=NOW,
                )  # fmt: skip
                claims.pass_claim(by=self.city.auditor, claim=sent, at=NOW)


def month(*, sellers: int, lines: int) -> Month:
    """A closed month with `lines` voucher payments of 9 yuan, spread evenly over the providers."""
    face_fen = 10 * lines * LINE_FEN
    city = City(scheme=grants.scheme(budget_fen=4 * face_fen + 10**10))
    ClosedPeriod.objects.create(month=billing.MONTH, closed_at=NOW, closed_by=city.officer.user)
    shop = [city]
    for number in range(1, sellers):
        company = accounts.organization("provider", name=f"第{number}智算服务有限公司")
        shop.append(City(scheme=city.scheme, provider=providers.provider(company)))
    voucher = grants.voucher(None, city.scheme, face_fen)
    for seller in shop:
        model: Bill = billing.used_bill(seller.provider, voucher, LINE_FEN)
        _clone(model, lines // sellers - 1)
    return Month(city, shop, lines // sellers * sellers)


def _clone(bill: Bill, copies: int) -> None:
    """Copies of a bill with a subscription of its own and one voucher payment, written in sets."""
    charge = Charge.objects.select_related("transfer").get(bill=bill, payer="voucher")
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE copy_of ON COMMIT PRESERVE ROWS AS SELECT n, gen_random_uuid() AS paid,"
            " nextval(pg_get_serial_sequence('providers_subscription', 'id')) AS contract,"
            " nextval(pg_get_serial_sequence('vouchers_bill', 'id')) AS bill FROM generate_series(1, %s) n",
            [copies],
        )
        _insert(
            cursor, Subscription, bill.subscription_id, id="contract", code=f"'SB-{bill.pk}-' || n",
            reference=f"'SB-{bill.pk}-' || n",
        )  # fmt: skip
        _insert(
            cursor, Bill, bill.pk, id="bill", code=f"'BL-{bill.pk}-' || n", subscription_id="contract",
            total_fen=LINE_FEN, voucher_fen=LINE_FEN, receivable_fen=0, bookings=1,
        )  # fmt: skip
        _insert(
            cursor, Transfer, charge.pk, id="paid", reference=f"'BL-{bill.pk}-' || n",
            transaction_number=None,
        )  # fmt: skip
        _insert(cursor, Charge, charge.pk, transfer_id="paid", bill_id="bill")
        cursor.execute("DROP TABLE copy_of")
    account = Account.objects.get(pk=charge.transfer.debit_account_id)
    Account.objects.filter(pk=account.pk).update(
        debits_posted_fen=account.debits_posted_fen + copies * LINE_FEN
    )


def _insert(cursor: Any, model: type[models.Model], pk: object, **changed: object) -> None:
    """One copy for each row of copy_of, with the columns named set to SQL; None leaves a column to its default."""
    table = model._meta.db_table
    columns = [str(field.column) for field in model._meta.local_fields]
    columns = [each for each in columns if changed.get(each, "") is not None]
    values = ", ".join(str(changed.get(each, f"t.{each}")) for each in columns)
    key = model._meta.pk.column if model._meta.pk else "id"
    cursor.execute(
        f"INSERT INTO {table} ({', '.join(columns)})"
        f" SELECT {values} FROM {table} t CROSS JOIN copy_of WHERE t.{key} = %s",
        [pk],
    )
