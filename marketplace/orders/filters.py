"""Filters of the list of orders, for the page and the API."""

import django_filters
from django.utils.translation import gettext_lazy as _

from marketplace.orders.models import Order, OrderStatus


class OrderFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By state."""

    status = django_filters.ChoiceFilter(
        label=_("State"), choices=OrderStatus.choices, empty_label=_("All")
    )

    class Meta:
        model = Order
        fields = ("status",)
