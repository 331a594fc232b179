"""How firms answer their bills: most confirm, one dispute waits, another one was decided by the bureau."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from accounts.models import Role
from common.periods import next_month
from marketplace.demo import paperwork
from marketplace.demo.cast import Team
from marketplace.demo.days import moment
from marketplace.demo.plot import HERO
from vouchers.audit.actions import dispute_entries, disputes
from vouchers.audit.models import Dispute
from vouchers.billing.actions import bills
from vouchers.billing.models import Bill, BillStatus

DISPUTES = 4
"""The firm whose dispute of the middle month was decided."""

Find = Callable[[int], Team]
"""The provider's team by the number of its organization."""


def answer(*, firms: Mapping[int, Team], month: date, age: int, bureau: Team, seller: Find) -> None:
    """Firms confirm their closed bills; in the last month a third of them, and one disputes."""
    day = next_month(month) + timedelta(days=2)
    for number, team in firms.items():
        own = Bill.objects.filter(enterprise=team.organization, month=month)
        closed = list(own.filter(status=BillStatus.CLOSED).order_by("pk"))
        if age == 1 and number == DISPUTES:
            largest = max(closed, key=lambda bill: bill.voucher_fen)
            made = _dispute(team, largest, "15 日停电检修，当天不应有用量。", day)
            _decide(made, bureau, seller, day)
            closed.remove(largest)
        for bill in closed:
            if age > 0 or number % 3 == 0:
                bills.confirm(by=team[Role.SIGNATORY], bill=bill, at=moment(day, 10))
            elif number == HERO:
                waits = _dispute(team, bill, "本月第三周我公司停产，用量与实际不符，请核对。", day)
                _offer(waits, seller, day)


def _dispute(team: Team, bill: Bill, reason: str, day: date) -> Dispute:
    return disputes.open_dispute(
        by=team[Role.SIGNATORY], bill=bill, reason=reason, at=moment(day, 11)
    )


def _decide(dispute: Dispute, bureau: Team, seller: Find, day: date) -> None:
    """The provider hands in its log, and the bureau takes a thirtieth off."""
    clerk = seller(dispute.bill.provider.organization_id)[Role.PROVIDER_FINANCE]
    month = f"{dispute.bill.month:%Y-%m}"
    dispute_entries.say(
        by=clerk, dispute=dispute, text="停电由备用线路承接，计量日志随附，请核对。",
        file=paperwork.sheet(f"Meter log {month}: no use on {month}-15", f"计量日志-{month}.pdf"),
        at=moment(day, 16),
    )  # fmt: skip
    disputes.decide(
        by=bureau[Role.AUDITOR], dispute=dispute,
        total_fen=dispute.before_fen - dispute.before_fen // 30,
        answer="计量日志显示 15 日确无用量，账单扣除当日费用，其余照账单。",
        at=moment(day + timedelta(days=1), 10),
    )  # fmt: skip


def _offer(dispute: Dispute, seller: Find, day: date) -> None:
    """In the dispute that waits, the provider says what it measured and offers a smaller total."""
    dispute_entries.say(
        by=seller(dispute.bill.provider.organization_id)[Role.PROVIDER_FINANCE],
        dispute=dispute,
        text="停产周内仍有夜间批处理任务。为便于结清，愿按扣减二十分之一的金额了结。",
        offered_fen=dispute.before_fen - dispute.before_fen // 20,
        at=moment(day, 15),
    )
