"""Latency circles: which facilities a district reaches within so many milliseconds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor, can
from accounts.actions import trail
from accounts.permissions import Permission
from accounts.rules import regions
from accounts.wording import REGION
from common.codes import normalize_code
from common.errors import DomainError
from common.periods import local_day
from providers.models import Facility, Latency, LatencySource, ProviderStatus
from providers.rules import latency_files
from providers.rules.latency_files import Row

MICROSECONDS = 1_000


class UnreadableLatencies(DomainError):
    """The file is no table of latencies."""

    code = "latencies_unreadable"


class Outcome(StrEnum):
    """What became of a row."""

    TAKEN = "taken"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of the row in line `number` of the file, and why."""

    number: int
    facility: str
    district: str
    outcome: Outcome
    message: str | Promise = ""


FAULTS: dict[str, Promise] = {
    "columns": _("The row needs four cells: facility, district, latency and first day."),
    "latency": _("Write the latency in milliseconds with at most three decimals: 0.85."),
    "day": _("Write the first day as 2026-11-01."),
    "facility": _("No facility of yours has this code."),
    "past": _("A figure begins today or later. What has begun is not edited."),
    "later": _("Another figure begins on this day or later. Choose a later day."),
    "repeated": _("The file has this facility and district twice. Keep one row."),
}


def within(*, district: str, limit_ms: Decimal | int, at: datetime) -> dict[int, int]:
    """Facilities that the district reaches within the limit: primary key to microseconds.

    A measured figure of the day counts before a declared one; without either, what a facility in
    the same city states for the whole city. One query for figures, one for the city.
    """
    limit_us = int(Decimal(limit_ms) * MICROSECONDS)
    found = {pk: us for pk, (us, _source) in reach(district=district, at=at).items()}
    return {pk: us for pk, us in found.items() if us <= limit_us}


def reach(*, district: str, at: datetime) -> dict[int, tuple[int, LatencySource]]:
    """Every facility with a figure for the district: microseconds and who vouches for them."""
    place = regions.normalize(district)
    city = Facility.objects.filter(region__startswith=place[:4]).values_list("pk", "latency_us")
    found = {pk: (us, LatencySource.DECLARED) for pk, us in city}
    stated = Latency.objects.filter(district=place).in_force_on(local_day(at))
    # "declared" sorts before "measured": the measured figure is written over it
    for row in stated.order_by("source", "pk").values_list("facility_id", "latency_us", "source"):
        found[row[0]] = row[1], LatencySource(row[2])
    return found


@dataclass(frozen=True, slots=True)
class Circle:
    """A facility with its figure for a district."""

    facility: Facility
    latency_us: int
    source: LatencySource


def circles(*, district: str, limit_ms: Decimal | None, at: datetime) -> list[Circle]:
    """Facilities of verified providers within the limit, the nearest first. Three queries."""
    figures = reach(district=district, at=at)
    sold = Facility.objects.filter(pk__in=figures, provider__status=ProviderStatus.VERIFIED)
    found = [
        Circle(each, *figures[each.pk])
        for each in sold.select_related("provider__organization").order_by("pk")
    ]
    limit_us = None if limit_ms is None else int(limit_ms * MICROSECONDS)
    near = [each for each in found if limit_us is None or each.latency_us <= limit_us]
    return sorted(near, key=lambda each: (each.latency_us, each.facility.pk))


