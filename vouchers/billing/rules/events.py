"""Usage events on the wire: CloudEvents 1.0 as JSON, checked one by one.

An event reports integer quantities in base units for one subscription: `{"specversion": "1.0",
"type": "cn.puhui.usage.v1", "source": …, "id": …, "time": RFC 3339 with offset, "subject":
subscription code, "data": {meter: integer}}`. One with the extension attribute `corrects` changes
what an earlier event of its source reported, by signed quantities. Further attributes are ignored.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

EVENT_TYPE = "cn.puhui.usage.v1"
SPEC_VERSION = "1.0"
MAX_EVENTS = 5_000
"""Events in one call."""
MAX_QUANTITY = 10**15
"""Base units in one event; nine thousand such events a day still fit into a 64-bit sum."""
MAX_TEXT = 200
MAX_METERS = 16


class Refusal(StrEnum):
    """The closed list of reasons for which an event is rejected."""

    MALFORMED = "malformed"
    MISSING_ATTRIBUTE = "missing_attribute"
    INVALID_ATTRIBUTE = "invalid_attribute"
    UNKNOWN_VERSION = "unknown_version"
    UNKNOWN_TYPE = "unknown_type"
    INVALID_TIME = "invalid_time"
    INVALID_QUANTITY = "invalid_quantity"
    UNKNOWN_SUBSCRIPTION = "unknown_subscription"
    METER_NOT_PRICED = "meter_not_priced"
    TIME_IN_FUTURE = "time_in_future"
    BEFORE_START = "before_start"
    SUBSCRIPTION_ENDED = "subscription_ended"
    TOO_LATE = "too_late"
    ABOVE_CAPACITY = "above_capacity"
    ABOVE_CAP = "above_cap"
    OUTSIDE_WINDOW = "outside_window"
    UNKNOWN_ORIGINAL = "unknown_original"
    CORRECTION_OF_CORRECTION = "correction_of_correction"
    CORRECTION_TOO_LARGE = "correction_too_large"
    FORMULA = "formula"
    ROUNDED_NUMBER = "rounded_number"


class BadBatch(ValueError):
    """The whole body cannot be read: not JSON, or not a list of events."""


class BadSheet(BadBatch):
    """A workbook that cannot be read; `fault` is the reader's name for why."""

    def __init__(self, fault: str) -> None:
        super().__init__(f"workbook: {fault}")
        self.fault = fault


class TooMany(ValueError):
    """More than MAX_EVENTS events in one call."""


Text = Annotated[str, Meta(min_length=1, max_length=MAX_TEXT)]
Quantity = Annotated[int, Meta(ge=0, le=MAX_QUANTITY)]
Quantities = Annotated[dict[str, Quantity], Meta(min_length=1, max_length=MAX_METERS)]


class Report(msgspec.Struct, frozen=True, gc=False):
    """A well-formed event: `time` with its offset, quantities in base units by meter."""

    source: Text
    id: Text
    time: Annotated[datetime, Meta(tz=True)]
    subscription: Text = msgspec.field(name="subject")
    quantities: Quantities = msgspec.field(name="data")


class Correction(Report, frozen=True, gc=False, kw_only=True):
    """Changes the event whose id is `corrects`, of the same source, by signed quantities."""

    corrects: str


class Unreadable(msgspec.Struct, frozen=True):
    """An event that is not well-formed; `id` as far as it could be read."""

    id: str
    code: Refusal


Parsed = Report | Unreadable


def report(
    *,
    source: str,
    event_id: str,
    time: datetime,
    subscription: str,
    quantities: dict[str, int],
    corrects: str | None = None,
) -> Parsed:
    """Check the parts of an event and put them together; its time becomes UTC."""
    texts = (source, event_id, subscription, *(() if corrects is None else (corrects,)))
    if not all(is_text(text) for text in texts):
        return Unreadable(event_id if event_id.isprintable() else "", Refusal.INVALID_ATTRIBUTE)
    least = 0 if corrects is None else -MAX_QUANTITY
    if not 0 < len(quantities) <= MAX_METERS or not all(
        least <= quantity <= MAX_QUANTITY for quantity in quantities.values()
    ):
        return Unreadable(event_id, Refusal.INVALID_QUANTITY)
    if time.tzinfo is None:
        return Unreadable(event_id, Refusal.INVALID_TIME)
    try:
        moment = time.astimezone(UTC)
    except OverflowError:
        return Unreadable(event_id, Refusal.INVALID_TIME)
    if corrects is None:
        return Report(source, event_id, moment, subscription, quantities)
    return Correction(source, event_id, moment, subscription, quantities, corrects=corrects)


def is_text(text: str) -> bool:
    """Tell whether an attribute is neither empty nor too long, without control characters."""
    return 0 < len(text) <= MAX_TEXT and text.isprintable()
