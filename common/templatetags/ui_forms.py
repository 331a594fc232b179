"""Forms in the GOV.UK pattern: errors on top with links, and the same words at the field."""

from typing import Any

from django import forms, template
from django.forms import BoundField
from django.forms.widgets import (
    CheckboxInput,
    CheckboxSelectMultiple,
    ChoiceWidget,
    FileInput,
    Input,
    RadioSelect,
    Select,
    Textarea,
)
from django.utils.translation import gettext as _

register = template.Library()
ROOM = "common/components/"


def _target(field: BoundField) -> str:
    """Id of the element that an error link leads to; for choices the first of them."""
    if isinstance(field.field.widget, (RadioSelect, CheckboxSelectMultiple)):
        return f"{field.auto_id}_0"
    return str(field.auto_id)


def _messages(field: BoundField) -> list[str]:
    """Errors of one field in words that name it, the same on top and at the field."""
    words = []
    for error in field.errors.as_data():
        if getattr(error, "code", "") == "required":
            chosen = isinstance(field.field.widget, ChoiceWidget)
            text = _("Choose: %(label)s.") if chosen else _("Fill in: %(label)s.")
            if isinstance(field.field.widget, CheckboxInput):
                text = _("Confirm: %(label)s")
            words.append(text % {"label": field.label})
        else:
            words += [str(message) for message in error.messages]
    return words


@register.inclusion_tag(ROOM + "error_summary.html")
def error_summary(form: forms.BaseForm) -> dict[str, Any]:
    """`{% error_summary form %}`: what is wrong, each line leading to its field."""
    lines: list[tuple[str, str]] = [
        (_target(field), error) for field in form.visible_fields() for error in _messages(field)
    ]
    lines += [("", str(error)) for error in form.non_field_errors()]
    lines += [("", error) for field in form.hidden_fields() for error in _messages(field)]
    return {"lines": lines}


def _kind(field: BoundField) -> str:
    widget = field.field.widget
    if getattr(widget, "is_group", False):
        return "group"
    if isinstance(widget, (RadioSelect, CheckboxSelectMultiple)):
        return "choices"
    return "checkbox" if isinstance(widget, CheckboxInput) else "single"


def _classes(field: BoundField) -> str:
    widget = field.field.widget
    if isinstance(widget, ChoiceWidget):
        return "form-select" if isinstance(widget, Select) else ""
    return "form-control" if isinstance(widget, (Input, Textarea)) else ""


def _attributes(field: BoundField) -> dict[str, Any]:
    widget = field.field.widget
    described = [f"{field.auto_id}_hint"] if field.help_text else []
    described += [f"{field.auto_id}_error"] if field.errors else []
    attributes: dict[str, Any] = {}
    if described:
        attributes["aria-describedby"] = " ".join(described)
    if field.errors:
        attributes["aria-invalid"] = "true"
    # A placeholder vanishes while typing and repeats the label; hints stay.
    widget.attrs.pop("placeholder", None)
    if _kind(field) == "single":
        own = str(widget.attrs.get("class", ""))
        attributes["class"] = f"{own} {_classes(field)}".strip()
    if isinstance(field.field, forms.IntegerField) and "inputmode" not in widget.attrs:
        whole = not isinstance(field.field, (forms.DecimalField, forms.FloatField))
        attributes["inputmode"] = "numeric" if whole else "decimal"
    return attributes


@register.inclusion_tag(ROOM + "form_field.html")
def form_field(field: BoundField, label: object = "", hint: object = "") -> dict[str, Any]:
    """`{% form_field form.name %}`: label, hint, error and control of one field."""
    attributes = _attributes(field)
    if hint and not field.help_text:
        hints = [f"{field.auto_id}_hint", attributes.get("aria-describedby", "")]
        attributes["aria-describedby"] = " ".join(hints).strip()
    kind = _kind(field)
    return {
        "field": field,
        "kind": kind,
        "errors": _messages(field),
        "label": label or field.label,
        "hint": hint or field.help_text,
        "described": attributes.get("aria-describedby", ""),
        "control": "" if kind == "choices" else field.as_widget(attrs=attributes),
        "is_optional": not field.field.required
        and kind != "checkbox"
        and not getattr(field.field, "is_conditional", False),
        "is_file": isinstance(field.field.widget, FileInput),
    }


@register.inclusion_tag(ROOM + "form_fields.html")
def form_fields(form: forms.BaseForm) -> dict[str, Any]:
    """`{% form_fields form %}`: error summary, hidden fields and every visible field."""
    return {"form": form}
