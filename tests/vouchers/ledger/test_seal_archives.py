"""Events that were moved to a file: the seal does not miss them, an export has them back."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.utils import translation

from tests.factories import providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from tests.vouchers.ledger.sealing import as_owner, verify
from tests.vouchers.ledger.sql import rows
from vouchers.billing.actions import invariants
from vouchers.billing.actions.metering import archives
from vouchers.billing.models import ClosedPeriod
from vouchers.ledger.actions import exports, seal_checks, seals

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quiet_server")]

JULY = date(2026, 7, 1)
LATER = datetime(2026, 11, 2, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two events of July, sealed, then moved to a file in this folder; one of October stays."""
    contract = providers.subscription()
    for number in (1, 2):
        metered.use(contract, datetime(2026, 7, 20, 2, tzinfo=UTC), input_tokens=number)
    metered.use(contract, input_tokens=3)
    seals.seal(at=NOW)
    by = metered.operator(contract.offering.provider)
    ClosedPeriod.objects.create(month=JULY, closed_at=NOW, closed_by=by.user)
    archives.archive(month=JULY, folder=tmp_path, at=LATER)
    seals.seal(at=LATER)
    return tmp_path


def test_archived_rows_are_not_missed_and_come_back_in_an_export(folder: Path) -> None:
    exports.export(folder=folder / "export", archives=folder, at=LATER)

    assert seal_checks.verify(at=LATER, full=True) == []
    assert rows(invariants.QUERIES["I5"]) == []
    code, words = verify(folder / "export")
    assert (code, "clean" in words) == (0, True)


def test_export_wants_the_very_files_that_were_written(folder: Path) -> None:
    with pytest.raises(exports.ArchiveMissing, match=r"usage-2026-07\.csv\.gz"):
        exports.export(folder=folder / "without", at=LATER)
    (folder / "usage-2026-07.csv.gz").write_bytes(b"another file")
    with translation.override("en"), pytest.raises(exports.ArchiveMissing, match="not the one"):
        exports.export(folder=folder / "damaged", archives=folder, at=LATER)


def test_deleting_an_event_and_calling_it_archived_is_found(folder: Path) -> None:
    as_owner("DELETE FROM vouchers_usageevent")
    [fault] = seal_checks.verify(at=LATER, full=True)

    as_owner(
        "INSERT INTO vouchers_archivedevent (key, archive_id)"
        " SELECT key, (SELECT id FROM vouchers_usagearchive) FROM vouchers_usagekey"
        " ON CONFLICT DO NOTHING"
    )

    assert (fault.what, fault.table) == ("deleted", "usage_event")
    assert "as many archived keys as events" in str(rows(invariants.QUERIES["I5"]))
    as_owner("UPDATE vouchers_usagearchive SET events = 3")
    [changed] = seal_checks.verify(at=LATER, full=True)
    assert (changed.what, changed.table) == ("changed", "usage_archive")
