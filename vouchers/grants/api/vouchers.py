"""API: the wallet, single vouchers, public verification."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import PUBLIC, Policy
from accounts.authentication import actor_of
from accounts.models import OrganizationKind
from accounts.permissions import Permission
from common import limits, pdf
from common.api_fields import MoneyField
from vouchers.grants.actions import verification, wallets
from vouchers.grants.models import Voucher
from vouchers.grants.shown import certificates


class VoucherSerializer(serializers.ModelSerializer[Voucher]):
    """A voucher; `share` is an exact fraction."""

    scheme = serializers.CharField(source="scheme.code")
    enterprise = serializers.CharField(source="enterprise.code")
    application = serializers.CharField(source="application.code")
    face = MoneyField(source="face_fen")
    share = serializers.SerializerMethodField()

    class Meta:
        model = Voucher
        fields: ClassVar = [
            "code", "application", "scheme", "enterprise", "kind", "face", "share", "status",
            "issued_at", "expires_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_share(self, voucher: Voucher) -> str:
        """Such as 3/10."""
        return f"{voucher.share_numerator}/{voucher.share_denominator}"


class WalletEntrySerializer(serializers.Serializer[wallets.WalletEntry]):
    """A voucher and where its face stands: the five parts add up to the face."""

    voucher = VoucherSerializer()
    face = MoneyField(source="face_fen")
    available = MoneyField(source="available_fen")
    held = MoneyField(source="held_fen")
    redeemed = MoneyField(source="redeemed_fen")
    expired = MoneyField(source="expired_fen")
    revoked = MoneyField(source="revoked_fen")


class ReasonSerializer(serializers.Serializer[Any]):
    """Why."""

    reason = serializers.CharField(max_length=500)


class VerificationRequestSerializer(serializers.Serializer[Any]):
    """Both numbers printed on a certificate; malformed numbers are answered like unknown ones."""

    code = serializers.CharField(max_length=200)
    number = serializers.CharField(max_length=200)


class VerificationSerializer(serializers.Serializer[verification.Verification]):
    """Whether a voucher with these numbers is valid now, and for whom until when."""

    is_known = serializers.BooleanField()
    is_usable = serializers.BooleanField()
    status = serializers.CharField(allow_blank=True)
    scheme = serializers.CharField(allow_blank=True)
    enterprise = serializers.CharField(allow_blank=True)
    kind = serializers.CharField(allow_blank=True)
    face = MoneyField(source="face_fen", allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)


class WalletView(APIView):
    """The own enterprise's vouchers."""

    policy: ClassVar[Policy] = Permission.WALLET_VIEW

    @extend_schema(operation_id="api-wallet-read", responses=WalletEntrySerializer(many=True))
    def get(self, request: Request) -> Response:
        """List vouchers, usable ones first in the order in which they pay."""
        found = wallets.entries(enterprise=actor_of(request).own(), at=timezone.now())
        return Response(
            WalletEntrySerializer(found, many=True).data  # type: ignore[arg-type]
        )


class VoucherView(APIView):
    """One voucher, for its holder and the issuing bureau."""

    policy: ClassVar[Policy] = Permission.ORGANIZATION_VIEW

    @extend_schema(operation_id="api-voucher-read", responses=WalletEntrySerializer)
    def get(self, request: Request, code: str) -> Response:
        """Read where its face stands; in an enterprise this needs the right to see the wallet."""
        if actor_of(request).is_kind(OrganizationKind.ENTERPRISE):
            actor_of(request).require(Permission.WALLET_VIEW)
        return Response(WalletEntrySerializer(wallets.entry(voucher=one(request, code))).data)


class VoucherCertificateView(APIView):
    """The certificate."""

    policy: ClassVar[Policy] = Permission.ORGANIZATION_VIEW

    @extend_schema(
        operation_id="api-voucher-certificate",
        responses={(200, pdf.CONTENT_TYPE): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, code: str) -> HttpResponse:
        """The certificate as PDF, in the language asked for."""
        if actor_of(request).is_kind(OrganizationKind.ENTERPRISE):
            actor_of(request).require(Permission.WALLET_VIEW)
        voucher = one(request, code)
        return pdf.response(certificates.of_voucher(voucher), certificates.filename(voucher))


class _VoucherStep(APIView):
    """A step of the issuing bureau; subclasses name the action."""

    policy: ClassVar[Policy] = Permission.VOUCHER_ISSUE
    step: ClassVar[Callable[..., Voucher]]

    def take(self, request: Request, code: str) -> Response:
        """Read the reason and take the step."""
        asked = ReasonSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        at: datetime = timezone.now()
        done = type(self).step(
            by=actor_of(request),
            voucher=one(request, code),
            reason=asked.validated_data["reason"],
            at=at,
        )
        return Response(WalletEntrySerializer(wallets.entry(voucher=done)).data)


class VoucherFreezeView(_VoucherStep):
    """Freezing."""

    step = staticmethod(wallets.freeze)

    @extend_schema(
        operation_id="api-voucher-freeze", request=ReasonSerializer, responses=WalletEntrySerializer
    )
    def post(self, request: Request, code: str) -> Response:
        """Stop a voucher from paying until it is unfrozen."""
        return self.take(request, code)


class VoucherUnfreezeView(_VoucherStep):
    """Unfreezing."""

    step = staticmethod(wallets.unfreeze)

    @extend_schema(
        operation_id="api-voucher-unfreeze",
        request=ReasonSerializer,
        responses=WalletEntrySerializer,
    )
    def post(self, request: Request, code: str) -> Response:
        """Let a frozen voucher pay again."""
        return self.take(request, code)


class VerificationView(APIView):
    """Public verification."""

    policy: ClassVar[Policy] = PUBLIC

    @extend_schema(
        operation_id="api-voucher-verify",
        request=VerificationRequestSerializer,
        responses=VerificationSerializer,
    )
    def post(self, request: Request) -> Response:
        """Tell whether a voucher is valid; unknown and malformed numbers get the same answer. 30 a minute."""
        asked = VerificationRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        limits.spend(name="verify", who=limits.address_of(request), limit=30, seconds=60)
        found = verification.verify(at=timezone.now(), **asked.validated_data)
        return Response(VerificationSerializer(found).data)


def one(request: Request, code: str) -> Voucher:
    """A voucher that whoever asks may see, or 404."""
    rows = Voucher.objects.visible_to(actor_of(request))
    return get_object_or_404(
        rows.select_related("scheme__bureau", "enterprise", "application"), code=code
    )
