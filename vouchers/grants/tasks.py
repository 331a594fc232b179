"""Background ticks of ledger and grants: each finds its work in the database and may run at any time."""

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.ticks import titled
from vouchers.grants.actions import bulk_runs, lapsing, reminders, wallets
from vouchers.ledger.actions import holds


@titled(_("Give lapsed reservations back"))
@shared_task(name="vouchers.grants.expire_holds")
def expire_holds() -> int:
    """Give back reservations past their expiry."""
    return holds.expire_due(at=timezone.now())


@titled(_("Expire vouchers"))
@shared_task(name="vouchers.grants.expire_vouchers")
def expire_vouchers() -> int:
    """Give what is left on vouchers past their validity back to the budget."""
    return wallets.expire_due(at=timezone.now())


@shared_task(name=bulk_runs.TASK)
def run_bulk(code: str) -> None:
    """Carry out one run of bulk work."""
    bulk_runs.carry_out(code=code, at=timezone.now())


@titled(_("Take up bulk decisions left behind"))
@shared_task(name="vouchers.grants.take_up_bulk")
def take_up_bulk() -> int:
    """Go on with runs whose bell was lost or whose worker died. Returns how many."""
    codes = bulk_runs.left_behind(at=timezone.now())
    for code in codes:
        bulk_runs.carry_out(code=code, at=timezone.now())
    return len(codes)


@titled(_("Remind of expiring vouchers"))
@shared_task(name="vouchers.grants.remind_of_expiry")
def remind_of_expiry() -> int:
    """Remind holders 30, 14, 7 and 1 days before the last day."""
    return reminders.remind_due(at=timezone.now())


@titled(_("Close overdue requests for supplements"))
@shared_task(name="vouchers.grants.lapse_supplements")
def lapse_supplements() -> int:
    """Refuse applications whose additions were not handed in by the last day."""
    return lapsing.lapse_due(at=timezone.now())
