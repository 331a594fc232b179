"""API: statements as files."""

from datetime import date
from typing import ClassVar

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.access import Policy
from accounts.authentication import actor_of
from accounts.permissions import Permission
from vouchers.billing.exports import files

FORM = OpenApiParameter(
    "form", str, OpenApiParameter.PATH, enum=files.FORMS, description="focus is FOCUS 1.2 as CSV."
)
ANSWERS = {
    (200, "application/pdf"): OpenApiTypes.BINARY,
    (200, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"): OpenApiTypes.BINARY,
    (200, "text/csv"): OpenApiTypes.BINARY,
}


class BillFileView(APIView):
    """One bill."""

    policy: ClassVar[Policy] = Permission.USAGE_VIEW

    @extend_schema(operation_id="api-bill-file", parameters=[FORM], responses=ANSWERS)
    def get(self, request: Request, code: str, form: str) -> HttpResponse:
        """The bill with its lines and who paid it."""
        return files.of_bill(by=actor_of(request), code=code, form=form).response()


class MonthFileView(APIView):
    """The bills of a month."""

    policy: ClassVar[Policy] = Permission.USAGE_VIEW

    @extend_schema(operation_id="api-month-file", parameters=[FORM], responses=ANSWERS)
    def get(self, request: Request, month: date, form: str) -> HttpResponse:
        """All bills of the caller's contracts in a month."""
        return files.of_month(by=actor_of(request), month=month, form=form).response()


class BureauMonthFileView(APIView):
    """The bills of a month, for the bureau whose schemes paid a part of them."""

    policy: ClassVar[Policy] = Permission.SETTLEMENT_VIEW

    @extend_schema(operation_id="api-bureau-month-file", parameters=[FORM], responses=ANSWERS)
    def get(self, request: Request, month: date, form: str) -> HttpResponse:
        """All bills of a month that the bureau's vouchers paid a part of."""
        return files.of_bureau_month(by=actor_of(request), month=month, form=form).response()
