"""API: report usage, read it by day."""

from threading import BoundedSemaphore
from typing import ClassVar

import msgspec
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Policy
from accounts.authentication import actor_of
from accounts.permissions import Permission
from common.api_fields import QuantityField
from common.pagination import ListPagination
from vouchers.billing import wording
from vouchers.billing.actions.metering import usage
from vouchers.billing.actions.metering.usage import Answer, Outcome, UnreadableBatch
from vouchers.billing.api import parsers
from vouchers.billing.forms import UsageFilter
from vouchers.billing.models import UsageRollup
from vouchers.billing.rules.events import (
    EVENT_TYPE,
    MAX_EVENTS,
    MAX_METERS,
    MAX_QUANTITY,
    MAX_TEXT,
    SPEC_VERSION,
    Refusal,
)


class AnswerSerializer(serializers.Serializer[Answer]):
    """What became of one event."""

    index = serializers.IntegerField()
    id = serializers.CharField(allow_blank=True)
    outcome = serializers.ChoiceField(choices=[outcome.value for outcome in Outcome])
    code = serializers.ChoiceField(choices=[code.value for code in Refusal], required=False)
    detail = serializers.CharField(required=False)


class AnswersSerializer(serializers.Serializer[object]):
    """What became of each event, in the order sent."""

    accepted = serializers.IntegerField()
    duplicates = serializers.IntegerField()
    conflicts = serializers.IntegerField()
    rejected = serializers.IntegerField()
    events = AnswerSerializer(many=True)


class DayUsageSerializer(serializers.ModelSerializer[UsageRollup]):
    """Usage of a subscription and meter on a day."""

    subscription = serializers.CharField(source="subscription.code")
    quantity = QuantityField(unit_source="meter")

    class Meta:
        model = UsageRollup
        fields: ClassVar = ["subscription", "meter", "day", "quantity", "events"]


TURNS = BoundedSemaphore(2)
"""Batches that a process works on at a time: one computes while another waits for the database.

More would only hold more memory; those that wait their turn hold no more than their bodies.
"""
EXAMPLE = {
    "specversion": SPEC_VERSION,
    "type": EVENT_TYPE,
    "source": "/clusters/xifeng-1",
    "id": "request-000001",
    "time": "2026-10-12T10:00:00+08:00",
    "subject": "SB-7KQ4-M2XD",
    "data": {"input_tokens": 374, "output_tokens": 44},
}
TEXT = {"type": "string", "minLength": 1, "maxLength": MAX_TEXT}
EVENT = {
    "type": "object",
    "required": list(EXAMPLE),
    "properties": {
        "specversion": {"type": "string", "enum": [SPEC_VERSION]},
        "type": {"type": "string", "enum": [EVENT_TYPE]},
        "source": TEXT,
        "id": TEXT,
        "time": {"type": "string", "format": "date-time"},
        "subject": {**TEXT, "description": "Code of the subscription."},
        "data": {
            "type": "object",
            "description": "Base units by meter; below zero only in corrections.",
            "minProperties": 1,
            "maxProperties": MAX_METERS,
            "additionalProperties": {
                "type": "integer",
                "minimum": -MAX_QUANTITY,
                "maximum": MAX_QUANTITY,
            },
        },
        "corrects": {**TEXT, "description": "Id of the event that this one corrects."},
    },
    "example": EXAMPLE,
}
EVENTS = {"type": "array", "items": EVENT, "maxItems": MAX_EVENTS}


class UsageView(generics.GenericAPIView[UsageRollup]):
    """Usage of subscriptions."""

    policies: ClassVar[dict[str, Policy]] = {
        "GET": Permission.USAGE_VIEW,
        "POST": Permission.USAGE_REPORT,
    }
    serializer_class = DayUsageSerializer
    pagination_class = ListPagination
    filterset_class = UsageFilter
    queryset = UsageRollup.objects.none()
    parser_classes = [
        parsers.PlainParser,
        parsers.EventParser,
        parsers.BatchParser,
        parsers.LinesParser,
        parsers.CsvParser,
        parsers.SheetParser,
        parsers.HeadersParser,
    ]
    content_negotiation_class = parsers.ModeNegotiation

    def get_queryset(self) -> QuerySet[UsageRollup]:
        """Days in order; both sides of a contract see it."""
        rows = UsageRollup.objects.visible_to(actor_of(self.request))
        return rows.select_related("subscription").order_by("day", "subscription", "meter", "pk")

    @extend_schema(operation_id="api-usage-list")
    def get(self, request: Request) -> Response:
        """List usage by day, subscription and meter."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        operation_id="api-usage-report",
        request={
            "application/json": {"oneOf": [EVENTS, EVENT]},
            "application/cloudevents+json": EVENT,
            "application/cloudevents-batch+json": EVENTS,
            "application/x-ndjson": {"type": "string"},
            "text/csv": {"type": "string"},
            parsers.SheetParser.media_type: {"type": "string", "format": "binary"},
        },
        responses=AnswersSerializer,
        parameters=[
            OpenApiParameter(
                "trial", bool, description="Answer in the same way, but store nothing."
            )
        ],
        description=(
            f"Report up to {MAX_EVENTS} events. Each is answered by itself: accepted, duplicate,"
            " conflict (same source and id, other content) or rejected with a code. Accepted events"
            " are stored before the answer; sending the same events again is safe. One event may"
            " also come in CloudEvents' binary mode, its attributes in `ce-` headers. The extension"
            " attribute `corrects` names an earlier event of the source, whose quantities the event"
            " changes by signed ones."
        ),
    )
    def post(self, request: Request) -> HttpResponse:
        """Report usage as CloudEvents (one, a list, or one a line), CSV or XLSX."""
        with TURNS:
            sent = request.data
            if not isinstance(sent, list):  # an empty body never reaches a parser
                raise UnreadableBatch(wording.MALFORMED_BATCH)
            try:
                answers = usage.ingest(
                    by=actor_of(request),
                    events=sent,
                    at=timezone.now(),
                    is_trial=request.query_params.get("trial") == "true",
                )
            finally:
                # DRF's request stands in a circle with its parsers: what it holds would stay until the collector comes.
                sent.clear()
            return HttpResponse(_spelled(answers), content_type="application/json")


class _Row(msgspec.Struct, gc=False, omit_defaults=True):
    """An event that was not stored, with words for people."""

    index: int
    id: str
    outcome: Outcome
    code: Refusal | None = None
    detail: str = ""


class _Body(msgspec.Struct):
    """The answer to a call; spelled at once, since DRF's way costs more than storing the events."""

    accepted: int
    duplicates: int
    conflicts: int
    rejected: int
    events: list[Answer | _Row]


def _spelled(answers: list[Answer]) -> bytes:
    rows: list[Answer | _Row] = [
        answer if answer.outcome is Outcome.ACCEPTED else _row(answer) for answer in answers
    ]
    return msgspec.json.encode(_Body(*usage.counted(answers), rows))


def _row(answer: Answer) -> Answer | _Row:
    if answer.outcome is Outcome.DUPLICATE:
        return answer
    detail = wording.explanation(answer.outcome, answer.code)
    return _Row(answer.index, answer.id, answer.outcome, answer.code, detail)
