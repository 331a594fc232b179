"""What burn-down, published payments, pools and debts add to every page."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor, can
from accounts.permissions import Permission
from common import home, navigation, statuses
from common.home import HomeTask
from common.navigation import FooterItem, NavItem
from common.periods import local_day
from vouchers.audit import notifying_debts
from vouchers.audit.actions import debts, splits
from vouchers.audit.models import WriteOff, WriteOffStatus


def register() -> None:
    """Called by the frame of the audit."""
    notifying_debts.register()
    navigation.register(
        NavItem(
            _("Budget burn-down"), "vouchers:burndown_list", Permission.BOARD_VIEW, "chart-line", 62
        ),
        NavItem(_("Debts"), "vouchers:debt_list", Permission.FUNDS_RECORD, "coins", 62),
        NavItem(_("To be paid back"), "vouchers:due_list", Permission.CASE_ANSWER, "coins", 63),
    )
    home.register(shares_of_pools, dues_to_pay, write_offs_to_decide)
    statuses.register(
        WriteOffStatus,
        {
            WriteOffStatus.PROPOSED: ("warn", "hourglass"),
            WriteOffStatus.APPROVED: ("neutral", "circle-check"),
            WriteOffStatus.DECLINED: ("neutral", "ban"),
        },
    )
    navigation.register_footer(
        FooterItem(_("Paid public money"), "vouchers:disclosure_list", 62),
        FooterItem(_("Seal of the books"), "vouchers:seal_heads", 63),
    )


def dues_to_pay(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Debts of the own organization that are not settled."""
    if not can(actor, Permission.CASE_ANSWER):
        return []
    rows = list(debts.of_debtor(actor.organization))
    found = [each for each in debts.shown(rows=rows, today=local_day(at)) if each.left_fen > 0]
    tone: statuses.Tone = "bad" if any(each.is_overdue for each in found) else "warn"
    url = reverse("vouchers:due_list")
    return [HomeTask(_("Debts to pay back"), len(found), url, tone, icon="coins")]


def write_offs_to_decide(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Proposals of colleagues to write off."""
    if not can(actor, Permission.SETTLEMENT_SIGN):
        return []
    rows = WriteOff.objects.visible_to(actor).filter(status=WriteOffStatus.PROPOSED)
    count = rows.exclude(proposed_by=actor.user).count()
    return [HomeTask(_("Write-offs to decide on"), count, reverse("vouchers:debt_list"))]


def shares_of_pools(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Parts of a pool's settlements that the own organization got in the last thirty days."""
    if not can(actor, Permission.ORDER_VIEW) or actor.organization is None:
        return []
    recent = splits.shown_to(actor).filter(
        payment__settlement__created_at__gt=at - timedelta(days=30)
    )
    url = reverse("vouchers:pool_income")
    return [HomeTask(_("Shares of pool settlements"), recent.count(), url, icon="coins")]
