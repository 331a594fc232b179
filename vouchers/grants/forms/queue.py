"""Filters of the bureau's work queue."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from vouchers.grants.models import Application, ApplicationStatus, Scheme, VoucherKind

HANDED_IN = [
    (status.value, status.label)
    for status in ApplicationStatus
    if status not in {ApplicationStatus.DRAFT, ApplicationStatus.PREPARED}
]


def own_schemes(request: Any) -> QuerySet[Scheme]:
    """Schemes of the bureau that looks."""
    if request is None:
        return Scheme.objects.none()
    return Scheme.objects.filter(bureau=request.actor.organization).order_by("-opens_on", "pk")


class SchemeChoice(django_filters.fields.ModelChoiceField):  # type: ignore[misc]
    """Schemes by their title in the language of the page."""

    def label_from_instance(self, scheme: Scheme) -> str:
        """Title and version."""
        return f"{scheme.title} ({scheme.version})" if scheme.version > 1 else scheme.title


class SchemeFilter(django_filters.ModelChoiceFilter):  # type: ignore[misc]
    """One scheme of the own bureau, by its number."""

    field_class = SchemeChoice


class QueueFilter(django_filters.FilterSet):  # type: ignore[misc]
    """By scheme, step, kind of voucher, day of arrival and name of the enterprise."""

    scheme = SchemeFilter(
        label=_("Scheme"), queryset=own_schemes, to_field_name="code", empty_label=_("All")
    )
    status = django_filters.ChoiceFilter(label=_("State"), choices=HANDED_IN, empty_label=_("All"))
    kind = django_filters.ChoiceFilter(
        label=_("Kind of voucher"), choices=VoucherKind.choices, empty_label=_("All")
    )
    since = django_filters.DateFilter(
        label=_("Handed in since"),
        field_name="submitted_at",
        lookup_expr="date__gte",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    enterprise = django_filters.CharFilter(
        label=_("Enterprise"), field_name="enterprise__name", lookup_expr="icontains"
    )

    class Meta:
        model = Application
        fields = ("scheme", "status", "kind", "since", "enterprise")
