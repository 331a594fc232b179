"""The column by which the seal finds rows (docs/money, "Seal")."""

from django.db import models
from django.db.models import Func


class TransactionNumber(Func):
    """Number of the writing transaction; migration 0004 puts `vouchers_transaction_number()` in its place."""

    template = "(pg_current_xact_id()::text::bigint)"
    arity = 0
    output_field = models.BigIntegerField()


def transaction_number() -> "models.BigIntegerField[int, int]":
    """The transaction that wrote the row, given by the database: rows are sealed in its order."""
    return models.BigIntegerField(db_default=TransactionNumber(), editable=False)
