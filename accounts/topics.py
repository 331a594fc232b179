"""What people can be told about. Each app registers its topics in `AppConfig.ready`, with words and readers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language

from accounts.permissions import Permission
from common.display import money_text

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Topic:
    """One kind of news.

    `label` names it on the page of settings; `title` and `text` take the notification's data by name, as in
    `%(code)s`. Members who hold one of `readers` are told. `must_mail`: the law wants it sent, so it cannot be
    muted.
    """

    code: str
    label: Text
    title: Text
    text: Text
    readers: frozenset[Permission]
    must_mail: bool = False

    def is_for(self, permissions: frozenset[str]) -> bool:
        """Tell whether somebody with these permissions is told."""
        return any(reader.value in permissions for reader in self.readers)

    def said(self, data: Mapping[str, Any]) -> "Said":
        """Title and text in the active language."""
        words = {name: _value(name, value) for name, value in data.items()}
        return Said(str(self.title) % words, str(self.text) % words)


@dataclass(frozen=True, slots=True)
class Said:
    """A notification in words."""

    title: str
    text: str


_topics: dict[str, Topic] = {}


def register(*topics: Topic) -> None:
    """Make topics known; apps call it in `AppConfig.ready`."""
    _topics.update({topic.code: topic for topic in topics})


def one(code: str) -> Topic:
    """The topic of that code; KeyError when no app registered it."""
    return _topics[code]


def of_reader(permissions: frozenset[str]) -> list[Topic]:
    """Topics that somebody with these permissions is told about, in the order of registration."""
    return [topic for topic in _topics.values() if topic.is_for(permissions)]


def said(code: str, data: Mapping[str, Any]) -> Said:
    """A stored notification in words; its bare code when the topic is no longer known."""
    topic = _topics.get(code)
    if topic is None:
        return Said(code, "")
    try:
        return topic.said(data)
    except KeyError:  # told before the topic's words named something more
        return Said(str(topic.label), "")


def _value(name: str, value: Any) -> str:
    """Amounts by their name in fen, texts in two languages by the page's, anything else as it is."""
    if isinstance(value, dict):
        return str(value["en" if (get_language() or "").startswith("en") else "zh"])
    if name.endswith("_fen"):
        return money_text(value)
    return str(value)
