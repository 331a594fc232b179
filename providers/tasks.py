"""Background work of supply: reminders of licenses, the compute bank's housekeeping."""

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.ticks import titled
from providers.actions import bank_draws, figures, licenses


@titled(_("Remind of licenses"))
@shared_task(name="providers.remind_of_licenses")
def remind_of_licenses() -> int:
    """Tell whose licenses expire or have to be looked at; returns how many reminders."""
    return licenses.remind_due(at=timezone.now())


@titled(_("Write off hours of the compute bank that were not drawn in time"))
@shared_task(name="providers.tidy_bank")
def tidy_bank() -> int:
    """Expire deposits and end draws whose month is over; returns how many."""
    return bank_draws.tidy(at=timezone.now())


@titled(_("Hold declared latencies against measured ones"))
@shared_task(name="providers.measure_latencies")
def measure_latencies() -> int:
    """Keep what was measured beside what is declared; returns how many figures."""
    return figures.measure_latencies(at=timezone.now())
