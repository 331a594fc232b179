"""Background work of billing: the tick, alerts, storage."""

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.ticks import titled
from vouchers.billing.actions import alerts, answers, bills
from vouchers.billing.actions.charging import rating
from vouchers.billing.actions.metering import archives


@titled(_("Rate usage into bills"))
@shared_task(name="vouchers.billing.rate")
def rate(part: int = 0, parts: int = 1) -> None:
    """Bring bills up to what was used. Finds its work in the database; any number may run.

    Several at once are each given one of the `parts`, by number from 0.
    """
    rating.tick(at=timezone.now(), part=part, parts=parts)


@titled(_("Warn of low balances and used budgets"))
@shared_task(name="vouchers.billing.watch")
def watch() -> int:
    """Tell enterprises whose money runs low or whose budget is used; returns how many messages."""
    return alerts.watch(at=timezone.now())


@titled(_("Confirm bills that nobody answered"))
@shared_task(name="vouchers.billing.lapse_bills")
def lapse_bills() -> int:
    """Count bills as confirmed whose last day for an answer is over; returns how many."""
    return bills.lapse(at=timezone.now())


@titled(_("Tell before silence confirms bills"))
@shared_task(name="vouchers.billing.remind_of_answers")
def remind_of_answers() -> int:
    """Tell enterprises whose silence will soon confirm bills until when they may answer; returns how many."""
    return answers.remind(at=timezone.now())


@titled(_("Prepare storage for usage"))
@shared_task(name="vouchers.billing.prepare_months")
def prepare_months() -> None:
    """Keep partitions for the events of the coming months ready."""
    archives.prepare(at=timezone.now())
