"""What a firm says after long use, and what a publisher answers."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.experience.actions.ratings import LONGEST
from marketplace.experience.models import Rating

STARS = [
    ("5", _("5 · very good")),
    ("4", _("4 · good")),
    ("3", _("3 · fair")),
    ("2", _("2 · poor")),
    ("1", _("1 · very poor")),
]


class RatingForm(forms.Form):
    """Stars, whether the promised outcome was reached, and words."""

    stars = forms.TypedChoiceField(
        label=_("How good was it?"), choices=STARS, coerce=int, widget=forms.RadioSelect
    )
    is_outcome_reached = forms.TypedChoiceField(
        label=_("Was what was promised reached?"),
        choices=[("yes", _("Yes")), ("no", _("No"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=_("In your words"),
        help_text=_(
            "The providers of your order read them with your firm's name. Others read them without "
            "names, addresses and long numbers."
        ),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    @staticmethod
    def values_of(rating: Rating | None) -> dict[str, Any]:
        """A rating as the form's first values."""
        if rating is None:
            return {}
        reached = "yes" if rating.is_outcome_reached else "no"
        return {
            "stars": str(rating.stars),
            "is_outcome_reached": reached,
            "words": rating.words,
        }


class AnswerForm(forms.Form):
    """One answer."""

    words = forms.CharField(
        label=_("Your answer"),
        help_text=_("It can be given once and is shown beside the rating."),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
