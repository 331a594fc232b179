"""The audit trail."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q

from accounts.models.keys import ApiKey
from accounts.models.organizations import Organization
from accounts.models.people import User


class Event(models.Model):
    """The audit trail: who did what to which object, when. Append-only."""

    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    by_key = models.ForeignKey(ApiKey, on_delete=models.PROTECT, null=True, related_name="+")
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, null=True, related_name="+"
    )
    verb = models.CharField(max_length=50)
    subject = models.CharField(max_length=50)
    subject_code = models.CharField(max_length=40)
    data = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(by__isnull=True) | Q(by_key__isnull=True),
                name="accounts_event_one_actor",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["subject", "subject_code", "id"], name="accounts_event_subject"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]
