"""When Celery's beat rings for which task."""

from typing import Any

from celery.schedules import crontab

# name -> {"task": dotted name, "schedule": seconds or crontab}
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    # Ticks that waited behind each other are one. Two side by side deal the shards out between them.
    **{
        f"rate-usage-{part + 1}": {
            "task": "vouchers.billing.rate",
            "schedule": 5.0,
            "kwargs": {"part": part, "parts": 2},
            "options": {"expires": 5},
        }
        for part in range(2)
    },
    "watch-balances": {
        "task": "vouchers.billing.watch",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "lapse-bills": {
        "task": "vouchers.billing.lapse_bills",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "remind-of-answers": {
        "task": "vouchers.billing.remind_of_answers",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "prepare-usage-months": {"task": "vouchers.billing.prepare_months", "schedule": 43_200.0},
    "check-ledger": {"task": "vouchers.audit.check_ledger", "schedule": 3600.0},
    "seal": {"task": "vouchers.ledger.seal", "schedule": 60.0, "options": {"expires": 60}},
    "verify-seal": {"task": "vouchers.ledger.verify_seal", "schedule": crontab("40", "3")},
    "take-up-checks": {"task": "vouchers.audit.take_up_checks", "schedule": 60.0},
    "scan-risks": {"task": "vouchers.audit.scan_risks", "schedule": 3600.0},
    "take-up-settlings": {"task": "vouchers.audit.take_up_settling", "schedule": 60.0},
    "take-up-line-files": {"task": "vouchers.audit.take_up_line_files", "schedule": 60.0},
    "take-up-risk-scans": {"task": "vouchers.audit.take_up_risk_scans", "schedule": 60.0},
    "fold-budgets": {
        "task": "vouchers.audit.fold_budgets",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "deliver-outbox": {
        "task": "common.deliver_outbox",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "expire-holds": {"task": "vouchers.grants.expire_holds", "schedule": 60.0},
    "take-up-bulk": {"task": "vouchers.grants.take_up_bulk", "schedule": 30.0},
    "expire-vouchers": {"task": "vouchers.grants.expire_vouchers", "schedule": 600.0},
    "lapse-supplements": {"task": "vouchers.grants.lapse_supplements", "schedule": 300.0},
    # Every hour of the day, so that a day on which the first one was lost still has others.
    "remind-of-expiry": {
        "task": "vouchers.grants.remind_of_expiry",
        "schedule": crontab(minute="10", hour="8-20"),
    },
    "remind-of-debts": {
        "task": "vouchers.audit.remind_of_debts",
        "schedule": crontab(minute="30", hour="8-20"),
    },
    "remind-of-licenses": {
        "task": "providers.remind_of_licenses",
        "schedule": crontab(minute="20", hour="8-20"),
    },
    "measure-latencies": {
        "task": "providers.measure_latencies",
        "schedule": crontab(minute="50", hour="4"),
    },
    "tidy-bank": {"task": "providers.tidy_bank", "schedule": 3600.0},
    "finish-orders": {"task": "marketplace.orders.finish_due", "schedule": 60.0},
    "change-orders": {"task": "marketplace.orders.apply_changes", "schedule": 60.0},
    "lapse-quotes": {"task": "marketplace.orders.lapse_quotes", "schedule": 60.0},
    "end-trials": {"task": "marketplace.trials.end_due", "schedule": 60.0},
    "fold-experience": {
        "task": "marketplace.experience.fold_due",
        "schedule": crontab(minute="40", hour="4"),
    },
    "take-up-rounds": {"task": "marketplace.clearing.take_up", "schedule": 60.0},
    "void-outdated-rounds": {
        "task": "marketplace.clearing.void_outdated",
        "schedule": 900.0,
        "options": {"expires": 900},
    },
    "fold-board": {
        "task": "marketplace.board.fold",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "lapse-offers": {"task": "marketplace.clearing.lapse_offers", "schedule": 300.0},
}
