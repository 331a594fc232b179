"""How claims and settlements stand, for the first page."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Count, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import Actor, can
from accounts.permissions import Permission
from common.components import Tile
from common.display import money_text
from vouchers.audit.actions import refunds
from vouchers.audit.models import Claim, ClaimStatus

UNDER_WAY = (
    ClaimStatus.CONFIRMING,
    ClaimStatus.SUBMITTED,
    ClaimStatus.PASSED,
    ClaimStatus.SETTLING,
)


def claims_under_way(actor: Actor, at: datetime) -> Sequence[Tile]:
    """Claims handed in and not yet paid: the own ones, or those made to the bureau."""
    if can(actor, Permission.CLAIM_VIEW) and not refunds.concern(actor=actor):
        return []
    if can(actor, Permission.CLAIM_VIEW):
        url = reverse("vouchers:claim_list")
    elif can(actor, Permission.CLAIM_AUDIT):
        url = reverse("vouchers:audit_list")
    else:
        return []
    rows = Claim.objects.visible_to(actor).filter(status__in=UNDER_WAY)
    if can(actor, Permission.CLAIM_VIEW):
        rows = rows.claimed_by(actor)
    found = rows.aggregate(count=Count("pk"), amount_fen=Sum("amount_fen"))
    return [
        Tile(
            label=_("Claims not yet paid"),
            value=money_text(found["amount_fen"] or 0),
            note=ngettext("%(count)d claim", "%(count)d claims", found["count"])
            % {"count": found["count"]},
            url=url,
        )
    ]
