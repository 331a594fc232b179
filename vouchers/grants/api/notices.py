"""API: announcements for everybody, objections of anybody, decisions of the bureau."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import PUBLIC, Policy
from accounts.authentication import actor_of
from accounts.permissions import Permission
from common import limits
from common.api_fields import CodeField, MoneyField
from common.downloads import attachment
from common.pagination import ListPagination
from vouchers.grants.actions import notices, objections
from vouchers.grants.models import Announcement, Objection, Scheme, VoucherKind


class AnnouncementLineSerializer(serializers.Serializer[Any]):
    """One application as it was announced."""

    application = serializers.CharField()
    enterprise = serializers.CharField()
    kind = serializers.ChoiceField(choices=VoucherKind.choices)
    amount = MoneyField(source="amount_fen")


class AnnouncementSerializer(serializers.ModelSerializer[Announcement]):
    """Applications announced together; objections are taken until `ends_at`."""

    scheme = serializers.CharField(source="scheme.code")
    lines = AnnouncementLineSerializer(many=True)

    class Meta:
        model = Announcement
        fields: ClassVar = [
            "code", "scheme", "title", "text", "published_at", "ends_at", "lines",
        ]  # fmt: skip
        read_only_fields = fields


class NewAnnouncementSerializer(serializers.Serializer[Any]):
    """Approved applications of one scheme; the last day is by default the earliest possible."""

    scheme = CodeField(prefix="SC")
    applications = serializers.ListField(
        child=CodeField(prefix="AP"), allow_empty=False, max_length=notices.MOST_LINES
    )
    title = serializers.CharField(max_length=150, allow_blank=True, default="")
    text = serializers.CharField(max_length=5000, allow_blank=True, default="")
    last_day = serializers.DateField(allow_null=True, default=None)


class NewObjectionSerializer(serializers.Serializer[Any]):
    """Who objects to which application of an announcement, and why."""

    application = CodeField(prefix="AP")
    name = serializers.CharField(max_length=50)
    contact = serializers.CharField(max_length=100, min_length=5)
    reason = serializers.CharField(max_length=2000, min_length=10)


class NewObjectionWithFileSerializer(NewObjectionSerializer):
    """The same with evidence: PDF, OFD, JPG or PNG, at most 10 MB, without a password."""

    file = serializers.FileField(allow_empty_file=True, max_length=200, required=False)


class ObjectionReceiptSerializer(serializers.ModelSerializer[Objection]):
    """The number under which an objection was received."""

    class Meta:
        model = Objection
        fields: ClassVar = ["code", "raised_at"]
        read_only_fields = fields


class ObjectionSerializer(serializers.ModelSerializer[Objection]):
    """An objection as the bureau sees it; `evidence` is the name of its file."""

    announcement = serializers.CharField(source="announcement.code")
    application = serializers.CharField(source="notice.application.code")
    evidence = serializers.CharField(source="evidence.name", default=None, allow_null=True)

    class Meta:
        model = Objection
        fields: ClassVar = [
            "code", "announcement", "application", "name", "contact", "reason", "evidence", "raised_at",
            "status", "answer", "decided_at",
        ]  # fmt: skip
        read_only_fields = fields


class ObjectionDecisionSerializer(serializers.Serializer[Any]):
    """Whether the bureau agrees, and why."""

    outcome = serializers.ChoiceField(choices=["uphold", "reject"])
    answer = serializers.CharField(max_length=2000)


class AnnouncementListView(generics.GenericAPIView[Announcement]):
    """Announcements."""

    policies: ClassVar[dict[str, Policy]] = {"GET": PUBLIC, "POST": Permission.VOUCHER_ISSUE}
    serializer_class = AnnouncementSerializer
    pagination_class = ListPagination
    filter_backends = ()
    queryset = Announcement.objects.none()

    @extend_schema(operation_id="api-announcement-list")
    def get(self, request: Request) -> Response:
        """List announcements, the newest first."""
        rows = Announcement.objects.select_related("scheme").order_by("-published_at", "-pk")
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(AnnouncementSerializer(page, many=True).data)

    @extend_schema(
        operation_id="api-announcement-publish",
        request=NewAnnouncementSerializer,
        responses={201: AnnouncementSerializer},
    )
    def post(self, request: Request) -> Response:
        """Publish approved applications of one scheme together."""
        actor, (scheme, given) = actor_of(request), _asked(request)
        made = notices.announce(by=actor, scheme=scheme, at=timezone.now(), **given)
        return Response(AnnouncementSerializer(made).data, status=201)


class AnnouncementPreviewSerializer(AnnouncementSerializer):
    """An announcement as it would be published; it has no number yet."""

    class Meta(AnnouncementSerializer.Meta):
        fields: ClassVar = ["scheme", "title", "text", "ends_at", "lines"]
        read_only_fields = fields


class AnnouncementPreviewView(APIView):
    """Looking at an announcement before it is published."""

    policy: ClassVar[Policy] = Permission.VOUCHER_ISSUE

    @extend_schema(
        operation_id="api-announcement-preview",
        request=NewAnnouncementSerializer,
        responses=AnnouncementPreviewSerializer,
    )
    def post(self, request: Request) -> Response:
        """Try the announcement and roll it back: the same refusals, and what everybody would see."""
        actor, (scheme, given) = actor_of(request), _asked(request)
        found = notices.preview(by=actor, scheme=scheme, at=timezone.now(), **given)
        return Response(AnnouncementPreviewSerializer(found).data)


class ObjectionRaiseView(APIView):
    """Objections of anybody."""

    policy: ClassVar[Policy] = PUBLIC
    parser_classes = (JSONParser, MultiPartParser, FormParser)

    @extend_schema(
        operation_id="api-objection-raise",
        request={
            "application/json": NewObjectionSerializer,
            "multipart/form-data": NewObjectionWithFileSerializer,
        },
        responses={201: ObjectionReceiptSerializer},
    )
    def post(self, request: Request, code: str) -> Response:
        """Object to an announced application, with evidence or without; five in an hour from one place."""
        announcement = get_object_or_404(Announcement.objects.select_related("scheme"), code=code)
        asked = NewObjectionWithFileSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        limits.spend(name="object", who=limits.address_of(request), limit=5, seconds=3600)
        made = objections.raise_against(
            announcement=announcement, at=timezone.now(), **asked.validated_data
        )
        return Response(ObjectionReceiptSerializer(made).data, status=201)


class ObjectionListView(generics.GenericAPIView[Objection]):
    """Objections to the announcements of the own bureau."""

    policy: ClassVar[Policy] = Permission.VOUCHER_ISSUE
    serializer_class = ObjectionSerializer
    pagination_class = ListPagination
    filter_backends = ()
    queryset = Objection.objects.none()

    def get_queryset(self) -> QuerySet[Objection]:
        """Newest first."""
        rows = Objection.objects.visible_to(actor_of(self.request))
        return rows.select_related("announcement", "notice__application", "evidence").order_by(
            "-raised_at", "-pk"
        )

    @extend_schema(operation_id="api-objection-list")
    def get(self, request: Request) -> Response:
        """List objections, the newest first."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(ObjectionSerializer(page, many=True).data)


