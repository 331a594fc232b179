"""The compute bank: balance, deposits, draws; every POST that moves hours takes an Idempotency-Key."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import Policy
from accounts.authentication import actor_of
from accounts.permissions import Permission
from common.api_fields import CodeField, MonthField, QuantityField
from common.idempotency import idempotent
from common.pagination import ListPagination
from providers.actions import bank_deposits, bank_draws
from providers.models import BankDeposit, BankDraw, Offering


class BankBalanceSerializer(serializers.Serializer[Any]):
    """Card-seconds: deposited = left + drawn + expired; `waiting` is not approved yet."""

    deposited = QuantityField(unit="card_seconds")
    left = QuantityField(unit="card_seconds")
    drawn = QuantityField(unit="card_seconds")
    expired = QuantityField(unit="card_seconds")
    waiting = QuantityField(unit="card_seconds")


class HoursRequestSerializer(serializers.Serializer[Any]):
    """So many card-seconds of a month at one offering."""

    offering = CodeField(prefix="OF")
    month = MonthField()
    card_time = QuantityField(unit="card_seconds", source="card_seconds")


class BankDepositSerializer(serializers.ModelSerializer[BankDeposit]):
    """A deposit: a credit of its enterprise until `expires_on`, hours for others in `month`."""

    enterprise = serializers.CharField(source="enterprise.code")
    offering = serializers.CharField(source="offering.code")
    month = MonthField()
    card_time = QuantityField(unit="card_seconds", source="card_seconds")
    spent = QuantityField(unit="card_seconds", source="spent_seconds")
    given = QuantityField(unit="card_seconds", source="given_seconds")

    class Meta:
        model = BankDeposit
        fields = (
            "code",
            "enterprise",
            "offering",
            "month",
            "card_time",
            "spent",
            "given",
            "expires_on",
            "status",
            "remark",
            "proposed_at",
            "decided_at",
        )
        read_only_fields = fields


class BankDrawSerializer(serializers.ModelSerializer[BankDraw]):
    """Hours taken elsewhere; usage is reported on `subscription`."""

    enterprise = serializers.CharField(source="enterprise.code")
    offering = serializers.CharField(source="offering.code")
    month = MonthField()
    card_time = QuantityField(unit="card_seconds", source="card_seconds")
    subscription = serializers.CharField(source="subscription.code")

    class Meta:
        model = BankDraw
        fields = (
            "code",
            "enterprise",
            "offering",
            "month",
            "card_time",
            "subscription",
            "status",
            "drawn_at",
            "released_at",
        )
        read_only_fields = fields


class BankRefusalSerializer(serializers.Serializer[Any]):
    """Why a deposit is not taken."""

    remark = serializers.CharField(max_length=300)


class BankBalance(APIView):
    """What the caller's enterprise has in the bank."""

    policy: ClassVar[Policy] = Permission.ORDER_VIEW

    @extend_schema(operation_id="bank_balance", responses=BankBalanceSerializer)
    def get(self, request: Request) -> Response:
        """Read the balance."""
        own = actor_of(request).own()
        found = bank_deposits.balance(enterprise=own, at=timezone.now())
        return Response(BankBalanceSerializer(found).data)


