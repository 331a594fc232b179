"""Background ticks of the plumbing."""

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common import outbox
from common.ticks import titled


@titled(_("Send mail and notices"))
@shared_task(name="common.deliver_outbox")
def deliver_outbox() -> int:
    """Deliver mails that are due."""
    return outbox.deliver_due(at=timezone.now())
