"""Habits of models that SQL can hold: paired fields, repeated choices, protected rows."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.db.models import Q

from accounts.models import User
from common.constraints import both_or_neither

APPS = ("accounts", "common", "marketplace", "providers", "vouchers")
MODELS = [model for app in APPS for model in apps.get_app_config(app).get_models()]
CASCADES: dict[str, str] = {}
"""Foreign keys that may delete rows, as `Model.field`, with the reason."""


def checks(model: type[models.Model]) -> list[models.CheckConstraint]:
    return [each for each in model._meta.constraints if isinstance(each, models.CheckConstraint)]


def leaves(condition: Any) -> Iterator[tuple[str, Any]]:
    """The plain comparisons inside a condition."""
    for child in getattr(condition, "children", []):
        if isinstance(child, Q):
            yield from leaves(child)
        elif isinstance(child, tuple):
            yield child


def fields(kind: "type[models.Field[Any, Any]]") -> list[Any]:
    return [
        pytest.param(model, field, id=f"{model.__name__}.{field.name}")
        for model in MODELS
        for field in model._meta.local_fields
        if isinstance(field, kind)
    ]


BY = [each for each in fields(models.ForeignKey) if each.values[1].name.endswith("_by")]
CHOSEN = [each for each in fields(models.Field) if each.values[1].choices]


@pytest.mark.parametrize(("model", "field"), BY)
def test_who_is_tied_to_when(
    model: type[models.Model], field: "models.ForeignKey[Any, Any]"
) -> None:
    verb = field.name.removesuffix("_by")
    known = {each.name for each in model._meta.local_fields}
    wanted = both_or_neither(f"{verb}_at", f"{verb}_by", "any").condition

    assert field.related_model is User
    assert f"{verb}_at" in known
    assert [each.name for each in checks(model) if each.condition == wanted]


@pytest.mark.parametrize(("model", "field"), CHOSEN)
def test_choices_are_repeated_by_the_database(
    model: type[models.Model], field: "models.Field[Any, Any]"
) -> None:
    values = {value for value, _label in field.flatchoices}
    found = [
        set(compared)
        for check in checks(model)
        for name, compared in leaves(check.condition)
        if name == f"{field.name}__in"
    ]

    assert values in found


@pytest.mark.parametrize(("model", "field"), fields(models.ForeignKey))
def test_rows_that_others_name_are_protected(
    model: type[models.Model], field: "models.ForeignKey[Any, Any]"
) -> None:
    if f"{model.__name__}.{field.name}" in CASCADES:
        return
    assert field.remote_field.on_delete is models.PROTECT


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_each_list_says_its_own_order(model: type[models.Model]) -> None:
    assert not model._meta.ordering


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_constraints_carry_the_name_of_their_app(model: type[models.Model]) -> None:
    prefix = f"{model._meta.app_label}_"

    assert [each.name for each in model._meta.constraints if not each.name.startswith(prefix)] == []


def test_something_was_looked_at() -> None:
    assert len(MODELS) > 30
    assert len(BY) > 20
    assert len(CHOSEN) > 10
