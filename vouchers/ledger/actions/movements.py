"""Which movements and accounts stand behind something, for those who show or export them."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from vouchers.ledger.models import Transfer


@dataclass(frozen=True, slots=True)
class Behind:
    """Primary keys of transfers and of the accounts on their sides."""

    transfer_ids: frozenset[UUID]
    account_ids: frozenset[int]


def behind(*, account_ids: Collection[int], transfer_ids: Collection[UUID]) -> Behind:
    """All movements of those accounts, those transfers, and what took them back. One query."""
    found = Transfer.objects.filter(
        Q(debit_account__in=account_ids)
        | Q(credit_account__in=account_ids)
        | Q(pk__in=transfer_ids)
        | Q(reverses__in=transfer_ids)
    )
    rows = list(found.values_list("pk", "debit_account_id", "credit_account_id"))
    accounts = {debit for _pk, debit, _credit in rows} | {credit for _pk, _debit, credit in rows}
    return Behind(frozenset(row[0] for row in rows), frozenset(accounts))
