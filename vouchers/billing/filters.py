"""Filters of lists, shared by pages and API."""

import django_filters
from django.utils.translation import gettext_lazy as _

from providers.models import Meter
from vouchers.billing.models import Bill, BillStatus, UsageRollup


class BillFilter(django_filters.FilterSet):
    """Bills by state and month."""

    status = django_filters.ChoiceFilter(
        label=_("State"), choices=BillStatus.choices, empty_label=_("All")
    )
    since = django_filters.DateFilter(label=_("From month"), field_name="month", lookup_expr="gte")
    until = django_filters.DateFilter(label=_("To month"), field_name="month", lookup_expr="lte")

    class Meta:
        model = Bill
        fields: tuple[str, ...] = ()


class UsageFilter(django_filters.FilterSet):
    """Usage by subscription, meter and days."""

    subscription = django_filters.CharFilter(
        label=_("Subscription"), field_name="subscription__code", max_length=16
    )
    meter = django_filters.ChoiceFilter(
        label=_("Meter"), choices=Meter.choices, empty_label=_("All")
    )
    since = django_filters.DateFilter(label=_("From day"), field_name="day", lookup_expr="gte")
    until = django_filters.DateFilter(label=_("To day"), field_name="day", lookup_expr="lte")

    class Meta:
        model = UsageRollup
        fields: tuple[str, ...] = ()
