"""Table of contents of the wings' background work, for Celery's discovery."""

from vouchers.audit import tasks as audit
from vouchers.billing import tasks as billing
from vouchers.grants import tasks as grants
from vouchers.ledger import tasks as ledger

__all__ = ["audit", "billing", "grants", "ledger"]
