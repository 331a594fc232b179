"""Locks a scheme's month: what is claimed in it is counted once more, and no line comes or goes afterwards."""

from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common.errors import Conflict, DomainError, Forbidden
from common.money import yuan_text
from common.periods import month_start
from vouchers.audit.models import PeriodLock
from vouchers.billing.models import ClosedPeriod
from vouchers.grants.models import Scheme

TOTALS = """
WITH claim AS (
    SELECT c.*, coalesce(c.enterprise_id, p.organization_id) AS payee_id
    FROM vouchers_claim c JOIN providers_provider p ON p.id = c.provider_id
    WHERE c.scheme_id = %(scheme)s AND c.month = %(month)s
      AND (c.enterprise_id IS NULL OR c.status NOT IN ('draft', 'confirming'))
), line AS (
    SELECT count(*) AS lines, count(DISTINCT l.bill_id) AS bills, coalesce(sum(l.amount_fen), 0) AS fen
    FROM claim c JOIN vouchers_claimline l ON l.claim_id = c.id
    WHERE NOT EXISTS (SELECT FROM vouchers_claimwithdrawal w WHERE w.line_id = l.transfer_id)
), free AS (
    SELECT b.id, b.status, sum(x.amount_fen) AS fen
    FROM vouchers_bill b
    JOIN vouchers_charge x ON x.bill_id = b.id AND x.payer = 'voucher' AND x.undoes_id IS NULL
    JOIN vouchers_voucher v ON v.id = x.voucher_id AND v.scheme_id = %(scheme)s
    LEFT JOIN vouchers_claimline l ON l.transfer_id = x.transfer_id
    LEFT JOIN vouchers_claimwithdrawal w ON w.line_id = l.transfer_id
    WHERE b.month = %(month)s AND b.status <> 'open' AND (l.transfer_id IS NULL OR w.line_id IS NOT NULL)
      AND NOT EXISTS (SELECT FROM vouchers_charge u WHERE u.undoes_id = x.transfer_id)
    GROUP BY b.id, b.status
)
SELECT (SELECT count(*) FROM claim WHERE status <> 'emptied'), line.lines, line.bills, line.fen::bigint,
       (SELECT coalesce(sum(amount_fen), 0) FROM claim)::bigint,
       (SELECT count(*) FROM claim WHERE status IN ('draft', 'returned')),
       (SELECT coalesce(sum(amount_fen), 0) FROM claim WHERE status IN ('draft', 'returned'))::bigint,
       (SELECT count(*) FROM claim WHERE status = 'submitted'),
       (SELECT coalesce(sum(amount_fen), 0) FROM claim WHERE status = 'submitted')::bigint,
       (SELECT count(*) FROM free WHERE status = 'closed'),
       (SELECT coalesce(sum(fen), 0) FROM free WHERE status = 'closed')::bigint,
       (SELECT count(*) FROM free WHERE status = 'disputed'),
       (SELECT coalesce(sum(fen), 0) FROM free WHERE status = 'disputed')::bigint,
       (SELECT count(*) FROM free WHERE status = 'confirmed'),
       (SELECT coalesce(sum(fen), 0) FROM free WHERE status = 'confirmed')::bigint,
       (SELECT count(*) FROM claim c WHERE c.status <> 'emptied' AND NOT EXISTS
           (SELECT FROM vouchers_payeeaccount p WHERE p.organization_id = c.payee_id)),
       (SELECT coalesce(sum(amount_fen), 0) FROM claim c WHERE NOT EXISTS
           (SELECT FROM vouchers_payeeaccount p WHERE p.organization_id = c.payee_id))::bigint
FROM line
"""


class PeriodRunning(DomainError):
    """The month's bills are not closed yet."""

    code = "period_running"


class TotalsChanged(Conflict):
    """The control totals are not those that were shown."""

    code = "totals_changed"


@dataclass(frozen=True, slots=True)
class Totals:
    """A month's control totals, and what stays out: how many and how much (fen).

    Unfinished and unaudited claims are in the period and go on; unanswered, disputed and unclaimed bills are claimed
    with a later month.
    """

    claims: int
    lines: int
    bills: int
    lines_fen: int
    claims_fen: int
    unfinished: int
    unfinished_fen: int
    unaudited: int
    unaudited_fen: int
    unanswered: int
    unanswered_fen: int
    disputed: int
    disputed_fen: int
    unclaimed: int
    unclaimed_fen: int
    without_account: int
    without_account_fen: int

    @property
    def add_up(self) -> bool:
        """Tell whether claims and lines come to the same sum."""
        return self.lines_fen == self.claims_fen


def totals(*, scheme: Scheme, month: date) -> Totals:
    """Control totals and exceptions of a scheme's month. One query."""
    with connection.cursor() as cursor:
        cursor.execute(TOTALS, {"scheme": scheme.pk, "month": month_start(month)})
        return Totals(*cursor.fetchone())


@transaction.atomic
def lock(
    *, by: Actor, scheme: Scheme, month: date, shown_fen: int, shown_lines: int, at: datetime
) -> PeriodLock:
    """Lock the month at the control totals that were shown (lines, fen); a second click gets the same lock.

    Locks the scheme's row against whatever writes claim lines: a line is either counted or refused. Raises
    PeriodRunning, TotalsChanged, Forbidden.
    """
    by.require(Permission.SETTLEMENT_PREPARE)
    if scheme.bureau_id != by.own().pk:
        raise Forbidden(_("This scheme belongs to another bureau."))
    first = month_start(month)
    Scheme.objects.select_for_update().get(pk=scheme.pk)
    known = PeriodLock.objects.filter(scheme=scheme, month=first).first()
    if known is not None:
        return known
    if not ClosedPeriod.objects.filter(month=first).exists():
        raise PeriodRunning(_("The billing month is not closed yet. Close it first."))
    counted = totals(scheme=scheme, month=first)
    if (counted.lines, counted.lines_fen) != (shown_lines, shown_fen):
        raise TotalsChanged(_("The totals are not those you were shown. Reload and compare."))
    made = PeriodLock.objects.create(
        scheme=scheme, month=first, claims=counted.claims, lines=counted.lines,
        amount_fen=counted.lines_fen, locked_at=at, locked_by=by.user,
    )  # fmt: skip
    data = {
        "month": f"{first:%Y-%m}",
        "lines": counted.lines,
        "amount": yuan_text(counted.lines_fen),
    }
    data |= {name: value for name, value in asdict(counted).items() if name.startswith("un")}
    trail.record(by=by, at=at, verb="period_locked", subject=scheme, data=data)
    return made


def is_locked(*, scheme_id: int, month: date) -> bool:
    """Tell whether lines of that month neither come nor go any more."""
    return PeriodLock.objects.filter(scheme=scheme_id, month=month).exists()
