"""The dry run: past decisions held against other rules. Nothing is written and no decision changes."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import F

from accounts.models import Organization
from common.periods import local_day
from vouchers.grants import wording
from vouchers.grants.actions import assessments
from vouchers.grants.models import Application
from vouchers.grants.rules import saying
from vouchers.grants.rules.answers import Assessment
from vouchers.grants.rules.assessment import Case, assess
from vouchers.grants.rules.caps import APPLICANT
from vouchers.grants.rules.schemes import SchemeRules, from_json

DECIDED = ("approved", "noticed", "issued", "rejected")


@dataclass(frozen=True, slots=True)
class Change:
    """One past decision that would come out otherwise."""

    application: str
    version: int
    before: str
    after: str
    before_fen: int
    after_fen: int
    why: str


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """How many past decisions were looked at, and those that would change."""

    seen: int
    changes: tuple[Change, ...]

    @property
    def changed(self) -> int:
        """How many would change."""
        return len(self.changes)

    def as_json(self) -> dict[str, Any]:
        """The result as JSON."""
        return {
            "seen": self.seen,
            "changed": self.changed,
            "changes": [asdict(change) for change in self.changes],
        }


def rehearse(*, slug: str, data: dict[str, Any], bureau: Organization | None = None) -> Rehearsal:
    """Hold all past decisions of a scheme, in the order in which they were handed in, against other rules.

    Each is taken with the facts of its own record; caps fill up again from nothing, so that the answer does not
    depend on what the present rules used. The budget is not held: it belongs to a version, not to the rules.
    """
    rules = from_json(data)
    decided = Application.objects.filter(scheme__slug=slug, status__in=DECIDED)
    if bureau is not None:
        decided = decided.filter(scheme__bureau=bureau)
    rows = list(
        decided.select_related("scheme", "enterprise").order_by(
            F("submitted_at").asc(nulls_last=True), "pk"
        )
    )
    return Rehearsal(len(rows), tuple(_changes(rows, rules)))


def _changes(rows: Sequence[Application], rules: SchemeRules) -> Iterator[Change]:
    used: dict[str, int] = defaultdict(int)
    for row in rows:
        known = _known(row, rules)
        keys = {cap.id: assessments.key_of(row.scheme, cap, known) for cap in rules.caps}
        gone = {name: used[key] for name, key in keys.items() if key}
        answer = assess(rules, Case(facts=known, used=gone, kinds=tuple(row.scheme.voucher_kinds)))
        for cap in rules.caps:
            key = keys[cap.id]
            if key and answer.amount_fen:
                used[key] += 1 if cap.is_count else answer.amount_fen
        change = _change(row, answer)
        if change:
            yield change


def _known(row: Application, rules: SchemeRules) -> dict[str, Any]:
    """Facts of the record; of today's profile where the decision has none."""
    day = local_day(row.submitted_at) if row.submitted_at else local_day(row.created_at)
    known = assessments.known_of(row, rules, day)
    known |= assessments.recorded_facts(rules, row.assessment.get("facts", {}))
    known[APPLICANT] = row.enterprise.code
    return known


def _change(row: Application, answer: Assessment) -> Change | None:
    refused = row.status == "rejected"
    before_fen = 0 if refused else row.granted_fen or 0
    after_fen = answer.amount_fen
    if before_fen == after_fen:
        return None
    return Change(
        application=row.code,
        version=row.scheme.version,
        before=_said(before_fen),
        after=_said(after_fen),
        before_fen=before_fen,
        after_fen=after_fen,
        why=_why(row.assessment, answer),
    )


def _said(fen: int) -> str:
    return wording.said(saying.value("money", fen)) if fen else wording.said(saying.REFUSED)


def _why(record: Mapping[str, Any], answer: Assessment) -> str:
    """What differs: a rule that now fails, the rate, the base, the cap that binds."""
    reasons = [
        wording.refusal(code) for code in answer.refusals if code not in record.get("refusals", [])
    ]
    if not reasons:
        pairs = (
            (saying.RATE, str(record.get("rate", "")), str(answer.rate)),
            (saying.BASE, _base(record.get("base_fen")), _base(answer.base_fen)),
            (saying.CAP, str(record.get("binding_cap", "")), answer.binding_cap),
        )
        reasons = [
            f"{wording.said(title)} {before or '–'} → {after or '–'}"
            for title, before, after in pairs
            if before != after
        ]
    return wording.listed(reasons) or wording.said(saying.JUDGED)


def _base(fen: int | None) -> str:
    return "" if fen is None else wording.said(saying.value("money", fen))
