"""Issues vouchers: budget and yearly cap move on the ledger together, or nothing happens."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common import states
from common.codes import new_code
from common.errors import Conflict, Forbidden
from common.periods import add_months, end_of_day, local_day
from vouchers.grants import notifying, wording
from vouchers.grants.actions import assessments, letters
from vouchers.grants.actions.applications import TRANSITIONS, Status
from vouchers.grants.models import Application, LetterKind, Objection, PublicNotice, Voucher
from vouchers.grants.rules.schemes import SchemeRules, from_json
from vouchers.ledger.actions import accounts, transfers
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
    """What the yearly cap of the firm leaves is less than the amount granted."""

    code = "firm_year_cap_reached"


@transaction.atomic
def issue(*, by: Actor, application: Application, at: datetime) -> Voucher:
    """Issue the voucher of an approved application; a second click answers the issued one.

    Posts as one set: scheme budget → voucher and, where the scheme has a yearly cap, cap → cap used. The share is
    the exact fraction of the scheme's rules; the voucher is valid to the end of the civil day its months run out.
    Locks the application, then the ledger accounts. Raises NoticeRunning, ObjectionOpen, BudgetExhausted, CapReached,
    states.WrongState.
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
    rules = from_json(locked.scheme.rules)
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
    share = rules.share_for(application.kind).value
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
        issued_at=at,
        issued_by=by.user,
        expires_at=end_of_day(add_months(local_day(at), rules.validity_months.value)),
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
    if rules.firm_year_cap:
        entries.append(_cap_entry(application, rules.firm_year_cap.value, voucher, at))
    try:
        transfers.post(entries=entries, at=at)
    except transfers.InsufficientFunds as refusal:
        if refusal.account.kind == AccountKind.CAP:
            raise CapReached(wording.refusal("firm_year_cap_reached")) from refusal
        raise BudgetExhausted(wording.refusal("budget_exhausted")) from refusal


def _cap_entry(
    application: Application, limit_fen: int, voucher: Voucher, at: datetime
) -> transfers.Entry:
    """The movement on the firm's yearly cap; the cap's account is opened and filled at its first use."""
    year = local_day(at).year
    key = assessments.cap_key(application.scheme, application.enterprise, year)
    cap = accounts.get_or_open(kind=AccountKind.CAP, key=key)
    source = accounts.get_or_open(kind=AccountKind.CAP_SOURCE, key=application.scheme.code)
    used = accounts.get_or_open(kind=AccountKind.CAP_USED, key=application.scheme.code)
    opening = transfers.Entry(
        id=transfers.derive_id("cap", key),
        debit=source.pk,
        credit=cap.pk,
        amount_fen=limit_fen,
        reason="cap",
        reference=key,
    )
    transfers.post(entries=[opening], at=at)
    return transfers.Entry(
        id=transfers.derive_id("cap-used", application.code),
        debit=cap.pk,
        credit=used.pk,
        amount_fen=voucher.face_fen,
        reason="issue",
        reference=voucher.code,
    )
