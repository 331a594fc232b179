"""Background work of the audit: the hourly check, and checks that a person started."""

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.ticks import titled
from vouchers.audit.actions import (
    budget_days,
    checks,
    debts,
    line_files,
    risk_scans,
    settling,
)


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


@titled(_("Scan for risks what is new"))
@shared_task(name="vouchers.audit.scan_risks")
def scan_risks() -> None:
    """Hold the risk rules against the book when something came since the last scan."""
    risk_scans.scan_new(at=timezone.now())


@shared_task(name=risk_scans.TASK)
def run_risk_scan(code: str) -> None:
    """Carry out one scan that a person started."""
    risk_scans.carry_out(code=code, at=timezone.now())


@titled(_("Take up risk scans left behind"))
@shared_task(name="vouchers.audit.take_up_risk_scans")
def take_up_risk_scans() -> None:
    """Carry out scans whose bell was lost."""
    at = timezone.now()
    for code in risk_scans.left_behind(at=at):
        risk_scans.carry_out(code=code, at=at)


@titled(_("Sum the budgets by day"))
@shared_task(name=budget_days.TASK)
def fold_budgets() -> None:
    """Add what was committed since the last fold to the burn-down of each scheme."""
    budget_days.fold(at=timezone.now())


@titled(_("Remind of debts"))
@shared_task(name="vouchers.audit.remind_of_debts")
def remind_of_debts() -> None:
    """Tell debtors before and after the last day of paying back."""
    debts.remind_due(at=timezone.now())


@shared_task(name=settling.TASK)
def run_settling(code: str) -> None:
    """Carry out one settling of many lines that a person started."""
    settling.carry_out(code=code, at=timezone.now())


@titled(_("Take up settlings left behind"))
@shared_task(name="vouchers.audit.take_up_settling")
def take_up_settling() -> None:
    """Carry out settlings whose bell was lost."""
    at = timezone.now()
    for code in settling.left_behind(at=at):
        settling.carry_out(code=code, at=at)


@shared_task(name=line_files.TASK)
def run_line_files(code: str) -> None:
    """Carry out one export of lines that a person started."""
    line_files.carry_out(code=code, at=timezone.now())


@titled(_("Take up exports of lines left behind"))
@shared_task(name="vouchers.audit.take_up_line_files")
def take_up_line_files() -> None:
    """Carry out exports whose bell was lost."""
    at = timezone.now()
    for code in line_files.left_behind(at=at):
        line_files.carry_out(code=code, at=at)
