"""API: schemes, the public pre-check, public notices."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import PUBLIC, Actor, Policy
from accounts.api_fields import HeadcountField, IndustryField, RegionField
from accounts.authentication import actor_of
from accounts.permissions import Permission
from common.api_fields import CodeField, MoneyField
from common.idempotency import idempotent
from common.pagination import ListPagination
from common.periods import local_day
from vouchers.grants.actions import prechecks, schemes
from vouchers.grants.models import PublicNotice, Scheme, VoucherKind
from vouchers.grants.rules.registry import LEGAL_FORMS

from .assessments import AssessmentSerializer


class SchemeSerializer(serializers.ModelSerializer[Scheme]):
    """A scheme with its rules as data; every rule value carries source and article."""

    bureau = serializers.CharField(source="bureau.name")
    budget = MoneyField(source="budget_fen")
    budget_left = serializers.SerializerMethodField()

    class Meta:
        model = Scheme
        fields: ClassVar = [
            "code", "slug", "version", "name", "name_en", "bureau", "voucher_kinds", "region", "rules",
            "budget", "budget_left", "opens_on", "closes_on", "source", "status", "published_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_budget_left(self, scheme: Scheme) -> dict[str, str]:
        """What can still be issued."""
        left: dict[str, int] = self.context["left_fen"]
        return MoneyField().to_representation(left[scheme.code])


class NewSchemeSerializer(serializers.Serializer[Any]):
    """A draft of a scheme."""

    slug = serializers.SlugField(max_length=50)
    name = serializers.CharField(max_length=100)
    name_en = serializers.CharField(max_length=150)
    voucher_kinds = serializers.ListField(
        child=serializers.ChoiceField(choices=VoucherKind.choices), min_length=1, max_length=3
    )
    region = RegionField()
    rules = serializers.DictField()
    budget = MoneyField(source="budget_fen", minimum_fen=1)
    opens_on = serializers.DateField()
    closes_on = serializers.DateField()
    source = serializers.CharField(max_length=400)  # type: ignore[assignment]


class PrecheckAnswersSerializer(serializers.Serializer[Any]):
    """Plain answers of the pre-check; what is left out counts as not known."""

    scheme = CodeField(prefix="SC")
    kind = serializers.ChoiceField(choices=VoucherKind.choices)
    planned_spend = MoneyField(source="planned_spend_fen", minimum_fen=1)
    legal_form = serializers.ChoiceField(choices=list(LEGAL_FORMS), allow_null=True, default=None)
    region = RegionField(allow_null=True, default=None)
    industry = IndustryField(allow_null=True, default=None)
    employees = HeadcountField(allow_null=True, default=None)
    revenue = MoneyField(source="revenue_fen", allow_null=True, default=None)
    assets = MoneyField(source="assets_fen", allow_null=True, default=None)


class OfferSerializer(serializers.Serializer[prechecks.Offer]):
    """What one scheme would give."""

    scheme = serializers.CharField(source="scheme.code")
    name = serializers.CharField(source="scheme.name")
    assessment = AssessmentSerializer()


class PrecheckSerializer(serializers.Serializer[prechecks.Precheck]):
    """The answer for the chosen scheme, and what else."""

    offer = OfferSerializer()
    others = OfferSerializer(many=True)
    size = serializers.CharField(allow_null=True)


class NoticeSerializer(serializers.ModelSerializer[PublicNotice]):
    """An approved application as shown to the public."""

    application = serializers.CharField(source="application.code")
    enterprise = serializers.CharField(source="application.enterprise.name")
    scheme = serializers.CharField(source="application.scheme.code")
    kind = serializers.CharField(source="application.kind")
    amount = MoneyField(source="application.granted_fen")

    class Meta:
        model = PublicNotice
        fields: ClassVar = [
            "application", "enterprise", "scheme", "kind", "amount", "published_at", "ends_at",
        ]  # fmt: skip
        read_only_fields = fields


def answer(scheme: Scheme) -> dict[str, Any]:
    """One scheme as the API shows it."""
    left = schemes.budgets_left_fen(schemes=[scheme])
    return dict(SchemeSerializer(scheme, context={"left_fen": left}).data)


def seen_by(request: Request) -> QuerySet[Scheme]:
    """Schemes that whoever asks may see."""
    actor = request.auth if isinstance(request.auth, Actor) else None
    return Scheme.objects.visible_to(actor).select_related("bureau")


class SchemeListView(generics.GenericAPIView[Scheme]):
    """Published schemes, and the drafts of one's own bureau."""

    policies: ClassVar[dict[str, Policy]] = {"GET": PUBLIC, "POST": Permission.SCHEME_MANAGE}
    serializer_class = SchemeSerializer
    pagination_class = ListPagination
    filter_backends = ()
    queryset = Scheme.objects.none()

    @extend_schema(operation_id="api-scheme-list")
    def get(self, request: Request) -> Response:
        """List schemes, the one closing last first."""
        page = self.paginate_queryset(seen_by(request).order_by("-closes_on", "pk")) or []
        left = schemes.budgets_left_fen(schemes=page)
        shown = SchemeSerializer(page, many=True, context={"left_fen": left})
        return self.get_paginated_response(shown.data)

    @extend_schema(
        operation_id="api-scheme-create",
        request=NewSchemeSerializer,
        responses={201: SchemeSerializer},
    )
    def post(self, request: Request) -> Response:
        """Write a draft; the same slug again makes its next version."""
        asked = NewSchemeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        made = schemes.create(by=actor_of(request), at=timezone.now(), **asked.validated_data)
        return Response(answer(made), status=201)


