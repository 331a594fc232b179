"""Background work of trials."""

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.ticks import titled
from marketplace.trials.actions import trials


@titled(_("End trials whose days or cap are used up"))
@shared_task(name="marketplace.trials.end_due")
def end_due() -> int:
    """End trials and tell of those that nearly are. Idempotent; finds its work in the database."""
    return trials.end_due(at=timezone.now())
