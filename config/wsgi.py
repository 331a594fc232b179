"""The WSGI application served by granian."""

from django.core.wsgi import get_wsgi_application

from config import env

env.use_settings("config.settings.dev")

application = get_wsgi_application()
