"""Background work of the ledger: the seal."""

from celery import shared_task
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.ticks import titled
from vouchers.ledger.actions import seal_checks, seals


@titled(_("Seal the books into blocks"))
@shared_task(name="vouchers.ledger.seal")
def seal() -> None:
    """Seal what was committed since the last block."""
    seals.seal(at=timezone.now())


@titled(_("Verify the seal from the first block"))
@shared_task(name="vouchers.ledger.verify_seal")
def verify_seal() -> None:
    """Hold every sealed row against its block, from the first on."""
    seal_checks.verify(at=timezone.now(), full=True)
