"""What a visitor may choose of the published payments."""

from datetime import date
from typing import Any

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from common.periods import end_of_day, start_of_day
from vouchers.audit.actions import disclosures
from vouchers.audit.models import Payment


class DisclosureFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Payments by scheme and days; days are those of Asia/Shanghai."""

    scheme = django_filters.ModelChoiceFilter(
        label=_("Scheme"),
        field_name="settlement__scheme",
        to_field_name="code",
        queryset=lambda _request: disclosures.paying_schemes(),
        empty_label=_("All"),
    )
    since = django_filters.DateFilter(
        label=_("From day"),
        method="paid_since",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    until = django_filters.DateFilter(
        label=_("To day"),
        method="paid_until",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    class Meta:
        model = Payment
        fields: tuple[str, ...] = ()

    def paid_since(self, queryset: Any, name: str, day: date) -> Any:
        """Paid on that day or later."""
        return queryset.filter(transfer__at__gte=start_of_day(day))

    def paid_until(self, queryset: Any, name: str, day: date) -> Any:
        """Paid on that day or before."""
        return queryset.filter(transfer__at__lt=end_of_day(day))
