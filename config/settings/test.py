"""Settings of the tests: as in development, with cheap passwords and mail kept in memory."""

from config.settings.dev import *  # noqa: F403
from config.settings.dev import CACHES, DATABASES

DEBUG = False
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
DATABASES["default"]["TEST"] = {"NAME": "test_puhui"}
# Threads of a test leave no connection behind that would block dropping its database.
DATABASES["default"]["CONN_MAX_AGE"] = 0
CACHES["default"]["KEY_PREFIX"] = "test"
COMPONENT_GALLERY = True
# Tests of one transaction change what another reads: nothing is kept between two answers.
MATCH_STOCK_SECONDS = 0
# Each test client has middleware of its own; none of them looks through all static files first.
WHITENOISE_AUTOREFRESH = True
