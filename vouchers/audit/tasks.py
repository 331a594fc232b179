"""Background work of the audit: the hourly check, and checks that a person started."""

from celery import shared_task
from django.utils import timezone

from vouchers.audit.actions import checks


@shared_task(name="vouchers.audit.check_ledger")
def check_ledger() -> None:
    """Run every invariant and keep the results."""
    checks.run(at=timezone.now())


@shared_task(name=checks.TASK)
def run_check(code: str) -> None:
    """Carry out one check that a person started."""
    checks.carry_out(code=code, at=timezone.now())


@shared_task(name="vouchers.audit.take_up_checks")
def take_up_checks() -> None:
    """Carry out checks whose bell was lost."""
    at = timezone.now()
    for code in checks.left_behind(at=at):
        checks.carry_out(code=code, at=at)
