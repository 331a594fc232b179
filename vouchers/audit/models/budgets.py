"""How a scheme's money moved by day, folded from the ledger for charts and forecasts."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from common.constraints import positive
from vouchers.grants.models import Scheme


class BudgetDay(models.Model):
    """Net changes of one scheme on one civil day, in fen; below zero where more came back than went.

    Derived: `BudgetFold` says up to which transaction. Days are those of the transfers, in Asia/Shanghai.
    """

    scheme = models.ForeignKey(
        Scheme, on_delete=models.PROTECT, related_name="budget_days", db_index=False
    )  # the unique index begins with it
    day = models.DateField()
    appropriated_fen = models.BigIntegerField(default=0)
    issued_fen = models.BigIntegerField(default=0)
    held_fen = models.BigIntegerField(default=0)
    redeemed_fen = models.BigIntegerField(default=0)
    paid_fen = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scheme", "day"], name="vouchers_budgetday_once"),
        ]


class BudgetFold(models.Model):
    """The one row that says which transfers are in `BudgetDay`: all of transactions below `end`."""

    end = models.BigIntegerField()
    folded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(pk=1), name="vouchers_budgetfold_single"),
            positive("end", "vouchers_budgetfold_end", zero=True),
        ]
