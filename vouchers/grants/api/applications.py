"""API: applications from the draft to the voucher."""

from typing import Any, ClassVar

from django.db.models import QuerySet
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
from common.api_fields import CodeField, MoneyField
from common.idempotency import idempotent
from common.pagination import ListPagination
from common.periods import local_day
from vouchers.grants.actions import applications, drafts, issuing, notices, reviews
from vouchers.grants.models import (
    Application,
    ApplicationStatus,
    Review,
    ReviewOutcome,
    ReviewStage,
    Scheme,
    VoucherKind,
)
from vouchers.grants.rules.refusals import REFUSALS

from .schemes import NoticeSerializer
from .vouchers import VoucherSerializer


class ReviewSerializer(serializers.ModelSerializer[Review]):
    """One decision."""

    decided_by = serializers.CharField(source="decided_by.name")

    class Meta:
        model = Review
        fields: ClassVar = ["stage", "outcome", "reason", "remark", "decided_at", "decided_by"]
        read_only_fields = fields


class ApplicationSerializer(serializers.ModelSerializer[Application]):
    """An application; `assessment` is the record stored with the approval."""

    scheme = serializers.CharField(source="scheme.code")
    enterprise = serializers.CharField(source="enterprise.code")
    planned_spend = MoneyField(source="planned_spend_fen")
    granted = MoneyField(source="granted_fen", allow_null=True)
    answers = serializers.DictField()
    assessment = serializers.DictField()
    reviews = ReviewSerializer(many=True)

    class Meta:
        model = Application
        fields: ClassVar = [
            "code", "scheme", "enterprise", "kind", "planned_spend", "purpose", "answers", "version",
            "status", "granted", "assessment", "reviews", "created_at", "prepared_at", "submitted_at",
        ]  # fmt: skip
        read_only_fields = fields


class AnswersSerializer(serializers.Serializer[Any]):
    """What an applicant states."""

    kind = serializers.ChoiceField(choices=VoucherKind.choices)
    planned_spend = MoneyField(source="planned_spend_fen", minimum_fen=1)
    purpose = serializers.CharField(max_length=2000, allow_blank=True, default="")
    answers = serializers.DictField(required=False)
    version = serializers.IntegerField(min_value=1, required=False)

    def values(self) -> dict[str, Any]:
        """The values by key, as the actions take them."""
        given = self.validated_data
        columns = {name: given[name] for name in ("kind", "planned_spend_fen", "purpose")}
        return {**given.get("answers", {}), **columns}


class NewApplicationSerializer(AnswersSerializer):
    """A draft for a scheme."""

    scheme = CodeField(prefix="SC")


class DecisionSerializer(serializers.Serializer[Any]):
    """Pass or refuse; a refusal needs a reason of the closed list."""

    stage = serializers.ChoiceField(choices=ReviewStage.choices)
    outcome = serializers.ChoiceField(choices=ReviewOutcome.choices)
    reason = serializers.ChoiceField(choices=list(REFUSALS), allow_blank=True, default="")
    remark = serializers.CharField(max_length=2000, allow_blank=True, default="")


def seen_by(request: Request) -> QuerySet[Application]:
    """Applications that whoever asks may see."""
    return (
        Application.objects.visible_to(actor_of(request))
        .select_related("scheme", "enterprise")
        .prefetch_related("reviews__decided_by")
    )


def one(request: Request, code: str) -> Application:
    """One of them, or 404."""
    return get_object_or_404(seen_by(request), code=code)


class ApplicationListView(generics.GenericAPIView[Application]):
    """Applications of the own enterprise, or those submitted to the own bureau."""

    policies: ClassVar[dict[str, Policy]] = {
        "GET": Permission.ORGANIZATION_VIEW,
        "POST": Permission.APPLICATION_PREPARE,
    }
    serializer_class = ApplicationSerializer
    pagination_class = ListPagination
    filter_backends = ()
    queryset = Application.objects.none()

    @extend_schema(
        operation_id="api-application-list",
        parameters=[OpenApiParameter("status", enum=ApplicationStatus.values)],
    )
    def get(self, request: Request) -> Response:
        """List applications, the newest first."""
        rows = seen_by(request)
        status = request.query_params.get("status")
        if status:
            rows = rows.filter(status=status)
        page = self.paginate_queryset(rows.order_by("-created_at", "-pk"))
        return self.get_paginated_response(ApplicationSerializer(page, many=True).data)

    @extend_schema(
        operation_id="api-application-start",
        request=NewApplicationSerializer,
        responses={201: ApplicationSerializer},
    )
    def post(self, request: Request) -> Response:
        """Begin a draft."""
        asked = NewApplicationSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = {name: value for name, value in asked.validated_data.items() if name != "version"}
        at = timezone.now()
        open_now = Scheme.objects.open_on(local_day(at))
        scheme = get_object_or_404(open_now, code=given.pop("scheme"))
        made = applications.start(by=actor_of(request), scheme=scheme, at=at, **given)
        return Response(ApplicationSerializer(made).data, status=201)


