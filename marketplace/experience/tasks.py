"""Background work of what comes after use."""

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.ticks import titled
from marketplace.experience.actions import folding


@titled(_("Fold what firms with long use found"))
@shared_task(name="marketplace.experience.fold_due")
def fold_due() -> int:
    """Fold ratings and real costs for the ranking. Idempotent; finds its work in the database."""
    return folding.fold_due(at=timezone.now())
