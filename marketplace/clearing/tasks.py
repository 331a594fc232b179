"""Background work of rounds."""

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.ticks import titled
from marketplace.clearing.actions import offers, signing, solving


@shared_task(name=solving.TASK)
def carry_out(code: str) -> None:
    """Collect and clear one round."""
    solving.carry_out(code=code, at=timezone.now())


@titled(_("Take up clearing rounds left behind"))
@shared_task(name="marketplace.clearing.take_up")
def take_up() -> int:
    """Go on with rounds whose bell was lost or whose worker died. Returns how many."""
    codes = solving.left_behind(at=timezone.now())
    for code in codes:
        solving.carry_out(code=code, at=timezone.now())
    return len(codes)


@titled(_("Void rounds whose input changed after a signature"))
@shared_task(name="marketplace.clearing.void_outdated")
def void_outdated() -> int:
    """Compare the inputs of rounds signed once with what they would be now."""
    return signing.void_outdated(at=timezone.now())


@titled(_("Close offers past their deadline"))
@shared_task(name="marketplace.clearing.lapse_offers")
def lapse_offers() -> int:
    """Close unanswered offers of rounds."""
    return offers.lapse_due(at=timezone.now())
