"""How this month's bills stand, for the first page."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Count, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import Actor, can
from accounts.models import OrganizationKind
from accounts.permissions import Permission
from common.components import Tile
from common.display import money_text
from common.periods import local_day, month_start
from providers.models import Subscription, SubscriptionStatus
from vouchers.billing.actions import funds
from vouchers.billing.models import Bill


def own_money(actor: Actor, at: datetime) -> Sequence[Tile]:
    """The enterprise's prepaid money. Two queries."""
    if not actor.is_kind(OrganizationKind.ENTERPRISE) or not can(actor, Permission.WALLET_VIEW):
        return []
    balance = funds.balance(enterprise=actor.own())
    owed = _("%(amount)s is outstanding") % {"amount": money_text(balance.outstanding_fen)}
    return [
        Tile(
            label=_("Own funds left"),
            value=money_text(balance.available_fen),
            note=owed if balance.outstanding_fen else _("Nothing is outstanding"),
            url=reverse("vouchers:funds_detail"),
        )
    ]


def this_month(actor: Actor, at: datetime) -> Sequence[Tile]:
    """What this month's usage costs the enterprise, or brings the provider, so far."""
    if not can(actor, Permission.USAGE_VIEW):
        return []
    sums = Bill.objects.visible_to(actor).filter(month=month_start(local_day(at)))
    found = sums.aggregate(total_fen=Sum("total_fen"), voucher_fen=Sum("voucher_fen"))
    return [
        Tile(
            label=_("Usage this month"),
            value=money_text(found["total_fen"] or 0),
            note=_("of which vouchers pay %(amount)s")
            % {"amount": money_text(found["voucher_fen"] or 0)},
            url=reverse("vouchers:bill_list"),
        )
    ]


def contracts(actor: Actor, at: datetime) -> Sequence[Tile]:
    """The provider's running subscriptions."""
    if not can(actor, Permission.PROVIDER_MANAGE):
        return []
    running = Subscription.objects.filter(
        offering__provider__organization=actor.organization, status=SubscriptionStatus.ACTIVE
    )
    found = running.aggregate(count=Count("pk"), customers=Count("enterprise", distinct=True))
    return [
        Tile(
            label=_("Running subscriptions"),
            value=str(found["count"]),
            note=ngettext("of %(count)d enterprise", "of %(count)d enterprises", found["customers"])
            % {"count": found["customers"]},
            url=reverse("providers:subscription_list"),
        )
    ]
