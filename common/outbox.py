"""Transactional outbox: a message is written with its effect, delivered after it, and never told twice on purpose.

Delivery is at least once: whoever is killed between sending and marking sends again after the pause, under the
same Message-ID, so that mail programs show one.
"""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.db.models import Count, F, Min, Q

from common.models import Channel, OutboxMessage

log = structlog.get_logger(__name__)

PAUSES = tuple(
    timedelta(seconds=seconds) for seconds in (30, 60, 300, 900, 3600, 10_800, 21_600, 43_200)
)
"""How long to wait after the first, second, … attempt; after the last one the poller gives up."""

ROUND_SECONDS = 15
"""A round ends early enough that its last message is sent (EMAIL_TIMEOUT) before its pause is over."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A plain-text mail; `key` names the effect and whom it is told to."""

    key: str
    recipient: str
    subject: str
    body: str


def post(*, mails: Sequence[Mail], at: datetime) -> None:
    """Write mails down inside the transaction of their effect; a key that exists is left as it is."""
    require_transaction()
    OutboxMessage.objects.bulk_create(
        [
            OutboxMessage(
                key=mail.key,
                channel=Channel.MAIL,
                recipient=mail.recipient,
                subject=" ".join(mail.subject.split())[:300],
                body=mail.body,
                created_at=at,
                due_at=at,
            )
            for mail in mails
        ],
        ignore_conflicts=True,
    )


def require_transaction() -> None:
    """Refuse to write a message that would outlive a rolled-back effect."""
    if not connection.in_atomic_block:
        raise RuntimeError("Messages are written inside the transaction of their effect.")


def deliver_due(*, at: datetime, limit: int = 200) -> int:
    """Deliver what is due, oldest first; returns how many went out.

    Several pollers share the work. An attempt is counted before it is made, so a message that kills its poller
    does not do so for ever.
    """
    delivered = 0
    backend = get_connection()
    end = time.monotonic() + ROUND_SECONDS
    for _turn in range(limit):
        message = _take(at) if time.monotonic() < end else None
        if message is None:
            break
        delivered += _try(message, backend, at)
    return delivered


@dataclass(frozen=True, slots=True)
class State:
    """What has not gone out: how many wait, since when the oldest does, how many of them failed before.

    `given_up` ones are tried no more; `error` is what the latest of all failures said.
    """

    waiting: int
    oldest_at: datetime | None
    failed: int
    given_up: int
    error: str


def state() -> State:
    """Where the outbox stands, for the operations page. Two queries over what is not delivered."""
    rows = OutboxMessage.objects.filter(delivered_at__isnull=True)
    waiting = Q(gave_up_at__isnull=True)
    found = rows.aggregate(
        waiting=Count("pk", filter=waiting),
        oldest_at=Min("created_at", filter=waiting),
        failed=Count("pk", filter=waiting & ~Q(error="")),
        given_up=Count("pk", filter=~waiting),
    )
    latest = rows.exclude(error="").order_by("-due_at", "-pk").values_list("error", flat=True)
    return State(error=latest.first() or "", **found)


def retry_given_up(*, at: datetime) -> int:
    """Let messages that were given up try again from the beginning."""
    rows = OutboxMessage.objects.filter(gave_up_at__isnull=False)
    return rows.update(gave_up_at=None, attempts=0, due_at=at)


@transaction.atomic
def _take(at: datetime) -> OutboxMessage | None:
    """Reserve one due message until its next attempt; None when there is none."""
    message = (
        OutboxMessage.objects.select_for_update(skip_locked=True)
        .filter(delivered_at__isnull=True, gave_up_at__isnull=True, due_at__lte=at)
        .order_by("due_at", "pk")
        .first()
    )
    if message is None:
        return None
    pause = PAUSES[min(message.attempts, len(PAUSES) - 1)]
    message.attempts += 1
    OutboxMessage.objects.filter(pk=message.pk).update(
        attempts=F("attempts") + 1, due_at=at + pause
    )
    return message


def _try(message: OutboxMessage, backend: BaseEmailBackend, at: datetime) -> bool:
    rows = OutboxMessage.objects.filter(pk=message.pk, delivered_at__isnull=True)
    try:
        _mail(message, backend).send()
    except (OSError, ValueError) as error:  # smtplib's errors are OSErrors
        over = at if message.attempts >= len(PAUSES) else None
        rows.update(error=f"{type(error).__name__}: {error}"[:300], gave_up_at=over)
        log.warning("outbox.not_delivered", message=message.pk, attempts=message.attempts)
        return False
    rows.update(delivered_at=at, error="")
    return True


def _mail(message: OutboxMessage, backend: BaseEmailBackend) -> EmailMessage:
    return EmailMessage(
        subject=message.subject,
        body=message.body,
        to=[message.recipient],
        headers={"Message-ID": message_id(message.key), "Auto-Submitted": "auto-generated"},
        connection=backend,
    )


def message_id(key: str) -> str:
    """The Message-ID of a key, the same on every attempt."""
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{host}>"
