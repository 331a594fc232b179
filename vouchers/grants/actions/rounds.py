"""A round: all applications that wait for review, answered in the order in which they were handed in."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common.errors import Forbidden
from common.periods import local_day
from vouchers.grants.actions import assessments
from vouchers.grants.models import Application, ApplicationStatus, Scheme
from vouchers.grants.rules.assessment import assess
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


@dataclass(frozen=True, slots=True)
class Round:
    """How many were answered, and how they came out."""

    answered: int
    yes: int
    no: int
    perhaps: int


@transaction.atomic
def assess_round(*, by: Actor, scheme: Scheme, at: datetime) -> Round:
    """Store the answer with every application that waits for its first review.

    Ordered by the server's time of submission: what those ahead would get counts as used of caps and budget. No money
    moves and nothing is decided; the second review records the answer that holds. Locks the applications.
    """
    by.require(Permission.APPLICATION_REVIEW)
    if scheme.bureau_id != by.own().pk:
        raise Forbidden(_("This scheme belongs to another bureau."))
    rules = from_json(scheme.rules)
    rows = list(
        Application.objects.select_for_update(of=("self",))
        .filter(scheme=scheme, status=ApplicationStatus.SUBMITTED)
        .select_related("enterprise", "scheme")
        .order_by("submitted_at", "pk")
    )
    verdicts = list(_answers(scheme, rules, rows))
    _store(rows)
    trail.record(by=by, at=at, verb="assessed", subject=scheme, data={"applications": len(rows)})
    count = verdicts.count
    return Round(len(rows), count("yes"), count("no"), count("perhaps"))


def _store(rows: Sequence[Application]) -> None:
    """Write all answers in one statement; a CASE for each row would take longer than the assessments.

    The records travel as one text each way: escaping them one by one for an array takes seconds. They are joined by
    the unit separator, which JSON never contains bare.
    """
    keys = SEPARATOR.join(str(row.pk) for row in rows)
    records = SEPARATOR.join(orjson.dumps(row.assessment).decode() for row in rows)
    with connection.cursor() as cursor:
        cursor.execute(STORE, [keys, records])


def _answers(scheme: Scheme, rules: SchemeRules, rows: Sequence[Application]) -> Iterator[str]:
    known = [
        assessments.known_of(row, rules, local_day(row.submitted_at or row.created_at))
        for row in rows
    ]
    keys = [
        {cap.id: assessments.key_of(scheme, cap, facts) for cap in rules.caps} for facts in known
    ]
    used = defaultdict(int, caps.used(keys={key for each in keys for key in each.values() if key}))
    left = accounts.available_fen(kind=AccountKind.SCHEME_BUDGET, key=scheme.code)
    for row, facts, own in zip(rows, known, keys, strict=True):
        gone = {name: used[key] for name, key in own.items() if key}
        case = assessments.case_of(scheme, facts, used=gone, budget_left_fen=left)
        answer = assess(rules, case)
        row.assessment = assessments.as_json(answer, rules)
        left -= answer.amount_fen
        for line in answer.caps:
            key = own.get(line.name)
            if key and line.is_applied and answer.amount_fen:
                used[key] += 1 if line.is_count else answer.amount_fen
        yield answer.verdict
