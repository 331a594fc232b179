"""Issues vouchers: budget and yearly cap move on the ledger together, or nothing happens."""

from datetime import datetime
from fractions import Fraction

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common import states
from common.codes import new_code
from common.errors import Conflict, Forbidden
from common.periods import end_of_day, local_day
from vouchers.grants import notifying, wording
from vouchers.grants.actions import assessments, letters, suspensions
from vouchers.grants.actions.applications import TRANSITIONS, Status
from vouchers.grants.models import Application, LetterKind, Objection, PublicNotice, Voucher
from vouchers.grants.rules.amounts import cap_line
from vouchers.grants.rules.schemes import PAYS_BACK, SchemeRules, from_json
from vouchers.ledger.actions import accounts, caps, transfers
from vouchers.ledger.kinds import AccountKind


class NoticeRunning(Conflict):
    """The public notice has not been published or has not ended."""

    code = "notice_running"


class ObjectionOpen(Conflict):
    """Somebody objected to the notice, and nobody has decided yet."""

    code = "objection_open"


class BudgetExhausted(Conflict):
    """What is left of the scheme's budget is less than the amount granted."""

    code = "budget_exhausted"


class CapReached(Conflict):
    """What a cap or pool leaves is less than the amount granted; `name` is the cap's."""

    def __init__(self, name: str, refusal: str) -> None:
        super().__init__(wording.refusal(refusal))
        self.name = name
        vars(self)["code"] = refusal


class NeverIssues(Conflict):
    """The scheme issues no vouchers: a figure is missing, or it grants something else than money."""

    code = "never_issues"


class PaysNoVoucher(Conflict):
    """The decision grants an amount that is paid out, not a voucher."""

    code = "pays_no_voucher"


@transaction.atomic
def issue(*, by: Actor, application: Application, at: datetime) -> Voucher:
    """Issue the voucher of an approved application; a second click answers the issued one.

    Posts as one set: scheme budget → voucher and, for each cap and pool that keeps account, cap → cap used. The share
    is the exact fraction of the recorded decision; the voucher is valid to the end of the civil day its months run
    out. Locks the application, then the ledger accounts. Raises NoticeRunning, ObjectionOpen, BudgetExhausted,
    CapReached, NeverIssues, PaysNoVoucher,
    suspensions.Suspended, states.WrongState.
    """
    by.require(Permission.VOUCHER_ISSUE)
    locked = (
        Application.objects.select_for_update(of=("self",))
        .select_related("scheme__bureau", "enterprise")
        .get(pk=application.pk)
    )
    if locked.scheme.bureau_id != by.own().pk:
        raise Forbidden(_("This application belongs to another bureau."))
    existing = Voucher.objects.filter(application=locked).first()
    if existing is not None:
        return existing
    suspensions.require_none(
        bureau=locked.scheme.bureau, organization_ids=[locked.enterprise_id], at=at
    )
    rules = from_json(locked.scheme.rules)
    _require_issuing(locked, rules)
    _require_noticed(locked, rules, at)
    voucher = _write(by, locked, rules, at)
    _post(locked, rules, voucher, at)
    trail.record(
        by=by,
        at=at,
        verb="issued",
        subject=locked,
        data={"voucher": voucher.code, "face_fen": voucher.face_fen},
    )
    letters.send(
        kind=LetterKind.ISSUED,
        application=locked,
        occasion=voucher.code,
        at=at,
        amount=voucher.face_fen,
        voucher=voucher.code,
        valid_until=voucher.last_day,
    )
    notifying.tell_holder("voucher_issued", voucher=voucher, at=at)
    return voucher


def _require_noticed(application: Application, rules: SchemeRules, at: datetime) -> None:
    if application.status == Status.APPROVED and rules.notice_days.value == 0:
        return
    if application.status == Status.APPROVED:
        raise NoticeRunning(_("Publish the notice first; the voucher is issued when it has ended."))
    if application.status == Status.NOTICED:
        notice = PublicNotice.objects.get(application=application)
        if notice.ends_at > at:
            raise NoticeRunning(
                _("The public notice has not ended. Issue the voucher when it has.")
            )
        if Objection.objects.undecided().filter(notice=notice).exists():
            raise ObjectionOpen(
                _("An objection to the notice is open. Decide on it first, then issue the voucher.")
            )


def _write(by: Actor, application: Application, rules: SchemeRules, at: datetime) -> Voucher:
    states.move(application, to=Status.ISSUED, transitions=TRANSITIONS)
    share = Fraction(application.assessment["share"])
    code = new_code("VC")
    account = accounts.get_or_open(kind=AccountKind.VOUCHER, key=code)
    return Voucher.objects.create(
        code=code,
        application=application,
        scheme=application.scheme,
        enterprise=application.enterprise,
        kind=application.kind,
        account_id=account.pk,
        face_fen=_granted_fen(application),
        share_numerator=share.numerator,
        share_denominator=share.denominator,
        pays_back=application.assessment["mode"] == PAYS_BACK,
        issued_at=at,
        issued_by=by.user,
        expires_at=end_of_day(rules.lasts_until(local_day(at))),
    )


def _granted_fen(application: Application) -> int:
    if application.granted_fen is None:  # a constraint of the table forbids it
        raise states.WrongState(_("This application has no granted amount. Review it first."))
    return application.granted_fen


def _post(application: Application, rules: SchemeRules, voucher: Voucher, at: datetime) -> None:
    scheme = application.scheme
    budget = accounts.get_or_open(kind=AccountKind.SCHEME_BUDGET, key=scheme.code)
    entries = [
        transfers.Entry(
            id=transfers.derive_id("issue", application.code),
            debit=budget.pk,
            credit=voucher.account_id,
            amount_fen=voucher.face_fen,
            reason="issue",
            reference=voucher.code,
        )
    ]
    try:
        caps.draw(
            draws=_draws(application, rules, voucher.face_fen, at),
            entries=entries,
            reference=application.code,
            at=at,
        )
    except caps.CapFull as refusal:
        cap = rules.cap(refusal.name)
        raise CapReached(refusal.name, cap.refusal if cap else "cap_reached") from refusal
    except transfers.InsufficientFunds as refusal:
        raise BudgetExhausted(wording.refusal("budget_exhausted")) from refusal


def _draws(
    application: Application, rules: SchemeRules, face_fen: int, at: datetime
) -> list[caps.Draw]:
    """What the voucher takes of each cap that keeps account of claims, on the day of issue."""
    known = assessments.known_of(application, rules, local_day(at))
    known |= assessments.recorded(application.assessment)
    found = []
    for cap in rules.caps:
        if not cap.is_kept or not cap.origin.is_in_force(known["day"]):
            continue
        line = cap_line(cap, known, {}, stage="claimed")
        key = assessments.key_of(application.scheme, cap, known)
        if line is None or key is None:  # a limit that nobody can name leaves nothing
            raise CapReached(cap.id, cap.refusal)
        if line.is_applied:
            amount = 1 if cap.is_count else face_fen
            found.append(caps.Draw(cap.id, key, line.limit_fen, amount))
    return found


def _require_issuing(application: Application, rules: SchemeRules) -> None:
    if not rules.is_complete or rules.unit != "money":
        raise NeverIssues(
            _("This scheme cannot issue vouchers of money. Complete its rules in a new version.")
        )
    if application.is_paid_elsewhere:
        raise PaysNoVoucher(
            _(
                "This scheme pays the amount out by itself and issues no vouchers. The decision is recorded; "
                "pay it by the usual way of the bureau."
            )
        )
