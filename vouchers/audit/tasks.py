"""Background work of the audit: the hourly check, and checks that a person started."""

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.ticks import titled
from vouchers.audit.actions import checks


@titled(_("Check the books"))
@shared_task(name="vouchers.audit.check_ledger")
def check_ledger() -> None:
    """Run every invariant and keep the results."""
    checks.run(at=timezone.now())


@shared_task(name=checks.TASK)
def run_check(code: str) -> None:
    """Carry out one check that a person started."""
    checks.carry_out(code=code, at=timezone.now())


@titled(_("Take up checks left behind"))
@shared_task(name="vouchers.audit.take_up_checks")
def take_up_checks() -> None:
    """Carry out checks whose bell was lost."""
    at = timezone.now()
    for code in checks.left_behind(at=at):
        checks.carry_out(code=code, at=at)
