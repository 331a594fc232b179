"""What apps contribute to the first page."""

from datetime import datetime

import pytest

from common import home
from common.home import HomeTask, PublicSection
from tests.factories.accounts import NOW


def _nothing(at: datetime) -> None:
    return None


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "_registry", type(home._registry)())


def test_waiting_tasks_are_shown_by_urgency_and_zero_is_not() -> None:
    def first(actor: object, at: datetime) -> list[HomeTask]:
        return [HomeTask("info", 2, "/i/", "info"), HomeTask("none", 0, "/n/", "bad")]

    def second(actor: object, at: datetime) -> list[HomeTask]:
        return [HomeTask("bad", 1, "/b/", "bad"), HomeTask("warn", 1, "/w/")]

    home.register(first, second)
    home.register(first)

    assert [task.label for task in home.tasks_for(None, NOW)] == ["bad", "warn", "info"]
    assert [line.url for line in home.lines_for(None, NOW)] == ["/b/", "/w/", "/i/"]


def test_public_sections_come_in_order_and_may_be_absent() -> None:
    home.register_public(lambda at: PublicSection("b.html", {"at": at}, order=2))
    home.register_public(_nothing)
    home.register_public(lambda at: PublicSection("a.html", {"at": at}, order=1))

    sections = home.public_sections(NOW)

    assert [section.template for section in sections] == ["a.html", "b.html"]
    assert sections[0].context == {"at": NOW}
