"""Background work of supply: reminders of licenses."""

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.ticks import titled
from providers.actions import licenses


@titled(_("Remind of licenses"))
@shared_task(name="providers.remind_of_licenses")
def remind_of_licenses() -> int:
    """Tell whose licenses expire or have to be looked at; returns how many reminders."""
    return licenses.remind_due(at=timezone.now())
