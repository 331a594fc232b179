"""Background work of billing: the tick."""

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.ticks import titled
from vouchers.billing.actions import archives, rating


@titled(_("Rate usage into bills"))
@shared_task(name="vouchers.billing.rate")
def rate() -> None:
    """Bring bills up to what was used. Finds its work in the database; any number may run."""
    rating.tick(at=timezone.now())


@titled(_("Prepare storage for usage"))
@shared_task(name="vouchers.billing.prepare_months")
def prepare_months() -> None:
    """Keep partitions for the events of the coming months ready."""
    archives.prepare(at=timezone.now())
