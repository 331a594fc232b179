"""Refusals of actions, shown in forms: at their field when the form has it, else on top."""

from django import forms

from common.errors import DomainError


def apply(form: forms.BaseForm, error: DomainError) -> None:
    """Put a refusal into a form, so that nothing typed is lost.

    `errors` of the refusal name fields of the action; `a/b` is looked for as `a_b` too. What has no
    field is listed on top with the refusal's own message.
    """
    placed = False
    for name, message in error.errors.items():
        field = next((each for each in (name, name.replace("/", "_")) if each in form.fields), None)
        form.add_error(field, str(message))
        placed = placed or field is not None
    if not placed:
        form.add_error(None, str(error.message))
