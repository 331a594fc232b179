"""What is said in a case: findings, remarks, evidence, letters to parties and their answers."""

from datetime import date, datetime
from typing import Any

from django.core.files import File
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.models import Organization
from accounts.permissions import Permission
from common import attachments, states, stored_files
from common.errors import DomainError, Forbidden
from common.periods import local_day
from vouchers.audit import notifying
from vouchers.audit.actions import cases
from vouchers.audit.models import Case, CaseEntry, CaseLetter, CaseStatus, EntryKind
from vouchers.grants.actions import letters
from vouchers.grants.models import LetterKind
from vouchers.grants.rules import letters as letter_rules

MOST_CHARACTERS = 4_000
MOST_FILES = 50


class WordsMissing(DomainError):
    """An entry says something, in at most 4,000 characters."""

    code = "words_missing"


class NotAsked(Forbidden):
    """The organization was not written to in this case."""

    code = "not_asked"


class TooManyFiles(DomainError):
    """More files than one case may have."""

    code = "too_many_files"


@transaction.atomic
def note(*, by: Actor, case: Case, kind: str, text: str, at: datetime) -> CaseEntry:
    """Write a finding or a remark, for the bureau alone. Locks the case.

    Raises WordsMissing, cases.TakenByAnother, WrongState, Forbidden.
    """
    by.require(Permission.CLAIM_AUDIT)
    locked = cases.lock(by, case)
    cases.require_mine(by, locked)
    if kind not in {EntryKind.FINDING, EntryKind.REMARK}:
        raise WordsMissing(_("Choose whether this is a finding or a remark."))
    return _write(by, locked, at, kind=EntryKind(kind), text=_said(text, "text"))


@transaction.atomic
def attach(
    *, by: Actor, case: Case, file: "File[bytes]", text: str = "", at: datetime
) -> CaseEntry:
    """Put a file into the case, for the bureau alone. Raises FileRefused, TooManyFiles and as `note`."""
    by.require(Permission.CLAIM_AUDIT)
    locked = cases.lock(by, case)
    cases.require_mine(by, locked)
    return _put(by, locked, None, file, text, at)


@transaction.atomic
def ask(
    *, by: Actor, case: Case, party: Organization, text: str, until: date, at: datetime
) -> CaseEntry:
    """Write a letter that asks one party for a statement until a day; nobody else sees it.

    Locks the case. Raises WordsMissing, cases.CaseInvalid, cases.TakenByAnother, WrongState, Forbidden.
    """
    by.require(Permission.CLAIM_AUDIT)
    locked = cases.lock(by, case)
    cases.require_mine(by, locked)
    if party.pk not in {each.pk for each in locked.parties()}:
        words = _("Choose one of the parties of the case.")
        raise cases.CaseInvalid(words, errors={"party": words})
    if until <= local_day(at):
        words = _("Leave at least until tomorrow for an answer.")
        raise cases.CaseInvalid(words, errors={"until": words})
    said = _said(text, "text")
    entry = send(
        by=by, case=locked, kind=LetterKind.CASE_ASKED, party=party, at=at, answer_by=until,
        values={"remark": said, "until": until},
    )  # fmt: skip
    states.move(locked, to=CaseStatus.ASKED, transitions=cases.TRANSITIONS)
    return entry


@transaction.atomic
def answer(*, by: Actor, case: Case, text: str, at: datetime) -> CaseEntry:
    """A party's statement; the bureau sees it, the other party does not. Locks the case.

    Raises NotAsked, WordsMissing, WrongState, Forbidden.
    """
    by.require(Permission.CASE_ANSWER)
    locked = _lock_told(by, case)
    entry = _write(by, locked, at, kind=EntryKind.ANSWER, party=by.own(), text=_said(text, "text"))
    if locked.status == CaseStatus.ASKED:
        states.move(locked, to=CaseStatus.OPEN, transitions=cases.TRANSITIONS)
    notifying.case_answered(case=locked, party=by.own(), number=entry.number, at=at)
    return entry


@transaction.atomic
def hand_in(
    *, by: Actor, case: Case, file: "File[bytes]", text: str = "", at: datetime
) -> CaseEntry:
    """A party's evidence. Raises FileRefused, TooManyFiles and as `answer`."""
    by.require(Permission.CASE_ANSWER)
    locked = _lock_told(by, case)
    return _put(by, locked, by.own(), file, text, at)


@transaction.atomic
def reply(
    *, by: Actor, case: Case, text: str, file: "File[bytes] | None", at: datetime
) -> list[CaseEntry]:
    """What a party hands in at once: a file, with words of its own or with a statement. Raises as both."""
    made = []
    if file is not None:
        made.append(hand_in(by=by, case=case, file=file, at=at))
    if text.strip() or file is None:
        made.append(answer(by=by, case=case, text=text, at=at))
    return made


def send(
    *,
    by: Actor,
    case: Case,
    kind: LetterKind,
    party: Organization,
    values: dict[str, Any],
    at: datetime,
    answer_by: date | None = None,
) -> CaseEntry:
    """Write a letter to a party inside the transaction of what it tells of, and tell its people."""
    known = {
        "enterprise": party.name,
        "case": case.code,
        "subject": case.question,
        "appeal": letter_rules.APPEAL,
        **values,
    }
    made = letters.written(kind=kind, bureau=case.bureau, values=known, at=at)
    entry = _write(
        by, case, at, kind=EntryKind.LETTER, party=party, text=str(values.get("remark", ""))
    )
    CaseLetter.objects.create(entry=entry, kind=kind, answer_by=answer_by, **made)
    notifying.case_letter(case=case, entry=entry, at=at)
    return entry


def _lock_told(by: Actor, case: Case) -> Case:
    rows = Case.objects.with_subject().select_for_update(of=("self",))
    locked = rows.get(pk=case.pk)
    if not Case.objects.told_to(by).filter(pk=case.pk).exists():
        raise NotAsked(_("The bureau did not write to you about this."))
    cases.require_open(locked)
    return locked


def _said(text: str, field: str) -> str:
    said = text.replace("\r\n", "\n").strip()
    if not 0 < len(said) <= MOST_CHARACTERS:
        words = _("Write something, in at most 4,000 characters.")
        raise WordsMissing(words, errors={field: words})
    return said


def _put(
    by: Actor, case: Case, party: Organization | None, file: "File[bytes]", text: str, at: datetime
) -> CaseEntry:
    name, content_type, content = attachments.read(file=file)
    there = case.entries.filter(kind=EntryKind.EVIDENCE, file__isnull=False)
    again = there.filter(party=party, file__sha256=stored_files.sha256(content)).first()
    if again is not None:
        return again
    if there.count() >= MOST_FILES:
        raise TooManyFiles(_("A case takes at most 50 files. Put several into one PDF."))
    stored = stored_files.keep(
        organization_id=by.own().pk, name=name, content_type=content_type, content=content, at=at
    )
    said = text.strip()[:MOST_CHARACTERS]
    return _write(by, case, at, kind=EntryKind.EVIDENCE, party=party, text=said, file=stored)


def _write(by: Actor, case: Case, at: datetime, **values: Any) -> CaseEntry:
    """The next entry of a locked case; a first signature does not cover it and is void."""
    newest = case.entries.aggregate(newest=Max("number"))["newest"] or 0
    entry = CaseEntry.objects.create(
        case=case, number=newest + 1, written_at=at, written_by=by.user, **values
    )
    cases.reopen(case)
    data = {"number": entry.number, "kind": entry.kind}
    trail.record(by=by, at=at, verb="case_entry", subject=case, data=data)
    return entry
