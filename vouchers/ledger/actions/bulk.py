"""Posts many independent movements at once, for callers that hold the locks already."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from vouchers.ledger.actions.transfers import Entry, require_valid
from vouchers.ledger.columns import joined, unnested

WRITE = f"""
INSERT INTO vouchers_transfer
    (id, kind, debit_account_id, credit_account_id, amount_fen, reason, reference, reverses_id, at)
SELECT id, 'single', debit, credit, amount_fen, reason, reference, reverses, %(at)s
FROM {
    unnested(
        id="uuid",
        debit="bigint",
        credit="bigint",
        amount_fen="bigint",
        reason="text",
        reference="text",
        reverses="uuid",
    )
}
"""  # noqa: S608 - constant text, values are parameters

COUNT = f"""
UPDATE vouchers_account a
SET debits_posted_fen = a.debits_posted_fen + given.paid_out,
    credits_posted_fen = a.credits_posted_fen + given.paid_in
FROM {unnested(account="bigint", paid_out="bigint", paid_in="bigint")}
WHERE a.id = given.account AND a.is_guarded
"""  # noqa: S608


@transaction.atomic
def post_each(*, sets: Sequence[Sequence[Entry]], at: datetime) -> None:
    """Post many linked sets of new transfers: one statement writes them, one moves the counters.

    The caller has locked the guarded accounts (`transfers.lock`) and checked their funds behind the
    lock; ids are new. A mistake in either is refused by the tables themselves (IntegrityError) and
    leaves nothing written. Raises InvalidMovement.
    """
    entries = [entry for each in sets for entry in each]
    if not entries:
        return
    paid_out: dict[int, int] = defaultdict(int)
    paid_in: dict[int, int] = defaultdict(int)
    for entry in entries:
        require_valid(entry)
        paid_out[entry.debit] += entry.amount_fen
        paid_in[entry.credit] += entry.amount_fen
    touched = sorted(paid_out.keys() | paid_in.keys())
    with connection.cursor() as cursor:
        cursor.execute(
            WRITE,
            {
                "id": joined(entry.id for entry in entries),
                "debit": joined(entry.debit for entry in entries),
                "credit": joined(entry.credit for entry in entries),
                "amount_fen": joined(entry.amount_fen for entry in entries),
                "reason": joined(entry.reason for entry in entries),
                "reference": joined(entry.reference for entry in entries),
                "reverses": joined(entry.reverses for entry in entries),
                "at": at,
            },
        )
        cursor.execute(
            COUNT,
            {
                "account": joined(touched),
                "paid_out": joined(paid_out.get(pk, 0) for pk in touched),
                "paid_in": joined(paid_in.get(pk, 0) for pk in touched),
            },
        )
