"""How states look."""

import pytest
from django.db import models

from common import statuses
from common.models import Job
from common.templatetags.ui import status_tag


class Light(models.TextChoices):
    """A choices class of the tests."""

    RED = "red", "Red"
    GREEN = "green", "Green"


def test_every_value_needs_a_look() -> None:
    with pytest.raises(ValueError, match="green"):
        statuses.register(Light, {Light.RED: ("bad", "circle-x")})


def test_tag_has_text_icon_and_color() -> None:
    statuses.register(Light, {Light.RED: ("bad", "circle-x"), Light.GREEN: ("good", "check")})

    html = status_tag(Light.RED)

    assert "Red" in html
    assert "tone-bad" in html
    assert "#circle-x" in html


def test_tag_of_a_model_finds_the_registered_choices() -> None:
    choices = type(Job._meta.get_field("status").default)
    looks = {value: statuses.Look("info", "progress") for value in choices.values}
    statuses.register(choices, looks)

    html = status_tag(Job(status="running"))

    assert "tone-info" in html
