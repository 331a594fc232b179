"""Letters: templates of a bureau, preview, and what is sent in the transaction of its effect."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.models import Organization, OrganizationKind
from accounts.permissions import Permission
from common.errors import Conflict, DomainError, Forbidden
from common.periods import local_day
from vouchers.grants import wording
from vouchers.grants.actions import answers
from vouchers.grants.models import Application, Letter, LetterKind, LetterTemplate
from vouchers.grants.rules import letters as rules
from vouchers.grants.rules.wording import Words, yuan

FIELDS = {"subject_zh": 100, "subject_en": 150, "body_zh": 4000, "body_en": 6000}
"""Most characters of each text."""


class TemplateInvalid(DomainError):
    """A text that is empty, too long, or holds places that cannot stand; `errors` names each field."""

    code = "letter_template_invalid"


class TemplateChanged(Conflict):
    """Somebody else saved a newer version."""

    code = "letter_template_changed"


@dataclass(frozen=True, slots=True)
class Text:
    """Subject and body in one language."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Current:
    """The words in use for a kind: the bureau's own version, or the standing text as version 0."""

    kind: LetterKind
    version: int
    subject_zh: str
    subject_en: str
    body_zh: str
    body_en: str

    def texts(self) -> dict[str, str]:
        """The four texts by the name of their field."""
        return {name: getattr(self, name) for name in FIELDS}


def current(*, bureau: Organization, kind: LetterKind) -> Current:
    """The words in use for one kind."""
    own = LetterTemplate.objects.filter(bureau=bureau, kind=kind).order_by("-version").first()
    return _current(kind, own)


def all_current(*, bureau: Organization) -> list[Current]:
    """The words in use for every kind. One query."""
    rows = LetterTemplate.objects.filter(bureau=bureau).order_by("kind", "-version")
    own = {row.kind: row for row in rows.distinct("kind")}
    return [_current(kind, own.get(kind)) for kind in LetterKind]


@transaction.atomic
def save(
    *, by: Actor, kind: LetterKind, version: int, texts: Mapping[str, str], at: datetime
) -> LetterTemplate:
    """Write the next version of a template; `version` is the one that was changed (0 for the standing text).

    The same texts again answer the version there is. Raises TemplateInvalid, TemplateChanged, Forbidden.
    """
    by.require(Permission.SCHEME_MANAGE)
    if not by.is_kind(OrganizationKind.BUREAU):
        raise Forbidden(_("Only a bureau writes letters."))
    clean = {name: texts[name].replace("\r\n", "\n").strip() for name in FIELDS}
    _require_valid(clean, kind)
    newest = current(bureau=by.own(), kind=kind)
    if newest.version and newest.texts() == clean:
        return LetterTemplate.objects.get(bureau=by.own(), kind=kind, version=newest.version)
    if newest.version != version:
        raise _changed()
    try:
        with transaction.atomic():
            made = LetterTemplate.objects.create(
                bureau=by.own(), kind=kind, version=version + 1, created_at=at, created_by=by.user,
                **clean,
            )  # fmt: skip
    except IntegrityError as error:
        raise _changed() from error
    data = {"kind": kind, "version": made.version}
    trail.record(by=by, at=at, verb="letter_template_saved", subject=by.own(), data=data)
    return made


def preview(
    *, bureau: Organization, kind: LetterKind, texts: Mapping[str, str], at: datetime
) -> dict[str, Text]:
    """The letter with made-up values, by language; what is wrong in a text stays as it is."""
    values = {**_EXAMPLES, "bureau": bureau.name, "date": local_day(at)}
    return {
        language: Text(
            rules.filled(texts[f"subject_{language}"], _in(values, language, lenient=True)),
            rules.filled(texts[f"body_{language}"], _in(values, language, lenient=True)),
        )
        for language in ("zh", "en")
    }