class ObjectionFileView(APIView):
    """The evidence of an objection."""

    policy: ClassVar[Policy] = Permission.VOUCHER_ISSUE

    @extend_schema(
        operation_id="api-objection-file",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, code: str) -> HttpResponse:
        """Download the file, always as an attachment."""
        rows = Objection.objects.visible_to(actor_of(request)).select_related("evidence")
        found = get_object_or_404(rows, code=code)
        if found.evidence is None:
            raise Http404
        return attachment(found.evidence)


class ObjectionDecideView(APIView):
    """The decision on an objection."""

    policy: ClassVar[Policy] = Permission.VOUCHER_ISSUE

    @extend_schema(
        operation_id="api-objection-decide",
        request=ObjectionDecisionSerializer,
        responses=ObjectionSerializer,
    )
    def post(self, request: Request, code: str) -> Response:
        """Uphold (the application is reviewed again) or reject, with reasons."""
        actor = actor_of(request)
        found = get_object_or_404(Objection.objects.visible_to(actor), code=code)
        asked = ObjectionDecisionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        decide = {"uphold": objections.uphold, "reject": objections.reject}
        done = decide[asked.validated_data["outcome"]](
            by=actor, objection=found, answer=asked.validated_data["answer"], at=timezone.now()
        )
        return Response(ObjectionSerializer(done).data)


def _asked(request: Request) -> tuple[Scheme, dict[str, Any]]:
    """The scheme of the own bureau that is meant, and what is asked of it."""
    asked = NewAnnouncementSerializer(data=request.data)
    asked.is_valid(raise_exception=True)
    given = dict(asked.validated_data)
    schemes = Scheme.objects.filter(bureau=actor_of(request).organization)
    return get_object_or_404(schemes, code=given.pop("scheme")), given
