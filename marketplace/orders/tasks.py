"""Background work of orders."""

from celery import shared_task
from django.utils import timezone

from marketplace.orders.actions import orders


@shared_task(name="marketplace.orders.finish_due")
def finish_due() -> int:
    """End orders whose notice period is over. Idempotent; finds its work in the database."""
    return orders.finish_due(at=timezone.now())