class DepositList(generics.ListAPIView[BankDeposit]):
    """The caller's deposits; for a keeper those on its machines."""

    policies: ClassVar[dict[str, Policy]] = {
        "GET": Permission.ORDER_VIEW,
        "POST": Permission.ORDER_PLACE,
    }
    queryset = BankDeposit.objects.none()
    serializer_class = BankDepositSerializer
    pagination_class = ListPagination
    filter_backends = ()

    def get_queryset(self) -> QuerySet[BankDeposit]:
        """Newest first."""
        rows = BankDeposit.objects.visible_to(actor_of(self.request))
        return rows.select_related("enterprise", "offering").order_by("-proposed_at", "-pk")

    @extend_schema(
        operation_id="bank_deposits_propose",
        request=HoursRequestSerializer,
        responses={201: BankDepositSerializer},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Offer idle hours of a month to the bank."""
        made = bank_deposits.propose(by=actor_of(request), at=timezone.now(), **_asked(request))
        return Response(BankDepositSerializer(made).data, status=status.HTTP_201_CREATED)


class DepositApprove(APIView):
    """The keeper's approval."""

    policy: ClassVar[Policy] = Permission.PROVIDER_MANAGE

    @extend_schema(
        operation_id="bank_deposits_approve", request=None, responses=BankDepositSerializer
    )
    @idempotent
    def post(self, request: Request, code: str) -> Response:
        """Vouch for the hours."""
        deposit = _found(request, code)
        made = bank_deposits.approve(by=actor_of(request), deposit=deposit, at=timezone.now())
        return Response(BankDepositSerializer(made).data)


class DepositRefuse(APIView):
    """The keeper's refusal."""

    policy: ClassVar[Policy] = Permission.PROVIDER_MANAGE

    @extend_schema(
        operation_id="bank_deposits_refuse",
        request=BankRefusalSerializer,
        responses=BankDepositSerializer,
    )
    def post(self, request: Request, code: str) -> Response:
        """Say why the hours are not taken."""
        sent = BankRefusalSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        made = bank_deposits.refuse(
            by=actor_of(request),
            deposit=_found(request, code),
            at=timezone.now(),
            **sent.validated_data,
        )
        return Response(BankDepositSerializer(made).data)


class DepositWithdraw(APIView):
    """A proposal taken back."""

    policy: ClassVar[Policy] = Permission.ORDER_PLACE

    @extend_schema(
        operation_id="bank_deposits_withdraw", request=None, responses=BankDepositSerializer
    )
    def post(self, request: Request, code: str) -> Response:
        """Withdraw a deposit that was not decided yet."""
        deposit = _found(request, code)
        made = bank_deposits.withdraw(by=actor_of(request), deposit=deposit, at=timezone.now())
        return Response(BankDepositSerializer(made).data)


class DrawList(generics.ListAPIView[BankDraw]):
    """The caller's draws; for a keeper those on its machines."""

    policies: ClassVar[dict[str, Policy]] = {
        "GET": Permission.ORDER_VIEW,
        "POST": Permission.ORDER_PLACE,
    }
    queryset = BankDraw.objects.none()
    serializer_class = BankDrawSerializer
    pagination_class = ListPagination
    filter_backends = ()

    def get_queryset(self) -> QuerySet[BankDraw]:
        """Newest first."""
        rows = BankDraw.objects.visible_to(actor_of(self.request))
        listed = rows.select_related("enterprise", "offering", "subscription")
        return listed.order_by("-drawn_at", "-pk")

    @extend_schema(
        operation_id="bank_draws_draw",
        request=HoursRequestSerializer,
        responses={201: BankDrawSerializer},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Take hours that others deposited, elsewhere."""
        made = bank_draws.draw(by=actor_of(request), at=timezone.now(), **_asked(request))
        return Response(BankDrawSerializer(made).data, status=status.HTTP_201_CREATED)


class DrawRelease(APIView):
    """A draw given back."""

    policy: ClassVar[Policy] = Permission.ORDER_PLACE

    @extend_schema(operation_id="bank_draws_release", request=None, responses=BankDrawSerializer)
    @idempotent
    def post(self, request: Request, code: str) -> Response:
        """Give a draw back before its first day."""
        by = actor_of(request)
        own = BankDraw.objects.visible_to(by).select_related("enterprise", "offering")
        draw = get_object_or_404(own, code=code)
        made = bank_draws.release(by=by, draw=draw, at=timezone.now())
        return Response(BankDrawSerializer(made).data)


def _asked(request: Request) -> dict[str, Any]:
    """What the caller asks for; the Idempotency-Key is also the reference of the row."""
    sent = HoursRequestSerializer(data=request.data)
    sent.is_valid(raise_exception=True)
    data = dict(sent.validated_data)
    listed = Offering.objects.visible_to(actor_of(request))
    data["offering"] = get_object_or_404(listed, code=data["offering"])
    return {**data, "reference": request.headers["Idempotency-Key"].strip()[:100]}


def _found(request: Request, code: str) -> BankDeposit:
    rows = BankDeposit.objects.visible_to(actor_of(request))
    return get_object_or_404(rows.select_related("enterprise", "offering__facility"), code=code)
