"""The scheme designer: look at a text, rehearse it on past decisions, save it as a draft."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import Organization
from accounts.permissions import Permission
from vouchers.grants import wording
from vouchers.grants.actions import rehearsals, scheme_files
from vouchers.grants.actions.rehearsals import Rehearsal
from vouchers.grants.actions.schemes import SchemeInvalid
from vouchers.grants.models import Scheme
from vouchers.grants.rules import cases, files, spelling
from vouchers.grants.rules.answers import Assessment
from vouchers.grants.rules.assessment import assess
from vouchers.grants.rules.files import SchemeFileInvalid
from vouchers.grants.rules.schemes import RulesInvalid, SchemeRules

STARTING = Path(__file__).resolve().parents[1] / "starting_scheme.yaml"
"""The text with which the designer begins."""


@dataclass(frozen=True, slots=True)
class LineFault:
    """One fault with its line in the text."""

    line: int
    path: str
    words: str


@dataclass(frozen=True, slots=True)
class Design:
    """What a text would be: its faults, or its rules; what it would change, and what one case would get."""

    faults: tuple[LineFault, ...]
    rules: SchemeRules | None
    rehearsal: Rehearsal | None = None
    answer: Assessment | None = None
    case_faults: tuple[str, ...] = ()

    @property
    def record(self) -> dict[str, Any] | None:
        """The answer as a decision would keep it."""
        return spelling.as_json(self.answer, self.rules) if self.answer and self.rules else None


def look(
    *,
    by: Actor,
    text: str,
    with_rehearsal: bool = False,
    case: str | Mapping[str, Any] | None = None,
) -> Design:
    """Read a text; on request hold the bureau's past decisions or one case against it. Writes nothing.

    The case comes as JSON, as text or read already.
    """
    by.require(Permission.SCHEME_MANAGE)
    try:
        rules, found = files.read(text)
    except SchemeFileInvalid as error:
        return Design(_faults(error), None)
    rehearsal = None
    if with_rehearsal:
        rehearsal = rehearsals.rehearse(slug=rules.id, data=found.data, bureau=by.own())
    if case is None:
        return Design((), rules, rehearsal)
    try:
        given = json.loads(case, parse_float=str) if isinstance(case, str) else case
        answer = assess(rules, cases.read(rules, given))
    except RulesInvalid as error:
        return Design((), rules, rehearsal, None, _case_faults(error))
    except (ValueError, RecursionError):
        return Design((), rules, rehearsal, None, (str(_("The case is no JSON.")),))
    return Design((), rules, rehearsal, answer)


def save(*, by: Actor, text: str, stated: Mapping[str, str | None], at: datetime) -> Scheme:
    """Save a text as the draft of the next version. Raises SchemeInvalid with a message for each line."""
    by.require(Permission.SCHEME_MANAGE)
    try:
        _rules, found = files.read(text)
    except SchemeFileInvalid as error:
        words = " ".join(f"{fault.line}: {fault.words}" for fault in _faults(error))
        raise SchemeInvalid(
            _("Some rules of the scheme cannot stand. Correct them."), errors={"text": words}
        ) from error
    return scheme_files.write(by=by, data=found.data, stated=stated, at=at, text=text)


def starting_text(*, bureau: Organization) -> str:
    """A commented example of a complete scheme, for the bureau's own region."""
    return STARTING.read_text(encoding="utf-8").replace("{region}", bureau.region)


def text_of(scheme: Scheme) -> str:
    """The text of a scheme; written out from its rules where it was not written as text."""
    if scheme.text:
        return scheme.text
    head = {
        "format": scheme.rules.get("format"),
        "id": scheme.slug,
        "name": {"zh": scheme.name, "en": scheme.name_en},
        "region": scheme.region,
    }
    written: str = yaml.safe_dump({**head, **scheme.rules}, allow_unicode=True, sort_keys=False)
    return written


def _faults(error: SchemeFileInvalid) -> tuple[LineFault, ...]:
    return tuple(
        LineFault(line, fault.path, wording.fault(fault.code, fault.hint))
        for line, fault in zip(error.lines, error.faults, strict=True)
    )


def _case_faults(error: RulesInvalid) -> tuple[str, ...]:
    return tuple(
        f"{fault.path or '–'}: {wording.fault(fault.code, fault.hint)}" for fault in error.faults
    )
