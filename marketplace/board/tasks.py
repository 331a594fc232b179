"""Background work of the board."""

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.ticks import titled
from marketplace.board.actions import folding


@titled(_("Fold facts into the operation board"))
@shared_task(name=folding.TASK)
def fold() -> int:
    """Bring the board's sums up to date. Idempotent. Returns how many changed."""
    return folding.fold(at=timezone.now())
