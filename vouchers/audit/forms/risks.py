"""Forms of risk flags."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from vouchers.audit.models import FlagStatus
from vouchers.audit.shown import suspects


class FlagFilterForm(forms.Form):
    """Flags by where they stand and by their rule."""

    status = forms.ChoiceField(
        label=_("Status"), choices=[("", _("All")), *FlagStatus.choices], required=False
    )
    rule = forms.ChoiceField(label=_("Rule"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["rule"].choices = [("", _("All")), *suspects.rule_choices()]  # type: ignore[attr-defined]


class JudgmentForm(forms.Form):
    """Dismiss or confirm, with the reason."""

    outcome = forms.ChoiceField(
        choices=[
            (FlagStatus.DISMISSED, _("Dismiss")),
            (FlagStatus.CONFIRMED, _("Confirm")),
        ],
        widget=forms.HiddenInput,
    )
    reason = forms.CharField(
        label=_("Reason in words"),
        max_length=1500,
        help_text=_("Colleagues and auditors read it; the firm and the provider do not."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    together = forms.BooleanField(
        label=_("Also for the other open flags of this redemption"), required=False
    )
