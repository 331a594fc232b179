"""API: letters sent, and the bureau's templates."""

from typing import Any, ClassVar

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import Policy
from accounts.authentication import actor_of
from accounts.permissions import Permission
from common.pagination import ListPagination
from vouchers.grants.actions import letters
from vouchers.grants.models import Letter, LetterKind


class LetterSerializer(serializers.ModelSerializer[Letter]):
    """A letter as it was sent."""

    application = serializers.CharField(source="application.code")

    class Meta:
        model = Letter
        fields: ClassVar = [
            "code", "application", "kind", "template_version", "subject_zh", "subject_en", "body_zh",
            "body_en", "sent_at",
        ]  # fmt: skip
        read_only_fields = fields


class TextsSerializer(serializers.Serializer[Any]):
    """The four texts, and the version that they change (0 for the standing text)."""

    version = serializers.IntegerField(min_value=0, max_value=2_000_000_000)
    subject_zh = serializers.CharField(max_length=100)
    subject_en = serializers.CharField(max_length=150)
    body_zh = serializers.CharField(max_length=4000)
    body_en = serializers.CharField(max_length=6000)


class TemplateSerializer(serializers.Serializer[letters.Current]):
    """The words in use for one occasion."""

    kind = serializers.ChoiceField(choices=LetterKind.choices)
    version = serializers.IntegerField()
    subject_zh = serializers.CharField()
    subject_en = serializers.CharField()
    body_zh = serializers.CharField()
    body_en = serializers.CharField()


class LetterListView(generics.GenericAPIView[Letter]):
    """Letters to the own enterprise, or sent by the own bureau."""

    policy: ClassVar[Policy] = Permission.ORGANIZATION_VIEW
    serializer_class = LetterSerializer
    pagination_class = ListPagination
    filter_backends = ()
    queryset = Letter.objects.none()

    @extend_schema(
        operation_id="api-letter-list", parameters=[OpenApiParameter("application", str)]
    )
    def get(self, request: Request) -> Response:
        """List letters, the newest first."""
        rows = Letter.objects.visible_to(actor_of(request)).select_related("application")
        code = request.query_params.get("application")
        if code:
            rows = rows.filter(application__code=code.replace("\x00", ""))
        page = self.paginate_queryset(rows.order_by("-sent_at", "-pk"))
        return self.get_paginated_response(LetterSerializer(page, many=True).data)


class LetterView(APIView):
    """One letter."""

    policy: ClassVar[Policy] = Permission.ORGANIZATION_VIEW

    @extend_schema(operation_id="api-letter-read", responses=LetterSerializer)
    def get(self, request: Request, code: str) -> Response:
        """Read a letter."""
        rows = Letter.objects.visible_to(actor_of(request)).select_related("application")
        return Response(LetterSerializer(get_object_or_404(rows, code=code)).data)


class TemplateListView(APIView):
    """The words in use."""

    policy: ClassVar[Policy] = Permission.SCHEME_MANAGE

    @extend_schema(operation_id="api-letter-template-list", responses=TemplateSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the words in use for every occasion."""
        found = letters.all_current(bureau=actor_of(request).own())
        return Response(TemplateSerializer(found, many=True).data)  # type: ignore[arg-type]


class TemplateView(APIView):
    """The words for one occasion."""

    policy: ClassVar[Policy] = Permission.SCHEME_MANAGE

    @extend_schema(
        operation_id="api-letter-template-save",
        request=TextsSerializer,
        responses=TemplateSerializer,
        parameters=[OpenApiParameter("kind", location="path", enum=LetterKind.values)],
    )
    def put(self, request: Request, kind: str) -> Response:
        """Write the next version; places are checked against the closed list."""
        if kind not in LetterKind.values:
            raise Http404
        asked = TextsSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        texts = dict(asked.validated_data)
        saved = letters.save(
            by=actor_of(request),
            kind=LetterKind(kind),
            version=texts.pop("version"),
            texts=texts,
            at=timezone.now(),
        )
        return Response(TemplateSerializer(saved).data)  # type: ignore[arg-type]
