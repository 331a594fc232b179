"""Usage events on the wire: CloudEvents 1.0 as JSON, checked one by one.

An event reports integer quantities in base units for one subscription: `{"specversion": "1.0",
"type": "cn.puhui.usage.v1", "source": …, "id": …, "time": RFC 3339 with offset, "subject":
subscription code, "data": {meter: integer}}`. Further attributes are ignored.
"""

import hashlib
import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import msgspec

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
    PERIOD_CLOSED = "period_closed"
    ABOVE_CAPACITY = "above_capacity"


class BadBatch(ValueError):
    """The whole body cannot be read: not JSON, or not a list of events."""


class TooMany(ValueError):
    """More than MAX_EVENTS events in one call."""


class Report(msgspec.Struct, frozen=True):
    """A well-formed event; `time` in UTC, quantities in base units, digest of the whole content."""

    source: str
    id: str
    time: datetime
    subscription: str
    quantities: dict[str, int]
    sha256: bytes


class Unreadable(msgspec.Struct, frozen=True):
    """An event that is not well-formed; `id` as far as it could be read."""

    id: str
    code: Refusal


Parsed = Report | Unreadable


class _Wire(msgspec.Struct):
    specversion: str
    type: str
    source: str
    id: str
    time: datetime
    subject: str
    data: dict[str, int]


_wire = msgspec.json.Decoder(_Wire)
_list = msgspec.json.Decoder(list[msgspec.Raw])
_ATTRIBUTES = ("specversion", "type", "source", "id", "time", "subject", "data")


def content_sha256(
    source: str, event_id: str, time: datetime, subject: str, data: dict[str, int]
) -> bytes:
    """Digest of what an event says at a moment in UTC, however the moment was spelled."""
    content = [source, event_id, time, subject, sorted(data.items())]
    return hashlib.sha256(msgspec.json.encode(content)).digest()


def report(
    *, source: str, event_id: str, time: datetime, subscription: str, quantities: dict[str, int]
) -> Parsed:
    """Check the parts of an event and put them together."""
    if not (_is_text(source) and _is_text(event_id) and _is_text(subscription)):
        return Unreadable(event_id if event_id.isprintable() else "", Refusal.INVALID_ATTRIBUTE)
    if not 0 < len(quantities) <= MAX_METERS:
        return Unreadable(event_id, Refusal.INVALID_QUANTITY)
    if min(quantities.values()) < 0 or max(quantities.values()) > MAX_QUANTITY:
        return Unreadable(event_id, Refusal.INVALID_QUANTITY)
    if time.tzinfo is None:
        return Unreadable(event_id, Refusal.INVALID_TIME)
    try:
        moment = time.astimezone(UTC)
    except OverflowError:
        return Unreadable(event_id, Refusal.INVALID_TIME)
    digest = content_sha256(source, event_id, moment, subscription, quantities)
    return Report(source, event_id, moment, subscription, quantities, digest)


def _is_text(text: str) -> bool:
    return 0 < len(text) <= MAX_TEXT and text.isprintable()


def read_event(body: bytes | msgspec.Raw) -> Parsed:
    """Read one event in CloudEvents' structured JSON form."""
    try:
        wire = _wire.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return _read_tolerantly(bytes(body))
    return _from_wire(wire)


def read_batch(body: bytes) -> list[Parsed]:
    """Read a JSON list of events.

    `NaN` and `Infinity`, which some encoders write although JSON has no such words, make only their
    own event wrong. Raises BadBatch when the body is no list in JSON, TooMany when it is too long.
    """
    try:
        raws = _list.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return [_diagnose(each) for each in _limited(_tolerant_list(body))]
    return [read_event(raw) for raw in _limited(raws)]


def read_lines(body: bytes) -> list[Parsed]:
    """Read one event for each line that is not blank (NDJSON). Raises TooMany."""
    lines = [line for line in body.split(b"\n") if line.strip()]
    return [read_event(line) for line in _limited(lines)]


def _limited(items: list[Any]) -> list[Any]:
    if len(items) > MAX_EVENTS:
        raise TooMany(f"at most {MAX_EVENTS} events in one call")
    return items


def _from_wire(wire: _Wire) -> Parsed:
    if wire.specversion != SPEC_VERSION:
        return Unreadable(wire.id, Refusal.UNKNOWN_VERSION)
    if wire.type != EVENT_TYPE:
        return Unreadable(wire.id, Refusal.UNKNOWN_TYPE)
    return report(
        source=wire.source,
        event_id=wire.id,
        time=wire.time,
        subscription=wire.subject,
        quantities=wire.data,
    )


def _tolerant_list(body: bytes) -> list[Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadBatch("the body is not JSON") from error
    if not isinstance(found, list):
        raise BadBatch("the body is not a list of events")
    return found


def _read_tolerantly(body: bytes) -> Parsed:
    try:
        return _diagnose(json.loads(body))
    except (ValueError, RecursionError):
        return Unreadable("", Refusal.MALFORMED)


def _diagnose(found: Any) -> Parsed:
    """Name what is wrong with a decoded value that the typed decoder refused."""
    if not isinstance(found, dict):
        return Unreadable("", Refusal.MALFORMED)
    event_id = found.get("id")
    shown = event_id[:MAX_TEXT] if isinstance(event_id, str) and event_id.isprintable() else ""
    if any(found.get(name) is None for name in _ATTRIBUTES):
        return Unreadable(shown, Refusal.MISSING_ATTRIBUTE)
    if not all(isinstance(found[name], str) for name in _ATTRIBUTES if name != "data"):
        return Unreadable(shown, Refusal.INVALID_ATTRIBUTE)
    if not isinstance(found["data"], dict) or not all(
        type(quantity) is int for quantity in found["data"].values()
    ):
        return Unreadable(shown, Refusal.INVALID_QUANTITY)
    time = parse_time(found["time"])
    if time is None:
        return Unreadable(shown, Refusal.INVALID_TIME)
    return _from_wire(_Wire(**{name: found[name] for name in _ATTRIBUTES} | {"time": time}))


def parse_time(text: str) -> datetime | None:
    """A moment in RFC 3339; None when it is none. Without an offset the answer is naive."""
    try:
        return msgspec.convert(text, datetime)
    except msgspec.ValidationError:
        return None
