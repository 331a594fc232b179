"""The Celery application: ticks and work that may wait. Results are not kept."""

import gc
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


@signals.worker_process_init.connect
def keep_what_is_loaded(**kwargs: Any) -> None:
    """Spare the collector the program itself: walking through it took a third of a tick's Python.

    A batch makes some hundred thousand things that all live until it is written: looking for cycles
    among them after every 700 took another seventh.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)
