"""API: what the signed-in person was told. A key is told nothing: it has no reader."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import topics
from accounts.access import SIGNED_IN, Policy
from accounts.actions import notifications
from accounts.authentication import actor_of
from accounts.models import Notification
from common.pagination import ListPagination


class NotificationSerializer(serializers.ModelSerializer[Notification]):
    """One thing that happened, in the language asked for; `facts` are the same for machines."""

    title = serializers.SerializerMethodField()
    text = serializers.SerializerMethodField()
    facts = serializers.DictField(source="data")

    class Meta:
        model = Notification
        fields: ClassVar = [
            "code", "topic", "title", "text", "facts", "url", "created_at", "read_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_title(self, row: Notification) -> str:
        """One line."""
        return topics.said(row.topic, row.data).title

    def get_text(self, row: Notification) -> str:
        """What happened, and what to do next."""
        return topics.said(row.topic, row.data).text


class NotificationListView(generics.GenericAPIView[Notification]):
    """Notifications of the person who asks, for the organization acted for."""

    policy: ClassVar[Policy] = SIGNED_IN
    serializer_class = NotificationSerializer
    pagination_class = ListPagination
    filter_backends = ()
    queryset = Notification.objects.none()

    def get_queryset(self) -> QuerySet[Notification]:
        """Newest first."""
        rows = Notification.objects.visible_to(actor_of(self.request))
        if self.request.query_params.get("unread") == "true":
            rows = rows.unread()
        return rows.order_by("-created_at", "-pk")

    @extend_schema(
        operation_id="api-notification-list", parameters=[OpenApiParameter("unread", type=bool)]
    )
    def get(self, request: Request) -> Response:
        """List notifications, the newest first."""
        page: Any = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class NotificationReadView(APIView):
    """Reading."""

    policy: ClassVar[Policy] = SIGNED_IN

    @extend_schema(
        operation_id="api-notification-read", request=None, responses=NotificationSerializer
    )
    def post(self, request: Request, code: str) -> Response:
        """Mark one as read; a second call changes nothing."""
        actor = actor_of(request)
        row = get_object_or_404(Notification.objects.visible_to(actor), code=code)
        done = notifications.mark_read(by=actor, notification=row, at=timezone.now())
        return Response(NotificationSerializer(done).data)
