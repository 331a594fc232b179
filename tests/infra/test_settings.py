"""The frame: environment, settings, addresses."""

import pytest
from django.conf import settings
from django.db import connection


@pytest.mark.django_db
def test_database_is_a_migrated_copy() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database(), current_setting('synchronous_commit')")
        name, durable = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM django_migrations")
        (migrations,) = cursor.fetchone()

    assert name.startswith("test_puhui_")
    assert durable == "on"
    assert migrations > 10


def test_requests_are_not_wrapped_in_a_transaction() -> None:
    assert settings.DATABASES["default"]["ATOMIC_REQUESTS"] is False
