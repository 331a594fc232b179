"""The form that confirms a round."""

from django import forms


class RoundForm(forms.Form):
    """Which preview was looked at."""

    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)
