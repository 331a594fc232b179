"""Background ticks of the plumbing."""

from celery import shared_task
from django.utils import timezone

from common import outbox


@shared_task(name="common.deliver_outbox")
def deliver_outbox() -> int:
    """Deliver mails that are due."""
    return outbox.deliver_due(at=timezone.now())
