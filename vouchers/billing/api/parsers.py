"""Bodies of usage reports, by content type."""

from collections.abc import Mapping
from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from vouchers.billing import wording
from vouchers.billing.actions.metering.usage import (
    TooManyEvents,
    UnreadableBatch,
    UnreadableSheet,
)
from vouchers.billing.rules import events, uploads, wire
from vouchers.billing.rules.events import Parsed, Refusal, Unreadable

MAX_BYTES = 8_000_000
"""Body of one call: 5,000 events of 1,600 bytes."""


class BodyTooLarge(TooManyEvents):
    """More bytes than one call may have."""

    code = "body_too_large"


class ModeNegotiation(DefaultContentNegotiation):
    """Binary mode is told by its headers: the content type is that of the data alone, if any."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """Choose the reader of one event in binary mode, else by content type."""
        if "ce-id" in request.headers or "ce-specversion" in request.headers:
            return next(each for each in parsers if isinstance(each, HeadersParser))
        return super().select_parser(request, parsers)


class _EventsParser(BaseParser):
    """Reads a body as events; a body that cannot be read as a whole is refused as a whole."""

    def parse(  # type: ignore[override]
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> list[Parsed]:
        """Read the body."""
        body = stream.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            raise BodyTooLarge(wording.too_many())
        try:
            return self.read(body, parser_context or {})
        except events.TooMany as error:
            raise TooManyEvents(wording.too_many()) from error
        except events.BadSheet as error:
            raise UnreadableSheet(error) from error
        except events.BadBatch as error:
            raise UnreadableBatch(wording.MALFORMED_BATCH) from error

    def read(self, body: bytes, context: Mapping[str, Any]) -> list[Parsed]:
        """Read the events of the body."""
        raise NotImplementedError


class EventParser(_EventsParser):
    """One CloudEvent."""

    media_type = "application/cloudevents+json"

    def read(self, body: bytes, context: Mapping[str, Any]) -> list[Parsed]:
        """Read the event; what is no JSON object at all is refused as a whole."""
        found = wire.read_event(body)
        if isinstance(found, Unreadable) and found.code == Refusal.MALFORMED:
            raise events.BadBatch("not an event")
        return [found]


class HeadersParser(_EventsParser):
    """One CloudEvent in binary mode: attributes in headers, data as the body."""

    media_type = "application/octet-stream"

    def read(self, body: bytes, context: Mapping[str, Any]) -> list[Parsed]:
        """Read the event; without the headers it is none."""
        request = context.get("request")
        if request is None or "ce-id" not in request.headers:
            raise events.BadBatch("no attributes")
        return [wire.read_headers(request.headers, body)]


class BatchParser(_EventsParser):
    """A JSON list of CloudEvents."""

    media_type = "application/cloudevents-batch+json"

    def read(self, body: bytes, context: Mapping[str, Any]) -> list[Parsed]:
        """Read the list."""
        return wire.read_batch(body)


class PlainParser(EventParser):
    """An object or a list, for callers that do not name the CloudEvents types."""

    media_type = "application/json"

    def read(self, body: bytes, context: Mapping[str, Any]) -> list[Parsed]:
        """Read one event or a list."""
        return wire.read_batch(body) if body.lstrip()[:1] == b"[" else super().read(body, context)


class LinesParser(_EventsParser):
    """One CloudEvent a line."""

    media_type = "application/x-ndjson"

    def read(self, body: bytes, context: Mapping[str, Any]) -> list[Parsed]:
        """Read the lines."""
        return wire.read_lines(body)


class CsvParser(_EventsParser):
    """A table: event_id, time, subscription and a column for each meter, or meter, quantity."""

    media_type = "text/csv"

    def read(self, body: bytes, context: Mapping[str, Any]) -> list[Parsed]:
        """Read the table."""
        return uploads.read_csv(body)


class SheetParser(CsvParser):
    """The same as the first sheet of an XLSX file."""

    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def read(self, body: bytes, context: Mapping[str, Any]) -> list[Parsed]:
        """Read the sheet."""
        return uploads.read_table(body)
