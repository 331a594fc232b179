"""How an enterprise's vouchers and a bureau's budgets stand, for the first page."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Count, F, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import Actor, can
from accounts.permissions import Permission
from common.components import Tile
from common.display import money_text, money_wan_text
from common.periods import local_day
from vouchers.grants.models import Scheme, Voucher
from vouchers.ledger.actions import accounts
from vouchers.ledger.kinds import AccountKind


def voucher_money(actor: Actor, at: datetime) -> Sequence[Tile]:
    """What the enterprise's usable vouchers can still pay."""
    if not can(actor, Permission.WALLET_VIEW):
        return []
    left = (
        F("account__credits_posted_fen")
        - F("account__debits_posted_fen")
        - F("account__debits_pending_fen")
    )
    found = (
        Voucher.objects.filter(enterprise=actor.organization)
        .usable_at(at)
        .aggregate(count=Count("pk"), left_fen=Sum(left))
    )
    return [
        Tile(
            label=_("Vouchers can still pay"),
            value=money_text(found["left_fen"] or 0),
            note=ngettext("%(count)d usable voucher", "%(count)d usable vouchers", found["count"])
            % {"count": found["count"]},
            url=reverse("vouchers:wallet"),
        )
    ]


def budget_left(actor: Actor, at: datetime) -> Sequence[Tile]:
    """What the bureau's open schemes can still grant. Two queries."""
    if not can(actor, Permission.SCHEME_MANAGE):
        return []
    codes = list(
        Scheme.objects.filter(bureau=actor.organization)
        .open_on(local_day(at))
        .values_list("code", flat=True)
    )
    left = sum(accounts.balances_fen(kind=AccountKind.SCHEME_BUDGET, keys=codes).values())
    return [
        Tile(
            label=_("Budget left in open schemes"),
            value=money_wan_text(left),
            exact=money_text(left),
            url=reverse("vouchers:scheme_list"),
        )
    ]
