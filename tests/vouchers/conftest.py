"""Fixtures of the vouchers' tests."""

import pytest
from django.db import connection

from vouchers.ledger.actions import seals

OF_THIS_DATABASE = """
SELECT least(
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
    (SELECT min(backend_xid::text::bigint) FROM pg_stat_activity
     WHERE datname = current_database() AND backend_type = 'client backend')
) + vouchers_seal_horizon() - pg_snapshot_xmin(pg_current_snapshot())::text::bigint
"""


@pytest.fixture
def quiet_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let open transactions of other test workers, in databases of theirs, and of the vacuum hold no horizon back.

    Transactions are numbered for the whole server, so in earnest they do: later, never wrongly sealed.
    """

    def horizon() -> int:
        with connection.cursor() as cursor:
            cursor.execute(OF_THIS_DATABASE)
            return int(cursor.fetchone()[0])

    monkeypatch.setattr(seals, "horizon", horizon)
