"""Background work of supply: the compute bank's housekeeping."""

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.ticks import titled
from providers.actions import bank_draws


@titled(_("Write off hours of the compute bank that were not drawn in time"))
@shared_task(name="providers.tidy_bank")
def tidy_bank() -> int:
    """Expire deposits and end draws whose month is over; returns how many."""
    return bank_draws.tidy(at=timezone.now())
