"""Translations: found, kept, checked and compiled without a system gettext."""

import gettext
from pathlib import Path

import pytest

from common import catalogs

CODE = """
from django.utils.translation import gettext_lazy as _, ngettext, pgettext
title = _("Two parts " "in one")
def say(n): return ngettext("%(n)d key", "%(n)d keys", n), pgettext("month", "May")
"""
PAGE = """{% load i18n %}<h1>{% translate "Hello" %}</h1>
<p title="{{ value|default:_("Nothing yet") }}">{% blocktranslate trimmed with name=user %}
  It's {{ name }}
{% endblocktranslate %}</p>"""
WHOLE = {
    "Two parts in one": "合二为一",
    "Hello": "您好",
    "Nothing yet": "暂无",
    "It's %(name)s": "这是%(name)s",
    "May": "五月",
}


@pytest.fixture
def app(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    (folder / "templates").mkdir(parents=True)
    (folder / "views.py").write_text(CODE, encoding="utf-8")
    (folder / "templates" / "page.html").write_text(PAGE, encoding="utf-8")
    catalogs.merge(catalogs.extract(tmp_path, [folder]), catalogs.path_of(folder))
    return folder


def translate(app: Path, texts: dict[str, str]) -> None:
    path = catalogs.path_of(app)
    text = path.read_text(encoding="utf-8")
    for source, translated in texts.items():
        text = text.replace(
            f'msgid "{source}"\nmsgstr ""', f'msgid "{source}"\nmsgstr "{translated}"'
        )
    path.write_text(text.replace('msgstr[0] ""', 'msgstr[0] "%(n)d把"'), encoding="utf-8")


def faults(app: Path) -> list[str]:
    return list(catalogs.faults(catalogs.extract(app.parent, [app]), catalogs.path_of(app)))


def test_every_message_of_code_and_pages_is_found(app: Path) -> None:
    found = {message.id for message in catalogs.read(catalogs.path_of(app)) if message.id}

    assert found == {*WHOLE, ("%(n)d key", "%(n)d keys")}


def test_check_names_what_is_not_translated(app: Path) -> None:
    translate(app, {key: value for key, value in WHOLE.items() if key != "Hello"})

    assert faults(app) == ["'Hello' has no translation"]


def test_check_names_what_is_not_extracted(app: Path) -> None:
    translate(app, WHOLE)
    (app / "new.py").write_text('_("Late")', encoding="utf-8")

    assert faults(app) == ["'Late' is missing"]


def test_check_names_an_unknown_placeholder(app: Path) -> None:
    translate(app, {**WHOLE, "It's %(name)s": "这是%(nme)s"})

    assert faults(app) == ["\"It's %(name)s\" has unknown placeholders ['%(nme)s']"]


def test_second_extraction_keeps_translations_and_changes_nothing(app: Path) -> None:
    translate(app, WHOLE)
    path = catalogs.path_of(app)
    catalogs.merge(catalogs.extract(app.parent, [app]), path)
    before = path.read_bytes()

    changed = catalogs.merge(catalogs.extract(app.parent, [app]), path)

    assert changed is False
    assert path.read_bytes() == before
    assert faults(app) == []


def test_compiled_catalog_speaks_chinese(app: Path) -> None:
    translate(app, WHOLE)

    catalogs.compile_catalog(catalogs.path_of(app))

    with catalogs.path_of(app).with_suffix(".mo").open("rb") as compiled:
        chinese = gettext.GNUTranslations(compiled)
    assert chinese.gettext("Hello") == "您好"
    assert chinese.pgettext("month", "May") == "五月"
    assert chinese.ngettext("%(n)d key", "%(n)d keys", 3) == "%(n)d把"
