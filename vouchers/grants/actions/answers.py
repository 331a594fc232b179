"""What an application states: its sections and values, and whether values can stand."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from common.errors import DomainError
from common.money import MAX_FEN
from vouchers.grants import wording
from vouchers.grants.models import Application, EvidenceKind, Scheme
from vouchers.grants.rules import facts as rules
from vouchers.grants.rules import registry, sections
from vouchers.grants.rules.quantities import Fault
from vouchers.grants.rules.schemes import from_json

COLUMNS = ("kind", "planned_spend_fen", "purpose")
FIRST_YEAR = 2000


class ApplicationInvalid(DomainError):
    """The application cannot stand like this; `errors` names each field."""

    code = "application_invalid"


def sections_of(scheme: Scheme) -> tuple[sections.Section, ...]:
    """The sections of an application to this scheme."""
    return sections.sections_of(registry.facts_of(from_json(scheme.rules)))


def values_of(application: Application) -> dict[str, Any]:
    """All values by the key of their field; amounts of columns in fen, the others as answers spell them."""
    columns = {name: getattr(application, name) for name in COLUMNS}
    return {**application.answers, **columns}


def missing(application: Application) -> dict[str, tuple[str, ...]]:
    """What is still missing, section by section. One query for the kinds of evidence."""
    values = values_of(application)
    kinds = set(application.evidence.values_list("kind", flat=True))
    found = {
        section.name: sections.missing(section, values, kinds)
        for section in sections_of(application.scheme)
    }
    return {name: fields for name, fields in found.items() if fields}


def require_valid(scheme: Scheme, values: Mapping[str, Any], today: date) -> None:
    """Raise ApplicationInvalid naming every value that cannot stand; an empty one may, in a draft."""
    known = sections.facts_by_key(sections_of(scheme))
    faults: dict[str, Any] = {}
    for name, value in values.items():
        fact = known.get(name)
        words = _unknown() if fact is None else _fault(scheme, fact, value, today)
        if words:
            faults[name] = words
    if faults:
        raise ApplicationInvalid(_("Some answers cannot stand. Correct them."), errors=faults)


def field_label(application: Application, field: str) -> str:
    """What a remarked field is called."""
    if field.startswith(sections.EVIDENCE_PREFIX):
        return str(EvidenceKind(field.removeprefix(sections.EVIDENCE_PREFIX)).label)
    known = sections.facts_by_key(sections_of(application.scheme))
    return wording.said(known[field].title) if field in known else field


def sections_touched(scheme: Scheme, names: Iterable[str]) -> set[str]:
    """Names of the sections in which those fields lie."""
    wanted = set(names)
    return {each.name for each in sections_of(scheme) if wanted & set(each.keys)}


def changes(application: Application, values: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Those values that differ from what stands there, each with what stood there before."""
    before = values_of(application)
    found = {}
    for name, value in values.items():
        new = value.strip() if isinstance(value, str) else value
        old = before.get(name)
        if new != old and (sections.is_given(new) or sections.is_given(old)):
            found[name] = (old, new)
    return found


def apply(application: Application, values: Mapping[str, Any]) -> list[str]:
    """Put values into the application, unsaved; the columns that changed, for `update_fields`."""
    changed = []
    for name in COLUMNS:
        if name in values:
            value = values[name]
            setattr(application, name, value.strip() if isinstance(value, str) else value)
            changed.append(name)
    further = {name: value for name, value in values.items() if name not in COLUMNS}
    if further:
        merged = {**application.answers, **further}
        application.answers = {n: v for n, v in merged.items() if sections.is_given(v)}
        changed.append("answers")
    return changed


def _unknown() -> Any:
    return _("This scheme does not ask this. Leave it out.")


def _fault(scheme: Scheme, fact: rules.Fact, value: Any, today: date) -> Any:
    if fact.column == "kind":
        return "" if value in scheme.voucher_kinds else wording.refusal("kind_not_offered")
    if fact.column == "planned_spend_fen":
        whole = isinstance(value, int) and not isinstance(value, bool)
        return "" if whole and 0 < value <= MAX_FEN else _("Enter an amount above zero.")
    if fact.column == "purpose":
        return _purpose(value)
    try:
        read = rules.parse(fact, value)
    except Fault as fault:
        return wording.FAULTS.get(fault.code, _("This answer cannot be read. Correct it."))
    if isinstance(read, tuple):
        return _records(fact, read, today)
    return _answer(fact, read, today)


def _answer(fact: rules.Fact, read: Any, today: date) -> Any:
    if isinstance(read, str) and len(read) > sections.MOST_TEXT:
        return _("Use at most 500 characters.")
    if isinstance(read, date):
        return _day(fact, read, today)
    return ""


def _records(fact: rules.Fact, rows: Sequence[Mapping[str, Any]], today: date) -> Any:
    """The first entry that cannot stand, with its number."""
    if len(rows) > sections.MOST_RECORDS:
        return wording.too_many_records()
    for number, row in enumerate(rows, 1):
        for column in fact.fields:
            words = _answer(column, row[column.name], today)
            if words:
                return _("Entry %(number)s: %(words)s") % {"number": number, "words": words}
    return ""


def _purpose(value: Any) -> Any:
    if not isinstance(value, str):
        return _("Say in a few sentences what the computing is for.")
    if len(value) > sections.MOST_PURPOSE:
        return _("Use at most 2,000 characters.")
    return ""


def _day(fact: rules.Fact, day: date, today: date) -> Any:
    if day.year < FIRST_YEAR or day.year > today.year + 20:
        return _("The year cannot be right. Check it.")
    if fact.name == "contract_signed_on" and day > today:
        return _("This day is still to come. Choose “Not yet” when the contract is not signed.")
    return ""
