"""Table of contents of the wings' background work, for Celery's discovery."""

from vouchers.audit import tasks as audit

__all__ = ["audit"]
