"""Months of events moved to files."""

import csv
import gzip
import hashlib
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection

from providers.models import Subscription
from tests.factories import providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from tests.vouchers.ledger.sql import rows, tamper
from vouchers.billing.actions import invariants
from vouchers.billing.actions.metering import archives, usage
from vouchers.billing.actions.metering.usage import Outcome
from vouchers.billing.models import ArchivedUsage, ClosedPeriod, UsageArchive, UsageEvent
from vouchers.billing.rules.events import Parsed
from vouchers.ledger.actions import seals

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quiet_server")]

JULY = datetime(2026, 7, 20, 2, tzinfo=UTC)
LATER = datetime(2026, 11, 2, 0, tzinfo=UTC)


@pytest.fixture
def contract() -> Subscription:
    return providers.subscription()


def send(contract: Subscription, *events: Parsed, at: datetime = NOW) -> list[Outcome]:
    by = metered.operator(contract.offering.provider)
    return [answer.outcome for answer in usage.ingest(by=by, events=events, at=at)]


def close(contract: Subscription) -> None:
    by = metered.operator(contract.offering.provider)
    ClosedPeriod.objects.create(month=date(2026, 7, 1), closed_at=NOW, closed_by=by.user)


def archive(folder: Path, before: str = "2026-08") -> str:
    out = StringIO()
    with time_machine.travel(LATER, tick=False):
        call_command("archive_usage", before=before, folder=folder, stdout=out)
    return out.getvalue()


def test_archived_month_is_a_file_and_its_repeats_stay_known(
    contract: Subscription, tmp_path: Path
) -> None:
    old = metered.report(contract, JULY, quantities={"input_tokens": 7})
    other = metered.report(contract, JULY, quantities={"input_tokens": 8}, event_id=old.id)
    late = metered.report(contract, JULY, quantities={"input_tokens": 9})
    kept = metered.report(contract, NOW)
    send(contract, old)
    close(contract)
    send(contract, late, kept)
    seals.seal(at=NOW)

    printed = archive(tmp_path)

    content = (tmp_path / "usage-2026-07.csv.gz").read_bytes()
    assert printed == f"{hashlib.sha256(content).hexdigest()}  usage-2026-07.csv.gz  2\n"
    found = list(csv.DictReader(gzip.decompress(content).decode().splitlines()))
    assert {row["event_id"] for row in found} == {old.id, late.id}
    assert UsageEvent.objects.get().event_id == kept.id
    assert list(
        ArchivedUsage.objects.order_by("month").values_list("month", "day", "quantity", "events")
    ) == [(date(2026, 7, 1), date(2026, 7, 20), 7, 1), (date(2026, 8, 1), date(2026, 7, 20), 9, 1)]
    assert send(contract, old, other, late, at=LATER) == [
        Outcome.DUPLICATE,
        Outcome.CONFLICT,
        Outcome.DUPLICATE,
    ]
    assert rows(invariants.QUERIES["I5"]) == []
    tamper("UPDATE vouchers_usagerollup SET quantity = 6 WHERE quantity = 7")
    assert rows(invariants.QUERIES["I5"])


def test_month_that_is_open_or_recent_is_not_archived(
    contract: Subscription, tmp_path: Path
) -> None:
    send(contract, metered.report(contract, JULY))
    with pytest.raises(CommandError):
        archive(tmp_path)
    close(contract)
    too_early = time_machine.travel(datetime(2026, 10, 31, tzinfo=UTC), tick=False)
    with pytest.raises(CommandError, match="92"), too_early:
        call_command("archive_usage", before="2026-08", folder=tmp_path)

    assert not UsageArchive.objects.exists()
    assert not list(tmp_path.iterdir())


def test_closed_month_is_archived_only_when_all_its_events_are_sealed(
    contract: Subscription, tmp_path: Path
) -> None:
    send(contract, metered.report(contract, JULY))
    seals.seal(at=NOW)
    with pytest.raises(archives.MonthStillNeeded) as open_month:
        archives.archive(month=date(2026, 7, 1), folder=tmp_path, at=LATER)
    close(contract)
    send(contract, metered.report(contract, JULY))
    with pytest.raises(archives.MonthNotSealed) as unsealed:
        archives.archive(month=date(2026, 7, 1), folder=tmp_path, at=LATER)
    kept = UsageEvent.objects.count(), list(tmp_path.iterdir())

    seals.seal(at=LATER)
    made = archives.archive(month=date(2026, 7, 1), folder=tmp_path, at=LATER)

    assert (open_month.value.code, unsealed.value.code) == (
        "month_still_needed",
        "month_not_sealed",
    )
    assert kept == (2, [])
    assert (made.events, UsageEvent.objects.count()) == (2, 0)


def test_prepare_makes_the_coming_months_once() -> None:
    far = NOW + timedelta(days=365)

    assert archives.prepare(at=far) == 4
    assert archives.prepare(at=far) == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('vouchers_usageevent_202801')")
        assert cursor.fetchone() != (None,)
