"""Forms of samples."""

import re
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from common.form_fields import YuanField
from vouchers.audit.actions.samples import Wanted
from vouchers.audit.models import Claim
from vouchers.grants.models import Scheme

MOST = 5_000


class ListForm(forms.Form):
    """Which redemptions are drawn from: one scheme's, claimed for some months."""

    scheme = forms.ModelChoiceField(
        label=_("Scheme"), queryset=Scheme.objects.none(), to_field_name="code"
    )
    first = forms.ChoiceField(label=_("First month"))
    last = forms.ChoiceField(label=_("Last month"))

    def __init__(self, *args: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        claims = Claim.objects.filter(scheme__bureau=actor.organization, submitted_at__isnull=False)
        months = claims.order_by("-month").values_list("month", flat=True).distinct()
        choices = [(f"{month:%Y-%m-%d}", f"{month:%Y-%m}") for month in months]
        self.fields["first"].choices = choices  # type: ignore[attr-defined]
        self.fields["last"].choices = choices  # type: ignore[attr-defined]
        field = self.fields["scheme"]
        rows = Scheme.objects.filter(pk__in=claims.values("scheme"), bureau=actor.organization)
        field.queryset = rows.order_by("code", "pk")  # type: ignore[attr-defined]
        field.label_from_instance = lambda scheme: scheme.title  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Months as days, the later one last."""
        found = super().clean() or {}
        if "first" in found and "last" in found:
            found["first"], found["last"] = map(date.fromisoformat, (found["first"], found["last"]))
            if found["last"] < found["first"]:
                self.add_error("last", _("The last month is before the first one."))
        return found


class PlanForm(forms.Form):
    """How to draw."""

    random_size = forms.IntegerField(
        label=_("How many at random"), min_value=1, max_value=MOST, initial=60,
        help_text=_("Only these are counted in the estimate."),
    )  # fmt: skip
    risk_size = forms.IntegerField(
        label=_("How many for their risk"), min_value=0, max_value=MOST, initial=20,
        help_text=_("In addition, with a chance that follows the points of their flags."),
    )  # fmt: skip
    bounds = forms.CharField(
        label=_("Bounds of the amount (yuan)"), max_length=200, required=False, initial="1000, 10000",
        help_text=_("Rising, with commas between. Each begins a stratum of its own."),
    )  # fmt: skip
    named_providers = forms.IntegerField(
        label=_("Providers with strata of their own"), min_value=0, max_value=50, initial=3,
        help_text=_("Those with the largest totals; all others are drawn together."),
    )  # fmt: skip

    def clean_bounds(self) -> tuple[int, ...]:
        """Whole yuan as fen."""
        text = self.cleaned_data["bounds"].replace("，", ",").replace("、", ",")
        parts = [part.strip() for part in text.split(",") if part.strip()]
        if not all(re.fullmatch(r"[0-9]{1,9}", part) for part in parts):
            raise forms.ValidationError(
                _("Enter whole yuan with commas between, such as 1000, 10000.")
            )
        return tuple(int(part) * 100 for part in parts)

    def wanted(self) -> Wanted:
        """As the action takes it."""
        return Wanted(
            self.cleaned_data["random_size"],
            self.cleaned_data["risk_size"],
            self.cleaned_data["bounds"],
            self.cleaned_data["named_providers"],
        )


class ItemForm(forms.Form):
    """What was found in one item."""

    outcome = forms.ChoiceField(
        choices=[("right", _("In order")), ("wrong", _("Wrong"))], widget=forms.HiddenInput
    )
    wrong_amount = YuanField(
        label=_("How much is wrong (yuan)"),
        minimum_fen=1,
        required=False,
        help_text=_("Only for a wrong one: the part that the voucher should not have paid."),
    )
    remark = forms.CharField(
        label=_("Finding in words"),
        max_length=1500,
        required=False,
        help_text=_("A wrong one needs a reason."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
