"""A round: all applications that wait for review, answered in the order in which they were handed in."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import orjson
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common.errors import Conflict, Forbidden
from common.periods import local_day
from vouchers.grants.actions import assessments
from vouchers.grants.models import Application, ApplicationStatus, Scheme
from vouchers.grants.rules.answers import Assessment, CapLine
from vouchers.grants.rules.assessment import assess
from vouchers.grants.rules.caps import APPLICANT
from vouchers.grants.rules.schemes import SchemeRules, from_json
from vouchers.ledger.actions import accounts, caps
from vouchers.ledger.kinds import AccountKind

SEPARATOR = "\x1f"
STORE = """
UPDATE vouchers_application SET assessment = answer.record::jsonb
FROM unnest(string_to_array(%s, chr(31))::bigint[], string_to_array(%s, chr(31)))
     AS answer (id, record)
WHERE vouchers_application.id = answer.id
"""


class RoundChanged(Conflict):
    """What a round would answer differs from the preview that was confirmed."""

    code = "round_changed"


@dataclass(frozen=True, slots=True)
class Round:
    """How many were answered, and how they came out."""

    answered: int
    yes: int
    no: int
    perhaps: int


@dataclass(frozen=True, slots=True)
class Line:
    """What one application would get, and what is left afterwards of the tightest of its applicant's own caps."""

    application: Application
    answer: Assessment
    own: CapLine | None

    @property
    def binding(self) -> CapLine | None:
        """The cap that lowered the amount."""
        name = self.answer.binding_cap
        return next((cap for cap in self.answer.caps if cap.name == name), None)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a round would answer. `shared` are the caps that several applicants use, as they would stand afterwards.

    `budget_left_fen` is what is left of the budget now. `seen` stands for the whole outcome: whoever confirms it sends
    it back.
    """

    lines: list[Line]
    shared: list[CapLine]
    budget_left_fen: int
    seen: str

    @property
    def result(self) -> Round:
        """The verdicts, counted."""
        return _counted([line.answer.verdict for line in self.lines])

    @property
    def total_fen(self) -> int:
        """What all would get together."""
        return sum(line.answer.amount_fen for line in self.lines)

    @property
    def rest_fen(self) -> int:
        """What would be left of the budget."""
        return self.budget_left_fen - self.total_fen


def preview(*, by: Actor, scheme: Scheme) -> Preview:
    """What a round would answer at this moment; nothing is written or locked. Raises Forbidden."""
    _require_own(by, scheme)
    return _worked_out(scheme, list(_waiting(scheme)))


@transaction.atomic
def assess_round(*, by: Actor, scheme: Scheme, at: datetime, seen: str = "") -> Round:
    """Store the answer with every application that waits for its first review.

    Ordered by the server's time of submission: what those ahead would get counts as used of caps and budget. No money
    moves and nothing is decided; the second review records the answer that holds. `seen` is that of the preview that
    was confirmed; empty when nobody looked. Locks the applications. Raises RoundChanged, Forbidden.
    """
    _require_own(by, scheme)
    rows = list(_waiting(scheme).select_for_update(of=("self",)))
    found = _worked_out(scheme, rows)
    if seen and seen != found.seen:
        raise RoundChanged(
            _("Applications, caps or the budget changed since the preview. Look at the new one.")
        )
    rules = from_json(scheme.rules)
    for line in found.lines:
        line.application.assessment = assessments.as_json(line.answer, rules)
    _store(rows)
    trail.record(by=by, at=at, verb="assessed", subject=scheme, data={"applications": len(rows)})
    return found.result


def _require_own(by: Actor, scheme: Scheme) -> None:
    by.require(Permission.APPLICATION_REVIEW)
    if scheme.bureau_id != by.own().pk:
        raise Forbidden(_("This scheme belongs to another bureau."))


def _waiting(scheme: Scheme) -> QuerySet[Application]:
    return (
        Application.objects.filter(scheme=scheme, status=ApplicationStatus.SUBMITTED)
        .select_related("enterprise", "scheme")
        .order_by("submitted_at", "pk")
    )


def _counted(verdicts: Sequence[str]) -> Round:
    count = verdicts.count
    return Round(len(verdicts), count("yes"), count("no"), count("perhaps"))


def _store(rows: Sequence[Application]) -> None:
    """Write all answers in one statement; a CASE for each row would take longer than the assessments.

    The records travel as one text each way: escaping them one by one for an array takes seconds. They are joined by
    the unit separator, which JSON never contains bare.
    """
    keys = SEPARATOR.join(str(row.pk) for row in rows)
    records = SEPARATOR.join(orjson.dumps(row.assessment).decode() for row in rows)
    with connection.cursor() as cursor:
        cursor.execute(STORE, [keys, records])


def _worked_out(scheme: Scheme, rows: Sequence[Application]) -> Preview:
    left = accounts.available_fen(kind=AccountKind.SCHEME_BUDGET, key=scheme.code)
    shared: dict[str, CapLine] = {}
    lines = list(_answers(scheme, rows, left, shared))
    told = [(line.application.code, line.answer.verdict, line.answer.amount_fen) for line in lines]
    seen = hashlib.sha256(orjson.dumps([scheme.code, left, told])).hexdigest()[:32]
    return Preview(lines, list(shared.values()), left, seen)


def _answers(
    scheme: Scheme, rows: Sequence[Application], left: int, shared: dict[str, CapLine]
) -> Iterator[Line]:
    """Answer one after another; fills `shared` with the caps that are not one applicant's own, by their key."""
    rules = from_json(scheme.rules)
    known = [
        assessments.known_of(row, rules, local_day(row.submitted_at or row.created_at))
        for row in rows
    ]
    keys = [
        {cap.id: assessments.key_of(scheme, cap, facts) for cap in rules.caps} for facts in known
    ]
    used = defaultdict(int, caps.used(keys={key for each in keys for key in each.values() if key}))
    for row, facts, own in zip(rows, known, keys, strict=True):
        gone = {name: used[key] for name, key in own.items() if key}
        case = assessments.case_of(scheme, facts, used=gone, budget_left_fen=left)
        answer = assess(rules, case)
        left -= answer.amount_fen
        afterwards = []
        for line in answer.caps:
            key = own.get(line.name)
            if key is None or not line.is_applied:
                continue
            if answer.amount_fen:
                used[key] += 1 if line.is_count else answer.amount_fen
            stand = replace(line, used_fen=used[key], left_fen=max(line.limit_fen - used[key], 0))
            if _is_own(rules, line.name):
                afterwards.append(stand)
            else:
                shared[key] = stand
        tightest = min(afterwards, key=lambda each: (each.is_count, each.left_fen), default=None)
        yield Line(row, answer, tightest)


def _is_own(rules: SchemeRules, name: str) -> bool:
    cap = rules.cap(name)
    return cap is not None and APPLICANT in cap.per
