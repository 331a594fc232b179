"""Filters of the bureau's work queue."""

import django_filters
from django.utils.translation import gettext_lazy as _

from vouchers.grants.models import Application, ApplicationStatus, VoucherKind

HANDED_IN = [
    (status.value, status.label)
    for status in ApplicationStatus
    if status not in {ApplicationStatus.DRAFT, ApplicationStatus.PREPARED}
]


class QueueFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By state, kind of voucher and name of the enterprise."""

    status = django_filters.ChoiceFilter(label=_("State"), choices=HANDED_IN, empty_label=_("All"))
    kind = django_filters.ChoiceFilter(
        label=_("Kind of voucher"), choices=VoucherKind.choices, empty_label=_("All")
    )
    enterprise = django_filters.CharFilter(
        label=_("Enterprise"), field_name="enterprise__name", lookup_expr="icontains"
    )

    class Meta:
        model = Application
        fields = ("status", "kind", "enterprise")
