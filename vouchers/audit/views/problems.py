"""Puts a refusal of an action where the person can mend it."""

from django import forms

from common.errors import DomainError


def add(form: forms.BaseForm, refusal: DomainError) -> None:
    """The refusal at its fields, else on top of the form."""
    placed = False
    for name, words in refusal.errors.items():
        if name in form.fields:
            form.add_error(name, str(words))
            placed = True
    if not placed:
        form.add_error(None, str(refusal.message))
