"""The record of checked invariants."""

from typing import Any, ClassVar, Self

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


class CheckRunQuerySet(models.QuerySet["CheckRun"]):
    """Lookups of checks."""

    def newest(self) -> Self:
        """The newest run of each invariant, in order of the name."""
        return self.order_by("name", "-checked_at", "-pk").distinct("name")


class CheckRun(models.Model):
    """One invariant held against the database: how many rows broke it, and the first of them."""

    name = models.CharField(max_length=16)
    checked_at = models.DateTimeField()
    broken_rows = models.PositiveIntegerField()
    examples: Any = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    duration_ms = models.PositiveIntegerField()

    objects = CheckRunQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["name", "-checked_at"], name="vouchers_checkrun_latest"),
        ]
