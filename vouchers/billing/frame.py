"""What billing adds to every page: navigation, looks, tasks of the first page."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor, can
from accounts.models import OrganizationKind
from accounts.permissions import Permission
from common import home, navigation, statuses
from common.home import HomeTask
from common.navigation import NavItem
from common.periods import local_day, month_start
from providers.models import Subscription, SubscriptionStatus
from vouchers.billing import figures, notifying
from vouchers.billing.models import Bill, BillStatus, Channel, Payer


def register() -> None:
    """Called once when the app is ready."""
    navigation.register(
        NavItem(_("Usage"), "vouchers:usage_list", Permission.USAGE_VIEW, "chart-bar", 50),
        NavItem(_("Bills"), "vouchers:bill_list", Permission.USAGE_VIEW, "receipt", 51),
        NavItem(_("Funds"), "vouchers:funds_detail", Permission.WALLET_VIEW, "coins", 52),
        NavItem(
            _("Report usage"),
            "vouchers:usagebatch_list",
            Permission.USAGE_REPORT,
            "upload",
            53,
            starts=("/usage/upload/",),
        ),
        NavItem(
            _("Record receipts"), "vouchers:deposit_create", Permission.FUNDS_RECORD, "coins", 54
        ),
        NavItem(
            _("Billing months"), "vouchers:period_list", Permission.PERIOD_CLOSE, "calendar", 55
        ),
    )
    home.register_figures(figures.own_money, figures.this_month, figures.contracts)
    home.register(bills_to_confirm, subscriptions_stopped, months_to_close, bills_disputed)
    notifying.register()
    _register_looks()


def _register_looks() -> None:
    statuses.register(
        BillStatus,
        {
            BillStatus.OPEN: ("info", "progress"),
            BillStatus.CLOSED: ("warn", "hourglass"),
            BillStatus.CONFIRMED: ("good", "circle-check"),
            BillStatus.DISPUTED: ("bad", "message-report"),
        },
    )
    statuses.register(
        Payer,
        {
            Payer.VOUCHER: ("good", "ticket"),
            Payer.OWN: ("neutral", "coins"),
            Payer.RECEIVABLE: ("bad", "alert-triangle"),
        },
    )
    statuses.register(
        Channel, {Channel.API: ("neutral", "code"), Channel.FILE: ("neutral", "file-upload")}
    )


def bills_to_confirm(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Closed bills that wait for the signatory."""
    if not can(actor, Permission.BILL_CONFIRM):
        return []
    waiting = Bill.objects.filter(enterprise=actor.organization, status=BillStatus.CLOSED)
    url = f"{reverse('vouchers:bill_list')}?status={BillStatus.CLOSED}"
    return [HomeTask(_("Bills to confirm"), waiting.count(), url, icon="receipt")]


def subscriptions_stopped(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Contracts that stand still because money is lacking."""
    if not actor.is_kind(OrganizationKind.ENTERPRISE) or not can(actor, Permission.WALLET_VIEW):
        return []
    stopped = Subscription.objects.filter(
        enterprise=actor.organization, status=SubscriptionStatus.STOPPED
    )
    hint = _("Pay in money; they go on by themselves once nothing is outstanding.")
    url = reverse("vouchers:funds_detail")
    return [
        HomeTask(
            _("Subscriptions stopped for lack of funds"),
            stopped.count(),
            url,
            "bad",
            hint=hint,
            icon="player-pause",
        )
    ]


def bills_disputed(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Bills that customers dispute, for their provider."""
    if not actor.is_kind(OrganizationKind.PROVIDER) or not can(actor, Permission.USAGE_VIEW):
        return []
    rows = Bill.objects.filter(
        provider__organization=actor.organization, status=BillStatus.DISPUTED
    )
    url = f"{reverse('vouchers:bill_list')}?status={BillStatus.DISPUTED}"
    return [HomeTask(_("Disputed bills"), rows.count(), url, "bad", icon="message-report")]


def months_to_close(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Months that are over and have open bills."""
    if not can(actor, Permission.PERIOD_CLOSE):
        return []
    this_month = month_start(local_day(at))
    months = Bill.objects.filter(status=BillStatus.OPEN, month__lt=this_month)
    count = months.values("month").distinct().count()
    url = reverse("vouchers:period_list")
    return [HomeTask(_("Months to close"), count, url, icon="calendar-due")]