def faults(*, kind: LetterKind, texts: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with each text, in words; empty when they can be saved."""
    found: dict[str, str] = {}
    for name, most in FIELDS.items():
        text = texts[name]
        said = [
            wording.letter_fault(fault)
            for fault in rules.faults(text, kind, whole=name.startswith("body"))
        ]
        if not text.strip():
            said = [_("Write this text.")]
        elif len(text) > most:
            said.append(_("Use at most %(most)s characters.") % {"most": most})
        if said:
            found[name] = " ".join(said)
    return found


def send(
    *, kind: LetterKind, application: Application, occasion: str, at: datetime, **values: Any
) -> Letter:
    """Write a letter about an application inside the transaction of what it tells of.

    `values` fill the places of the kind; dates, amounts in fen (`amount`, `left`) and Words are said in each
    language. The same occasion again answers the letter that was sent.
    """
    sent = Letter.objects.filter(application=application, kind=kind, occasion=occasion).first()
    if sent is not None:
        return sent
    scheme = application.scheme
    known: dict[str, Any] = {
        "enterprise": application.enterprise.name,
        "application": application.code,
        "scheme": Words(scheme.name, scheme.name_en),
        "appeal": rules.APPEAL,
        **values,
    }
    made = written(kind=kind, bureau=scheme.bureau, values=known, at=at)
    return Letter.objects.create(
        application=application, kind=kind, occasion=occasion, sent_at=at, **made
    )


def written(
    *, kind: LetterKind, bureau: Organization, values: Mapping[str, Any], at: datetime
) -> dict[str, Any]:
    """Subject and body in both languages and the template's version, by the names of a letter's columns."""
    words = current(bureau=bureau, kind=kind)
    known = {"bureau": bureau.name, "date": local_day(at), **values}
    zh, en = _in(known, "zh"), _in(known, "en")
    return {
        "template_version": words.version,
        "subject_zh": rules.filled(words.subject_zh, zh)[:200],
        "subject_en": rules.filled(words.subject_en, en)[:300],
        "body_zh": rules.filled(words.body_zh, zh),
        "body_en": rules.filled(words.body_en, en),
    }


def _current(kind: LetterKind, own: LetterTemplate | None) -> Current:
    if own is not None:
        return Current(kind, own.version, own.subject_zh, own.subject_en, own.body_zh, own.body_en)
    standing = rules.STANDING[kind]
    return Current(
        kind, 0, standing.subject.zh, standing.subject.en, standing.body.zh, standing.body.en
    )


def _require_valid(texts: Mapping[str, str], kind: LetterKind) -> None:
    wrong = faults(kind=kind, texts=texts)
    if wrong:
        raise TemplateInvalid(_("The template cannot be used like this. Correct it."), errors=wrong)


class _Lenient(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


def _in(values: Mapping[str, Any], language: str, *, lenient: bool = False) -> dict[str, str]:
    said = {name: _said(value, language) for name, value in values.items()}
    return _Lenient(said) if lenient else said


def _said(value: Any, language: str) -> str:
    if isinstance(value, Words):
        return value.in_language(language)
    if isinstance(value, date):
        if language == "zh":
            return f"{value.year}年{value.month}月{value.day}日"
        return value.isoformat()
    return yuan(value) if isinstance(value, int) else str(value)


def _changed() -> TemplateChanged:
    return TemplateChanged(
        _("Somebody else saved a newer version. Your texts are kept below; compare and save again.")
    )


_EXAMPLES: dict[str, Any] = {
    "enterprise": "示例机械有限公司",
    "application": "AP-2345-6789",
    "scheme": Words("算力券（示例）", "Compute voucher (example)"),
    "until": date(2026, 12, 31),
    "reason": Words("说明不完整，无法核实用途。", "The statement is incomplete."),
    "remark": Words("请上传合同全文。", "Please upload the whole contract."),
    "amount": 3_000_000,
    "voucher": "VC-2345-6789",
    "valid_until": date(2027, 12, 31),
    "left": 1_250_000,
    "appeal": rules.APPEAL,
    "case": "CS-2345-6789",
    "subject": Words("2026年9月账单的用量", "the use on the bill of September 2026"),
}


def remarks_in_words(application: Application, remarks: Iterable[tuple[str, str]]) -> Words:
    """Remarks as lines of a letter, each with its field, in both languages."""
    found = list(remarks)
    lines = {}
    for language, colon in (("zh-hans", "："), ("en", ": ")):
        with translation.override(language):
            named = [
                f"{answers.field_label(application, field)}{colon}{text.strip()}"
                for field, text in found
            ]
        lines[language] = "\n".join(f"{number}. {line}" for number, line in enumerate(named, 1))
    return Words(lines["zh-hans"], lines["en"])
