"""A refusal of an action as errors of the form that asked for it."""

from django import forms

from common.errors import DomainError


def add_refusal(form: forms.BaseForm, error: DomainError) -> None:
    """Put each message at its field; what belongs to no field goes on top."""
    known = {name: words for name, words in error.errors.items() if name in form.fields}
    for name, words in known.items():
        form.add_error(name, str(words))
    if not known:
        form.add_error(None, str(error.message))