@transaction.atomic
def load(*, by: Actor, content: bytes, at: datetime, is_trial: bool = False) -> list[Answer]:
    """Take a file of latencies, all of its rows or, when one is wrong, none.

    A provider declares figures of its own facilities; a bureau that verifies providers has them
    measured. The same file again changes nothing. A trial answers in the same way and keeps
    nothing. Locks the facilities in primary-key order. Raises UnreadableLatencies.
    """
    source = _source_of(by)
    try:
        rows = latency_files.read(content)
    except latency_files.Unreadable as error:
        raise UnreadableLatencies(
            _("The file is no table with the columns %(columns)s. Start from the example below.")
            % {"columns": ", ".join(latency_files.COLUMNS)}
        ) from error
    wanted = {normalize_code(row.facility) for row in rows}
    visible = Facility.objects.visible_to(by).filter(code__in=wanted)
    facilities = {
        each.code: each
        for each in visible.select_for_update(of=("self",), no_key=True).order_by("pk")
    }
    answers, new = _judge(rows, facilities, source, local_day(at))
    if not is_trial and all(each.outcome != Outcome.REFUSED for each in answers):
        _write(by, new, source, at)
    return answers


def _source_of(by: Actor) -> LatencySource:
    if can(by, Permission.PROVIDER_VERIFY):
        return LatencySource.MEASURED
    by.require(Permission.PROVIDER_MANAGE)
    return LatencySource.DECLARED


def _judge(
    rows: list[Row], facilities: dict[str, Facility], source: LatencySource, today: date
) -> tuple[list[Answer], list[tuple[Facility, Row]]]:
    known = _known(facilities.values(), source)
    answers, new, seen = [], [], set()
    for row in rows:
        facility = facilities.get(normalize_code(row.facility))
        key = (facility.pk if facility else 0, row.district)
        fault = _fault(row, facility, known.get(key, []), today)
        if not fault and key in seen:
            fault = FAULTS["repeated"]
        seen.add(key)
        outcome = Outcome.REFUSED if fault else Outcome.TAKEN
        if facility and not fault:
            if _is_same(row, known.get(key, [])):
                outcome = Outcome.UNCHANGED
            else:
                new.append((facility, row))
        answers.append(Answer(row.number, row.facility, row.district, outcome, fault))
    return answers, new


def _known(
    facilities: Iterable[Facility], source: LatencySource
) -> dict[tuple[int, str], list[Latency]]:
    found: dict[tuple[int, str], list[Latency]] = {}
    stated = Latency.objects.filter(facility__in=list(facilities), source=source)
    for each in stated.order_by("pk"):
        found.setdefault((each.facility_id, each.district), []).append(each)
    return found


def _fault(row: Row, facility: Facility | None, known: list[Latency], today: date) -> str | Promise:
    if row.fault:
        return FAULTS[row.fault]
    if facility is None:
        return FAULTS["facility"]
    try:
        regions.normalize(row.district)
    except regions.InvalidRegion as error:
        return REGION[error.reason]
    assert row.from_day is not None  # noqa: S101  # a row without a fault has its day
    if _is_same(row, known):
        return ""
    if row.from_day < today:
        return FAULTS["past"]
    if any(each.effective.lower >= row.from_day for each in known):
        return FAULTS["later"]
    return ""


def _is_same(row: Row, known: list[Latency]) -> bool:
    """Tell whether exactly this figure was taken before."""
    return any(
        each.effective.lower == row.from_day and each.latency_us == row.latency_us for each in known
    )


def _write(by: Actor, new: list[tuple[Facility, Row]], source: LatencySource, at: datetime) -> None:
    """End what the new figures follow on, then write them."""
    for facility, row in new:
        open_now = Latency.objects.filter(
            facility=facility,
            district=row.district,
            source=source,
            effective__endswith__isnull=True,
        )
        for each in open_now.order_by("pk"):
            each.effective = DateRange(each.effective.lower, row.from_day)
            each.save(update_fields=["effective"])
    Latency.objects.bulk_create(
        Latency(
            facility=facility,
            district=row.district,
            latency_us=row.latency_us,
            source=source,
            effective=DateRange(row.from_day, None),
            stated_at=at,
            stated_by=by.user,
        )
        for facility, row in new
    )
    touched = sorted({facility for facility, _row in new}, key=lambda each: each.pk)
    trail.record_each(by=by, at=at, verb="facility.latencies_stated", subjects=touched)
