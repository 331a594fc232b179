"""Translation catalogs without a system gettext: find messages, merge, compile, check.

One catalog per app, `<app>/locale/zh_Hans/LC_MESSAGES/django.po`. A message's id is its English
text, so only the Chinese needs a file. Nothing is guessed: no message is ever marked fuzzy.
"""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils.translation.template import templatize

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog, Message

LOCALE = "zh_Hans"
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# A gettext call in the text that `templatize` makes of a template; the rest is not Python.
CALL = re.compile(
    r"""(?<![\w.])(?:n?p?gettext|_)\((?:[^()'"]|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")*\)"""
)
PLACEHOLDER = re.compile(r"%\(\w+\)[#0 +-]*[\d.]*[a-z]|(?<!%)(?:%%)*%[sd]|\{\w*(?:[:!][^{}]*)?\}")
# Header lines that change with every run and would make every merge a conflict.
VOLATILE = (b'"POT-Creation-Date:', b'"PO-Revision-Date:', b'"Generated-By:', b'"Last-Translator:')


def path_of(app: Path) -> Path:
    """The catalog of an app's folder."""
    return app / "locale" / LOCALE / "LC_MESSAGES" / "django.po"


def _sources(folders: list[Path]) -> Iterator[Path]:
    for folder in folders:
        for source in sorted(folder.rglob("*")):
            if source.suffix in {".py", ".html", ".txt"} and "migrations" not in source.parts:
                yield source


def _calls(source: Path) -> Iterator[str]:
    """Pieces of Python that hold a file's gettext calls."""
    text = source.read_text(encoding="utf-8")
    if source.suffix == ".py":
        yield text
    elif "templates" in source.parts:
        yield from CALL.findall(templatize(text, origin=str(source)))


def extract(root: Path, folders: list[Path]) -> "Catalog":
    """All messages of the code and templates in `folders`, each with the files that use it."""
    from babel.messages.catalog import Catalog
    from babel.messages.extract import extract as babel_extract

    found = Catalog()
    for source in _sources(folders):
        name = source.relative_to(root).as_posix()
        for code in _calls(source):
            lines = io.BytesIO(code.encode())
            for _line, message, _comments, context in babel_extract(
                "python", lines, keywords=KEYWORDS, options={"encoding": "utf-8"}
            ):
                found.add(message, locations=[(name, 0)], context=context)
    return found


def read(catalog: Path) -> "Catalog":
    """An app's catalog; empty when the file is missing."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po

    if not catalog.exists():
        return Catalog(locale=LOCALE)
    with catalog.open("rb") as source:
        return read_po(source, locale=LOCALE, abort_invalid=True)


def merge(found: "Catalog", catalog: Path) -> bool:
    """Bring an app's file up to date, keeping every translation; tell whether it changed."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import write_po

    kept = read(catalog)
    merged = Catalog(locale=LOCALE, header_comment="# Simplified Chinese.")
    for message in found:
        if message.id:
            old = kept.get(message.id, context=message.context)
            merged.add(
                message.id,
                old.string if old else None,
                locations=sorted(set(message.locations)),
                context=message.context,
            )
    output = io.BytesIO()
    write_po(output, merged, width=100, sort_output=True, include_lineno=False)
    lines = output.getvalue().splitlines(keepends=True)
    text = b"".join(line for line in lines if not line.startswith(VOLATILE))
    before = catalog.read_bytes() if catalog.exists() else b""
    if text == before or (not before and len(merged) == 0):
        return False
    catalog.parent.mkdir(parents=True, exist_ok=True)
    catalog.write_bytes(text)
    return True


def compile_catalog(catalog: Path) -> int:
    """Write the binary catalog beside the text one; return the number of messages."""
    from babel.messages.mofile import write_mo

    content = read(catalog)
    draft = catalog.with_suffix(".mo.draft")
    with draft.open("wb") as output:
        write_mo(output, content)
    draft.replace(catalog.with_suffix(".mo"))
    return len(content)


def faults(found: "Catalog", catalog: Path) -> Iterator[str]:
    """What is wrong with an app's translations, one sentence each."""
    known = read(catalog)
    for message in found:
        if not message.id:
            continue
        translated = known.get(message.id, context=message.context)
        if translated is None:
            yield f"{_name(message)} is missing"
        elif not all(_texts(translated.string)):
            yield f"{_name(message)} has no translation"
        elif translated.fuzzy:
            yield f"{_name(message)} is marked fuzzy"
        else:
            yield from _placeholder_faults(translated)


def _placeholder_faults(message: "Message") -> Iterator[str]:
    allowed = {part for text in _texts(message.id) for part in PLACEHOLDER.findall(text)}
    for text in _texts(message.string):
        given = set(PLACEHOLDER.findall(text))
        if given - allowed:
            yield f"{_name(message)} has unknown placeholders {sorted(given - allowed)}"
        elif allowed - given and isinstance(message.id, str):
            yield f"{_name(message)} lacks placeholders {sorted(allowed - given)}"


def _texts(text: Any) -> tuple[str, ...]:
    return tuple(text) if isinstance(text, tuple | list) else (text or "",)


def _name(message: "Message") -> str:
    return repr(_texts(message.id)[0])
