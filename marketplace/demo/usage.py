"""What the demonstration's providers report: daily events, and real requests from a trace."""

import csv
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from accounts.access import Actor
from marketplace.demo.days import moment
from vouchers.billing.actions.metering import usage
from vouchers.billing.actions.metering.usage import Answer
from vouchers.billing.rules.events import Parsed, report

BATCH = 5_000
"""Events in one report: the most that one call takes."""

COLUMNS = ("TIMESTAMP", "ContextTokens", "GeneratedTokens")


class BadTrace(ValueError):
    """The file is not a trace: a column is missing or a line cannot be read."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request of a trace: moment (UTC), input and output tokens."""

    at: datetime
    input_tokens: int
    output_tokens: int


def read_trace(path: Path) -> list[Request]:
    """Read a trace with columns TIMESTAMP (UTC unless it has an offset), ContextTokens, GeneratedTokens.

    Each line is one request. Fractions of a second beyond microseconds are cut. Raises BadTrace.
    """
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        if not set(COLUMNS) <= set(reader.fieldnames or ()):
            raise BadTrace(f"{path}: the first line must name the columns {', '.join(COLUMNS)}")
        try:
            requests = [_request(row) for row in reader]
        except (TypeError, ValueError) as error:
            raise BadTrace(f"{path}, line {reader.line_num}: {error}") from error
    if not requests:
        raise BadTrace(f"{path}: no requests")
    return requests


def _request(row: Mapping[str, str]) -> Request:
    stamp, _dot, fraction = row["TIMESTAMP"].strip().partition(".")
    digits = "".join(symbol for symbol in fraction if symbol.isdigit())
    if fraction and digits == fraction:
        at = datetime.fromisoformat(f"{stamp}.{digits[:6].ljust(6, '0')}")
    else:
        at = datetime.fromisoformat(row["TIMESTAMP"].strip())
    counts = int(row["ContextTokens"]), int(row["GeneratedTokens"])
    if min(counts) < 0:
        raise ValueError("token counts are not below zero")
    return Request(at if at.tzinfo else at.replace(tzinfo=UTC), *counts)


def shift_into(requests: Sequence[Request], month: date) -> list[Request]:
    """Move a trace as a whole so that it begins on the second day of a month, noon."""
    offset = moment(month + timedelta(days=1), 12) - min(request.at for request in requests)
    return [
        Request(request.at + offset, request.input_tokens, request.output_tokens)
        for request in requests
    ]


def trace_events(requests: Sequence[Request], *, subscription: str, source: str) -> list[Parsed]:
    """One event for each request; its id is the line's number, so that equal lines stay two requests."""
    return [
        report(
            source=source,
            event_id=f"request-{number:08d}",
            time=request.at,
            subscription=subscription,
            quantities={
                "input_tokens": request.input_tokens,
                "output_tokens": request.output_tokens,
            },
        )
        for number, request in enumerate(requests, start=1)
    ]


def daily_events(
    *,
    subscription: str,
    source: str,
    units_per_month: Mapping[str, int],
    days: Sequence[date],
    level: float,
    seed: int,
) -> Iterator[Parsed]:
    """One event a working day (fewer at weekends); quantities scatter around a share of the ordered units."""
    scatter = random.Random(f"{seed}:{subscription}")  # noqa: S311 - invented usage
    for day in days:
        weight = 1.0 if day.weekday() < 5 else 0.35
        factor = level * weight * scatter.uniform(0.7, 1.25) / 26
        quantities = {meter: int(units * factor) for meter, units in units_per_month.items()}
        if not any(quantities.values()):
            continue
        yield report(
            source=source,
            event_id=f"{subscription}-{day.isoformat()}",
            time=moment(day, scatter.randint(8, 20), scatter.randint(0, 59)),
            subscription=subscription,
            quantities=quantities,
        )


def send(*, by: Actor, events: Sequence[Parsed], at: datetime) -> list[Answer]:
    """Report events in batches and return the answers."""
    answers: list[Answer] = []
    for start in range(0, len(events), BATCH):
        answers += usage.ingest(by=by, events=events[start : start + BATCH], at=at)
    return answers
