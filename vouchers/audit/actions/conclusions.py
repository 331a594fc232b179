"""Conclusions: written by the officer, signed by two different humans, carried out with the second signature."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.models import Organization
from accounts.permissions import Permission
from common import states
from common.errors import DomainError, Forbidden
from common.periods import end_of_day, local_day
from vouchers.audit.actions import case_entries, cases, recoveries
from vouchers.audit.actions.settlements import SamePerson, WrongContent
from vouchers.audit.models import (
    Case,
    CaseConclusion,
    CaseOutcome,
    CaseStatus,
    Claim,
    ConclusionSignature,
    EntryKind,
)
from vouchers.audit.rules import concluding
from vouchers.grants.actions import suspensions
from vouchers.grants.models import LetterKind

LONGEST = timedelta(days=3 * 366)
"""A credit consequence lasts at most three years."""


class ConclusionInvalid(DomainError):
    """A conclusion that cannot be; `errors` names each field."""

    code = "conclusion_invalid"


@dataclass(frozen=True, slots=True)
class Draft:
    """What an officer concludes; amounts in fen, `suspended_until` is the last civil day."""

    outcome: str
    text: str
    recover_fen: int | None = None
    debtor: Organization | None = None
    suspended: Organization | None = None
    suspended_until: date | None = None


def newest(case: Case) -> CaseConclusion | None:
    """The version that counts, with names."""
    rows = case.conclusions.select_related("debtor", "suspended", "written_by")
    return rows.order_by("-number").first()


@transaction.atomic
def write(*, by: Actor, case: Case, draft: Draft, at: datetime) -> CaseConclusion:
    """Write the next version; signatures under the former one are void. Locks the case.

    Raises ConclusionInvalid, cases.TakenByAnother, Related, WrongState, Forbidden.
    """
    by.require(Permission.CLAIM_AUDIT)
    locked = cases.lock(by, case)
    cases.require_mine(by, locked)
    cases.require_apart(by, locked)
    _require_sense(locked, draft, at)
    last = locked.conclusions.aggregate(last=Max("number"))["last"] or 0
    made = CaseConclusion(
        case=locked, number=last + 1, outcome=CaseOutcome(draft.outcome), text=draft.text.strip(),
        recover_fen=draft.recover_fen, debtor=draft.debtor, suspended=draft.suspended,
        suspended_until=draft.suspended_until, written_at=at, written_by=by.user,
    )  # fmt: skip
    made.content_sha256 = sha256(locked, made)
    made.save(force_insert=True)
    cases.reopen(locked)
    data = {"number": made.number, "outcome": made.outcome, "content_sha256": made.content_sha256}
    trail.record(by=by, at=at, verb="case_concluded", subject=locked, data=data)
    return made


def _require_sense(case: Case, draft: Draft, at: datetime) -> None:
    wrong: dict[str, str | Promise] = {}
    parties = {each.pk for each in case.parties()}
    if draft.outcome not in CaseOutcome.values:
        wrong["outcome"] = _("Choose what the case came to.")
    if not 0 < len(draft.text.strip()) <= case_entries.MOST_CHARACTERS:
        wrong["text"] = _("Give the reasons, in at most 4,000 characters.")
    recovers = draft.outcome == CaseOutcome.RECOVERY
    if recovers and case.bill is None:
        wrong["outcome"] = _("Money is recovered of a redemption only. Open a case about that.")
    elif recovers:
        most = recoveries.recoverable_fen(case=case)
        if draft.recover_fen is None or not 0 < draft.recover_fen <= most:
            wrong["recover_amount"] = _("Enter more than nothing, at most what the voucher paid.")
        if draft.debtor is None or draft.debtor.pk not in parties:
            wrong["debtor"] = _("Choose who owes what cannot be deducted.")
    elif draft.recover_fen is not None or draft.debtor is not None:
        wrong["recover_amount"] = _("Only a recovery has an amount. Leave it empty.")
    wrong |= _suspension_faults(parties, draft, at)
    if wrong:
        raise ConclusionInvalid(_("The conclusion cannot be like this. Correct it."), errors=wrong)


def _suspension_faults(parties: set[int], draft: Draft, at: datetime) -> dict[str, str | Promise]:
    who, until = draft.suspended, draft.suspended_until
    if who is None and until is None:
        return {}
    if draft.outcome == CaseOutcome.NOTHING:
        return {"suspended": _("Without a finding nobody is suspended.")}
    if who is None or who.pk not in parties:
        return {"suspended": _("Choose one of the parties of the case.")}
    today = local_day(at)
    if until is None or not today < until <= today + LONGEST:
        return {"suspended_until": _("Choose a last day after today and within three years.")}
    return {}


@transaction.atomic
def sign(*, by: Actor, case: Case, content_sha256: str, at: datetime) -> ConclusionSignature:
    """Put the first or second signature over the hash that was shown; the second carries the conclusion out.

    Two different humans sign; who passed the claim, belongs to a party or only holds a key may not. Locks the
    case; the second one then the scheme, claims and recoveries. Raises WrongContent, SamePerson, Related,
    WrongState, recoveries.RecoveredAlready, Forbidden.
    """
    by.require(Permission.CLAIM_AUDIT)
    locked = cases.lock(by, case)
    cases.require_open(locked)
    conclusion = newest(locked)
    if conclusion is None:
        raise states.WrongState(_("There is no conclusion to sign yet. Write it first."))
    signatures = list(conclusion.signatures.select_related("signed_by").order_by("position"))
    _require_new_human(by, locked, signatures)
    if not content_sha256 == conclusion.content_sha256 == sha256(locked, conclusion):
        raise WrongContent
    signature = _put(by, conclusion, len(signatures) + 1, at)
    if signature.position == 1:
        states.move(locked, to=CaseStatus.SIGNED_ONCE, transitions=cases.TRANSITIONS)
    data = {"position": signature.position, "content_sha256": content_sha256}
    trail.record(by=by, at=at, verb="case_signed", subject=locked, data=data)
    if signature.position > 1:
        _carry_out(by, locked, conclusion, at)
    return signature


_SIGNED_ALREADY = _("You have signed already. The second signature must come from another person.")


def _require_new_human(by: Actor, case: Case, signatures: list[ConclusionSignature]) -> None:
    if by.key is not None:
        raise Forbidden(_("A conclusion is signed by a person, not with an API key. Sign in."))
    if any(by.user.is_same_person(each.signed_by) for each in signatures):
        raise SamePerson(_SIGNED_ALREADY)
    cases.require_apart(by, case)
    if case.bill is None or case.voucher is None:
        return
    passed = Claim.objects.filter(lines__bill=case.bill, scheme=case.voucher.scheme_id)
    for claim in passed.select_related("audited_by").distinct():
        if claim.audited_by and by.user.is_same_person(claim.audited_by):
            raise SamePerson(_("You audited the claim of this case. Ask colleagues who did not."))


def _put(by: Actor, conclusion: CaseConclusion, position: int, at: datetime) -> ConclusionSignature:
    try:
        with transaction.atomic():
            return ConclusionSignature.objects.create(
                conclusion=conclusion,
                position=position,
                content_sha256=conclusion.content_sha256,
                person_key=by.user.person_key,
                signed_at=at,
                signed_by=by.user,
            )
    except IntegrityError as error:
        raise SamePerson(_SIGNED_ALREADY) from error


def _carry_out(by: Actor, case: Case, conclusion: CaseConclusion, at: datetime) -> None:
    """What the second signature brings about, in its transaction: recovery, suspension, end and letters."""
    states.move(
        case, to=CaseStatus.CLOSED, transitions=cases.TRANSITIONS, closed_at=at, closed_by=by.user
    )
    due_fen = 0
    if conclusion.outcome == CaseOutcome.RECOVERY:
        due_fen = recoveries.carry_out(by=by, case=case, conclusion=conclusion, at=at).due_fen
    if conclusion.suspended is not None and conclusion.suspended_until is not None:
        suspensions.impose(
            by=by, bureau=case.bureau, organization=conclusion.suspended, reference=case.code,
            reason=conclusion.text, ends_at=end_of_day(conclusion.suspended_until), at=at,
        )  # fmt: skip
    for party in _told(case):
        case_entries.send(
            by=by, case=case, party=party, at=at, **_letter(conclusion, party, due_fen)
        )


def _told(case: Case) -> list[Organization]:
    """Parties that were written to, and those whom the conclusion touches."""
    asked = set(
        case.entries.filter(kind=EntryKind.LETTER).values_list("party_id", flat=True).distinct()
    )
    last = newest(case)
    touched = {last.debtor_id, last.suspended_id} if last else set()
    if last and last.outcome == CaseOutcome.RECOVERY:
        touched |= {each.pk for each in case.parties()}
    return [each for each in case.parties() if each.pk in asked | touched]


def _letter(conclusion: CaseConclusion, party: Organization, due_fen: int) -> dict[str, Any]:
    if conclusion.outcome == CaseOutcome.RECOVERY:
        owes = due_fen if conclusion.debtor_id == party.pk else 0
        values = {"remark": conclusion.text, "amount": conclusion.recover_fen, "left": owes}
        return {"kind": LetterKind.CASE_RECOVER, "values": values}
    return {"kind": LetterKind.CASE_CLOSED, "values": {"remark": conclusion.text}}


def sha256(case: Case, conclusion: CaseConclusion) -> str:
    """The hash that people sign: of the conclusion and of every entry of the case before it, as they are now."""
    entries = [
        concluding.ListedEntry(number, kind, party or "", text, file or "")
        for number, kind, party, text, file in case.entries.order_by("number").values_list(
            "number", "kind", "party__code", "text", "file__sha256"
        )
    ]
    content = concluding.content(
        case=case.code,
        question=case.question,
        subject=subject_code(case),
        number=conclusion.number,
        outcome=conclusion.outcome,
        text=conclusion.text,
        recover_fen=conclusion.recover_fen or 0,
        debtor=conclusion.debtor.code if conclusion.debtor else "",
        suspended=conclusion.suspended.code if conclusion.suspended else "",
        suspended_until=(
            conclusion.suspended_until.isoformat() if conclusion.suspended_until else ""
        ),
        entries=entries,
    )
    return concluding.digest(content)


def subject_code(case: Case) -> str:
    """Bill and voucher with a stroke between, or the organization's number."""
    if case.bill is not None and case.voucher is not None:
        return f"{case.bill.code}/{case.voucher.code}"
    return case.organization.code if case.organization else ""
