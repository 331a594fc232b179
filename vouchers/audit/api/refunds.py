"""API: the provider's answer to an enterprise's claim."""

from typing import ClassVar

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import Policy
from accounts.authentication import actor_of
from accounts.permissions import Permission
from vouchers.audit.actions import refund_answers
from vouchers.audit.api.serializers import ClaimSerializer, FindingSerializer
from vouchers.audit.models import Claim


def _asked(request: Request, code: str) -> Claim:
    actor = actor_of(request)
    rows = Claim.objects.visible_to(actor).filter(
        provider__organization=actor.organization, enterprise__isnull=False
    )
    return get_object_or_404(rows, code=code)


def _whole(claim: Claim) -> Response:
    rows = Claim.objects.select_related(
        "scheme", "provider", "enterprise", "invoice_file", "settlement"
    )
    return Response(ClaimSerializer(rows.get(pk=claim.pk)).data)


class ClaimConfirmView(APIView):
    """Confirmation by the provider."""

    policy: ClassVar[Policy] = Permission.CLAIM_SUBMIT

    @extend_schema(operation_id="api-claim-confirm", request=None, responses=ClaimSerializer)
    def post(self, request: Request, code: str) -> Response:
        """Confirm an enterprise's claim: delivered, and paid. The bureau audits it next."""
        claim = _asked(request, code)
        at = timezone.now()
        return _whole(refund_answers.confirm(by=actor_of(request), claim=claim, at=at))


class ClaimRefuseView(APIView):
    """Refusal by the provider."""

    policy: ClassVar[Policy] = Permission.CLAIM_SUBMIT

    @extend_schema(
        operation_id="api-claim-refuse", request=FindingSerializer, responses=ClaimSerializer
    )
    def post(self, request: Request, code: str) -> Response:
        """Send an enterprise's claim back with the reason."""
        asked = FindingSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        claim = _asked(request, code)
        words = asked.validated_data["finding"]
        return _whole(
            refund_answers.refuse(
                by=actor_of(request), claim=claim, finding=words, at=timezone.now()
            )
        )
