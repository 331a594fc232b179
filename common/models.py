"""Plumbing models: outbox, idempotency keys, jobs and stored files."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from common.constraints import choices_constraint, positive


class Channel(models.TextChoices):
    """Where a notice goes."""

    MAIL = "mail"


class JobStatus(models.TextChoices):
    """Where long work stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class OutboxMessage(models.Model):
    """A message written in the transaction of its effect and delivered after it by a poller.

    `key` names the effect and the recipient, so one effect tells nobody twice. Waiting ones have neither
    `delivered_at` nor `gave_up_at`; `due_at` is when the next attempt may begin.
    """

    key = models.CharField(max_length=200, unique=True)
    channel = models.CharField(max_length=16, choices=Channel)
    recipient = models.CharField(max_length=254)
    subject = models.CharField(max_length=300)
    body = models.TextField()
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True, default="")
    delivered_at = models.DateTimeField(null=True)
    gave_up_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            choices_constraint("channel", Channel, "common_outbox_channel"),
            models.CheckConstraint(
                condition=Q(delivered_at__isnull=True) | Q(gave_up_at__isnull=True),
                name="common_outbox_one_end",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at", "id"],
                condition=Q(delivered_at__isnull=True, gave_up_at__isnull=True),
                name="common_outbox_waiting",
            ),
            models.Index(
                fields=["created_at"],
                condition=Q(delivered_at__isnull=True),
                name="common_outbox_undelivered",
            ),
        ]


class IdempotencyKey(models.Model):
    """The answer to a money-moving POST, stored in the transaction of its effect."""

    scope = models.CharField(max_length=100)
    key = models.CharField(max_length=255)
    body_sha256 = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField()
    response = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scope", "key"], name="common_idempotency_once"),
        ]


class Job(models.Model):
    """Long work with progress, a result and a link to come back to."""

    code = models.CharField(max_length=16, unique=True)
    kind = models.CharField(max_length=50)
    owner_id = models.BigIntegerField()
    status = models.CharField(max_length=16, choices=JobStatus, default=JobStatus.WAITING)
    done_count = models.PositiveIntegerField(default=0)
    total_count = models.PositiveIntegerField(default=0)
    result: Any = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            choices_constraint("status", JobStatus, "common_job_status"),
            models.CheckConstraint(
                condition=Q(done_count__lte=models.F("total_count")), name="common_job_progress"
            ),
        ]


class Tick(models.Model):
    """When a scheduled task last succeeded and last failed; `name` is the task's dotted name."""

    name = models.CharField(max_length=200, unique=True)
    succeeded_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True, default="")


class StoredFile(models.Model):
    """An uploaded or produced file: kept once, addressed by its hash, served as attachment only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    organization_id = models.BigIntegerField(db_index=True)
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [positive("size_bytes", "common_file_not_empty")]
