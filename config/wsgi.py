"""The WSGI application served by granian."""

import gc

from django.core.wsgi import get_wsgi_application

from config import env

env.use_settings("config.settings.dev")

application = get_wsgi_application()

# Pages ring the workers' bell: without our Celery application the call would go to nobody.
from config.celery import app as celery  # noqa: E402

# What has been loaded stays: the collector need not walk through it while requests make garbage. A batch of usage or
# an answer to a need makes some ten thousand things that live until it is given: looking among them after every 700
# finds nothing.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 50)

__all__ = ["application", "celery"]
