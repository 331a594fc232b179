"""Licenses: hand in, list; for the bureau verify, refuse."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.generics import get_object_or_404
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import actor_of
from accounts.permissions import Permission
from common.pagination import ListPagination
from providers.actions import licenses
from providers.api.registrations import RefusalRequestSerializer
from providers.models import License, LicenseKind


class LicenseSerializer(serializers.ModelSerializer[License]):
    """A license; `check_due_on` is the day by which the bureau looks at it again."""

    provider = serializers.CharField(source="provider.code")
    has_file = serializers.SerializerMethodField()

    class Meta:
        model = License
        fields = (
            "code",
            "provider",
            "kind",
            "number",
            "expires_on",
            "has_file",
            "status",
            "remark",
            "submitted_at",
            "decided_at",
            "check_due_on",
        )
        read_only_fields = fields

    def get_has_file(self, row: License) -> bool:
        """Tell whether a scan lies beside it."""
        return row.file_id is not None


class LicenseRequestSerializer(serializers.Serializer[Any]):
    """A license to hand in, its scan too where there is one."""

    kind = serializers.ChoiceField(choices=LicenseKind.choices)
    number = serializers.CharField(max_length=50)
    expires_on = serializers.DateField()
    file = serializers.FileField(required=False, allow_empty_file=True)


class LicenseList(generics.ListAPIView[License]):
    """The caller's own licenses; a provider hands in a further one."""

    policy = Permission.PROVIDER_MANAGE
    queryset = License.objects.none()
    serializer_class = LicenseSerializer
    pagination_class = ListPagination
    parser_classes = (MultiPartParser,)

    def get_queryset(self) -> QuerySet[License]:
        """Those of the caller's organization, by kind, the latest first."""
        rows = License.objects.visible_to(actor_of(self.request))
        return rows.select_related("provider").order_by("kind", "-expires_on", "pk")

    @extend_schema(
        operation_id="licenses_submit",
        request={"multipart/form-data": LicenseRequestSerializer},
        responses={201: LicenseSerializer},
    )
    def post(self, request: Request) -> Response:
        """Hand in a license; 409 for one that was handed in before."""
        sent = LicenseRequestSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        made = licenses.submit(by=actor_of(request), at=timezone.now(), **sent.validated_data)
        return Response(LicenseSerializer(made).data, status=status.HTTP_201_CREATED)


class LicenseVerify(APIView):
    """Confirm a license."""

    policy = Permission.PROVIDER_VERIFY

    @extend_schema(operation_id="licenses_verify", request=None, responses={200: LicenseSerializer})
    def post(self, request: Request, code: str) -> Response:
        """Verify it, for the first time or again; 409 when it was refused."""
        by = actor_of(request)
        found = get_object_or_404(License.objects.visible_to(by), code=code)
        done = licenses.verify(by=by, license=found, at=timezone.now())
        return Response(LicenseSerializer(done).data)


class LicenseRefuse(APIView):
    """Refuse a license."""

    policy = Permission.PROVIDER_VERIFY

    @extend_schema(
        operation_id="licenses_refuse",
        request=RefusalRequestSerializer,
        responses={200: LicenseSerializer},
    )
    def post(self, request: Request, code: str) -> Response:
        """Refuse it with a remark; 409 when it was refused before."""
        sent = RefusalRequestSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        by = actor_of(request)
        found = get_object_or_404(License.objects.visible_to(by), code=code)
        done = licenses.refuse(by=by, license=found, at=timezone.now(), **sent.validated_data)
        return Response(LicenseSerializer(done).data)