class ApplicationView(APIView):
    """One application."""

    policies: ClassVar[dict[str, Policy]] = {
        "GET": Permission.ORGANIZATION_VIEW,
        "PUT": Permission.APPLICATION_PREPARE,
    }

    @extend_schema(operation_id="api-application-read", responses=ApplicationSerializer)
    def get(self, request: Request, code: str) -> Response:
        """Read an application with its decisions."""
        return Response(ApplicationSerializer(one(request, code)).data)

    @extend_schema(
        operation_id="api-application-update",
        request=AnswersSerializer,
        responses=ApplicationSerializer,
    )
    def put(self, request: Request, code: str) -> Response:
        """Change a draft."""
        asked = AnswersSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        saved = drafts.save(
            by=actor_of(request),
            application=one(request, code),
            values=asked.values(),
            seen=asked.validated_data.get("version"),
            at=timezone.now(),
        )
        return Response(ApplicationSerializer(saved).data)


class ApplicationPrepareView(APIView):
    """Handing a draft to the signatory."""

    policy: ClassVar[Policy] = Permission.APPLICATION_PREPARE

    @extend_schema(
        operation_id="api-application-prepare", request=None, responses=ApplicationSerializer
    )
    def post(self, request: Request, code: str) -> Response:
        """Hand the checked draft to the signatory."""
        done = applications.prepare(
            by=actor_of(request), application=one(request, code), at=timezone.now()
        )
        return Response(ApplicationSerializer(done).data)


class ApplicationSubmitView(APIView):
    """Handing in."""

    policy: ClassVar[Policy] = Permission.APPLICATION_SUBMIT

    @extend_schema(
        operation_id="api-application-submit", request=None, responses=ApplicationSerializer
    )
    def post(self, request: Request, code: str) -> Response:
        """Sign and hand in; never the person who prepared."""
        done = applications.submit(
            by=actor_of(request), application=one(request, code), at=timezone.now()
        )
        return Response(ApplicationSerializer(done).data)


class ApplicationWithdrawView(APIView):
    """Taking back."""

    policy: ClassVar[Policy] = Permission.ORGANIZATION_VIEW

    @extend_schema(
        operation_id="api-application-withdraw", request=None, responses=ApplicationSerializer
    )
    def post(self, request: Request, code: str) -> Response:
        """Take an application back before the voucher is issued; preparer or signatory."""
        done = applications.withdraw(
            by=actor_of(request), application=one(request, code), at=timezone.now()
        )
        return Response(ApplicationSerializer(done).data)


class ReviewListView(APIView):
    """Decisions on an application."""

    policy: ClassVar[Policy] = Permission.APPLICATION_REVIEW

    @extend_schema(
        operation_id="api-review-decide",
        request=DecisionSerializer,
        responses={201: ReviewSerializer},
    )
    def post(self, request: Request, code: str) -> Response:
        """Pass or refuse at one stage; two humans, neither of the applicant."""
        asked = DecisionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        review = reviews.decide(
            by=actor_of(request),
            application=one(request, code),
            at=timezone.now(),
            **asked.validated_data,
        )
        return Response(ReviewSerializer(review).data, status=201)


class NoticeView(APIView):
    """The public notice of an application."""

    policy: ClassVar[Policy] = Permission.VOUCHER_ISSUE

    @extend_schema(
        operation_id="api-notice-publish", request=None, responses={201: NoticeSerializer}
    )
    def post(self, request: Request, code: str) -> Response:
        """Put an approved application on public notice."""
        notice = notices.publish(
            by=actor_of(request), application=one(request, code), at=timezone.now()
        )
        return Response(NoticeSerializer(notice).data, status=201)


class IssueView(APIView):
    """The issue of a voucher."""

    policy: ClassVar[Policy] = Permission.VOUCHER_ISSUE

    @extend_schema(
        operation_id="api-voucher-issue", request=None, responses={201: VoucherSerializer}
    )
    @idempotent
    def post(self, request: Request, code: str) -> Response:
        """Issue the voucher once the notice has ended: budget and yearly cap move together."""
        voucher = issuing.issue(
            by=actor_of(request), application=one(request, code), at=timezone.now()
        )
        return Response(VoucherSerializer(voucher).data, status=201)
