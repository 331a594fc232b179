"""Background work of orders."""

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.ticks import titled
from marketplace.orders.actions import changes, orders, quotes


@titled(_("End orders whose notice has run out"))
@shared_task(name="marketplace.orders.finish_due")
def finish_due() -> int:
    """End orders whose notice period is over. Idempotent; finds its work in the database."""
    return orders.finish_due(at=timezone.now())


@titled(_("Give back what was reserved and not ordered in time"))
@shared_task(name="marketplace.orders.lapse_quotes")
def lapse_quotes() -> int:
    """Lapse quotes whose time is over. Idempotent; finds its work in the database."""
    return quotes.lapse_due(at=timezone.now())


@titled(_("Change orders whose month of change has begun"))
@shared_task(name="marketplace.orders.apply_changes")
def apply_changes() -> int:
    """Carry out planned changes of orders. Idempotent; finds its work in the database."""
    return changes.apply_due(at=timezone.now())
