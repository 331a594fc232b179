"""The Celery application: ticks and work that may wait. Results are not kept."""

from typing import Any

from celery import Celery, signals

from config import env, logging

env.use_settings("config.settings.dev")

app = Celery("puhui")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.setup_logging.connect
def keep_our_logs(**kwargs: Any) -> None:
    """Use the product's log lines instead of Celery's own format."""
    logging.configure_from_settings()
