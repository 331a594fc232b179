"""The WSGI application served by granian."""

from django.core.wsgi import get_wsgi_application

from config import env

env.use_settings("config.settings.dev")

application = get_wsgi_application()

# Pages ring the workers' bell: without our Celery application the call would go to nobody.
from config.celery import app as celery  # noqa: E402

__all__ = ["application", "celery"]
