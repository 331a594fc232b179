"""What claims add to every page and to the first one: what to claim, complete or confirm, an account to state."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor, can
from accounts.models import OrganizationKind
from accounts.permissions import Permission
from common import home
from common.home import HomeTask
from common.navigation import NavItem
from vouchers.audit.actions import evidence, payees, refunds
from vouchers.audit.models import Claim, ClaimStatus


def claims_something(request: HttpRequest) -> bool:
    """Of enterprises only those claim that got a voucher which pays back."""
    return refunds.concern(actor=request.actor)  # type: ignore[attr-defined]


def is_no_enterprise(request: HttpRequest) -> bool:
    """Enterprises reach what was paid to them from their claims."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return not actor.is_kind(OrganizationKind.ENTERPRISE)


ENTRY = NavItem(
    _("Claims"), "vouchers:claim_list", Permission.CLAIM_VIEW, "file-invoice", 60,
    is_useful=claims_something,
)  # fmt: skip
PAYMENTS = NavItem(
    _("Settlements"), "vouchers:settlement_list", Permission.SETTLEMENT_VIEW, "cash", 62,
    is_useful=is_no_enterprise,
)  # fmt: skip


def register() -> None:
    """Called once when the app is ready."""
    home.register(months_to_claim, account_to_state, claims_to_mend, claims_to_confirm)


def months_to_claim(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Months whose confirmed bills are on no claim."""
    if not can(actor, Permission.CLAIM_SUBMIT):
        return []
    if actor.is_kind(OrganizationKind.ENTERPRISE):
        count = len(refunds.months(by=actor))
    else:
        count = len(evidence.claimable(by=actor))
    url = reverse("vouchers:claim_list")
    return [HomeTask(_("Months ready to claim"), count, url, icon="file-invoice")]


def account_to_state(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """A provider that claims and did not say where it is paid."""
    if not can(actor, Permission.CLAIM_SUBMIT):
        return []
    claims = Claim.objects.filter(enterprise=actor.organization)
    if not actor.is_kind(OrganizationKind.PROVIDER) and not claims.exists():
        return []
    count = 0 if payees.has_account(by=actor) else 1
    url = reverse("vouchers:payee_account")
    return [HomeTask(_("Bank account to state"), count, url, "warn", icon="building-bank")]


def claims_to_mend(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Pre-filled and returned claims of the own organization."""
    if not can(actor, Permission.CLAIM_SUBMIT):
        return []
    rows = Claim.objects.claimed_by(actor)
    count = rows.filter(status__in=[ClaimStatus.DRAFT, ClaimStatus.RETURNED]).count()
    url = reverse("vouchers:claim_list")
    return [HomeTask(_("Claims to complete with an invoice"), count, url, icon="file-upload")]


def claims_to_confirm(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Claims of enterprises that ask the provider to confirm what it delivered and was paid."""
    if not can(actor, Permission.CLAIM_SUBMIT) or not actor.is_kind(OrganizationKind.PROVIDER):
        return []
    waiting = Q(provider__organization=actor.organization, status=ClaimStatus.CONFIRMING)
    count = Claim.objects.filter(waiting).count()
    url = reverse("vouchers:claim_list")
    return [HomeTask(_("Claims of enterprises to confirm"), count, url, icon="file-search")]