class SchemeView(APIView):
    """One scheme."""

    policy: ClassVar[Policy] = PUBLIC

    @extend_schema(operation_id="api-scheme-read", responses=SchemeSerializer)
    def get(self, request: Request, code: str) -> Response:
        """Read a scheme with its rules."""
        return Response(answer(get_object_or_404(seen_by(request), code=code)))


class SchemePublishView(APIView):
    """Opening of a scheme."""

    policy: ClassVar[Policy] = Permission.SCHEME_MANAGE

    @extend_schema(operation_id="api-scheme-publish", request=None, responses=SchemeSerializer)
    @idempotent
    def post(self, request: Request, code: str) -> Response:
        """Open a scheme to applications and put its budget on the ledger."""
        actor = actor_of(request)
        scheme = get_object_or_404(Scheme.objects.visible_to(actor), code=code)
        published = schemes.publish(by=actor, scheme=scheme, at=timezone.now())
        return Response(answer(published))


class PrecheckView(APIView):
    """The public pre-check."""

    policy: ClassVar[Policy] = PUBLIC

    @extend_schema(
        operation_id="api-precheck-answer",
        request=PrecheckAnswersSerializer,
        responses=PrecheckSerializer,
    )
    def post(self, request: Request) -> Response:
        """Tell yes, no or perhaps, why, how much, and what else. Nothing is stored."""
        asked = PrecheckAnswersSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        at = timezone.now()
        open_now = Scheme.objects.open_on(local_day(at))
        scheme = get_object_or_404(open_now, code=given.pop("scheme"))
        found = prechecks.answer(scheme=scheme, answers=prechecks.Answers(**given), at=at)
        return Response(PrecheckSerializer(found).data)


class NoticeListView(generics.GenericAPIView[PublicNotice]):
    """Public notices."""

    policy: ClassVar[Policy] = PUBLIC
    serializer_class = NoticeSerializer
    pagination_class = ListPagination
    filter_backends = ()
    queryset = PublicNotice.objects.none()

    @extend_schema(operation_id="api-notice-list")
    def get(self, request: Request) -> Response:
        """List notices, the newest first."""
        rows = PublicNotice.objects.filter(withdrawn_at__isnull=True).select_related(
            "application__enterprise", "application__scheme"
        )
        page = self.paginate_queryset(rows.order_by("-published_at", "-pk"))
        return self.get_paginated_response(NoticeSerializer(page, many=True).data)
