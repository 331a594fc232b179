"""Reads usage events as CloudEvents spell them: structured JSON, lists, lines, HTTP headers."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Literal, TypeVar
from urllib.parse import unquote

import msgspec

from vouchers.billing.rules.events import (
    EVENT_TYPE,
    MAX_EVENTS,
    MAX_TEXT,
    SPEC_VERSION,
    BadBatch,
    Parsed,
    Refusal,
    Report,
    TooMany,
    Unreadable,
    report,
)


class _Plain(Report, frozen=True, gc=False, kw_only=True):
    """An event in which nothing is wrong and which corrects nothing: all that most bodies hold.

    A whole list of them is decoded and checked at once. One that differs makes the list be read
    again event by event.
    """

    specversion: Literal["1.0"]
    type: Literal["cn.puhui.usage.v1"]
    corrects: None = None


class _Wire(msgspec.Struct):
    specversion: str
    type: str
    source: str
    id: str
    time: datetime
    subject: str
    data: dict[str, int]
    corrects: str | None = None


_plain = msgspec.json.Decoder(list[_Plain])
_plain_lines = msgspec.json.Decoder(_Plain)
_wire = msgspec.json.Decoder(_Wire)
_list = msgspec.json.Decoder(list[msgspec.Raw])
_UNREADABLE = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)
Item = TypeVar("Item")
_ATTRIBUTES = ("specversion", "type", "source", "id", "time", "subject", "data")


def read_event(body: bytes | msgspec.Raw) -> Parsed:
    """Read one event in CloudEvents' structured JSON form."""
    try:
        wire = _wire.decode(body)
    except _UNREADABLE:
        return _read_tolerantly(bytes(body))
    return _from_wire(wire)


def read_batch(body: bytes) -> list[Parsed]:
    """Read a JSON list of events.

    `NaN` and `Infinity`, which some encoders write although JSON has no such words, make only their
    own event wrong. Raises BadBatch when the body is no list in JSON, TooMany when it is too long.
    """
    try:
        return _printable(_limited(_plain.decode(body)), body)
    except _UNREADABLE:
        pass
    try:
        raws = _list.decode(body)
    except _UNREADABLE:
        return [_diagnose(each) for each in _limited(_tolerant_list(body))]
    return [read_event(raw) for raw in _limited(raws)]


def read_lines(body: bytes) -> list[Parsed]:
    """Read one event for each line that is not blank (NDJSON). Raises TooMany."""
    try:
        return _printable(_limited(_plain_lines.decode_lines(body)), body)
    except _UNREADABLE:
        lines = [line for line in body.split(b"\n") if line.strip()]
        return [read_event(line) for line in _limited(lines)]


def read_headers(headers: Mapping[str, str], body: bytes) -> Parsed:
    """Read one event in CloudEvents' binary mode: attributes in `ce-…` headers, data in the body.

    Header values are percent-encoded (HTTP protocol binding 1.0.2, 3.1.3.2).
    """
    names = {"specversion", "type", "source", "id", "time", "subject", "corrects"}
    found: dict[str, Any] = {
        name: unquote(value)
        for name, value in ((name, headers.get(f"ce-{name}")) for name in sorted(names))
        if value is not None
    }
    try:
        found["data"] = json.loads(body)
    except (ValueError, RecursionError):
        found["data"] = []  # named as a wrong quantity, behind what else may be wrong
    return _diagnose(found)


def _printable(plain: list[_Plain], body: bytes) -> list[Parsed]:
    """Put a refusal in the place of each event whose texts contain control characters.

    JSON has none but DEL unless they are escaped, and those outside of ASCII.
    """
    if body.isascii() and b"\\" not in body and b"\x7f" not in body:
        return plain  # type: ignore[return-value]
    wrong = [
        index
        for index, event in enumerate(plain)
        if not (
            event.id.isprintable()
            and event.source.isprintable()
            and event.subscription.isprintable()
        )
    ]
    found: list[Parsed] = list(plain)
    for index in wrong:
        shown = plain[index].id
        found[index] = Unreadable(shown if shown.isprintable() else "", Refusal.INVALID_ATTRIBUTE)
    return found


def _limited(items: list[Item]) -> list[Item]:
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
        corrects=wire.corrects,
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
    """Read a decoded value; name what is wrong with it."""
    if not isinstance(found, dict):
        return Unreadable("", Refusal.MALFORMED)
    event_id = found.get("id")
    shown = event_id[:MAX_TEXT] if isinstance(event_id, str) and event_id.isprintable() else ""
    if any(found.get(name) is None for name in _ATTRIBUTES):
        return Unreadable(shown, Refusal.MISSING_ATTRIBUTE)
    if not all(isinstance(text, str) for text in _texts(found)):
        return Unreadable(shown, Refusal.INVALID_ATTRIBUTE)
    if not isinstance(found["data"], dict) or not all(
        type(quantity) is int for quantity in found["data"].values()
    ):
        return Unreadable(shown, Refusal.INVALID_QUANTITY)
    time = parse_time(found["time"])
    if time is None:
        return Unreadable(shown, Refusal.INVALID_TIME)
    parts = {name: found[name] for name in _ATTRIBUTES} | {"corrects": found.get("corrects")}
    return _from_wire(_Wire(**parts | {"time": time}))


def _texts(found: dict[str, Any]) -> Iterator[Any]:
    yield from (found[name] for name in _ATTRIBUTES if name != "data")
    if found.get("corrects") is not None:
        yield found["corrects"]


def parse_time(text: str) -> datetime | None:
    """A moment in RFC 3339; None when it is none. Without an offset the answer is naive."""
    try:
        return msgspec.convert(text, datetime)
    except msgspec.ValidationError:
        return None
