"""Table of contents of the wings' background work, for Celery's discovery."""

from vouchers.audit import tasks as audit
from vouchers.grants import tasks as grants

__all__ = ["audit", "grants"]
