"""What the audit adds to every page: navigation, looks, tasks of the first page, kinds of work."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor, can
from accounts.models import OrganizationKind
from accounts.permissions import Permission
from common import home, jobs, navigation, statuses
from common.home import HomeTask
from common.navigation import NavItem
from vouchers.audit import figures, notifying
from vouchers.audit.actions import checks, evidence, payees, splits
from vouchers.audit.models import (
    CheckRun,
    Claim,
    ClaimStatus,
    PaymentStatus,
    Settlement,
    SettlementStatus,
)


def register() -> None:
    """Called once when the app is ready."""
    notifying.register()
    navigation.register(
        NavItem(_("Claims"), "vouchers:claim_list", Permission.CLAIM_VIEW, "file-invoice", 60),
        NavItem(_("Audit"), "vouchers:audit_list", Permission.CLAIM_AUDIT, "file-search", 61),
        NavItem(
            _("Settlements"), "vouchers:settlement_list", Permission.SETTLEMENT_VIEW, "cash", 62
        ),
        NavItem(
            _("Operations"), "vouchers:operations", Permission.OPERATIONS_VIEW, "shield-check", 80
        ),
    )
    home.register_figures(figures.claims_under_way)
    home.register(
        months_to_claim,
        account_to_state,
        claims_to_mend,
        claims_to_audit,
        settlements_to_do,
        claims_to_settle,
        shares_of_pools,
        broken,
    )
    jobs.register(checks.KIND, jobs.JobKind(_("Check of the ledger"), "vouchers:operations"))
    _register_looks()


def _register_looks() -> None:
    statuses.register(
        ClaimStatus,
        {
            ClaimStatus.DRAFT: ("neutral", "pencil"),
            ClaimStatus.SUBMITTED: ("info", "hourglass"),
            ClaimStatus.PASSED: ("info", "zoom-check"),
            ClaimStatus.RETURNED: ("warn", "alert-triangle"),
            ClaimStatus.SETTLING: ("info", "progress"),
            ClaimStatus.PAID: ("good", "circle-check"),
        },
    )
    statuses.register(
        SettlementStatus,
        {
            SettlementStatus.DRAFT: ("warn", "edit"),
            SettlementStatus.SIGNED_ONCE: ("warn", "edit"),
            SettlementStatus.SIGNED: ("info", "shield-check"),
            SettlementStatus.PAID: ("good", "circle-check"),
        },
    )
    statuses.register(
        PaymentStatus,
        {
            PaymentStatus.WAITING: ("info", "hourglass"),
            PaymentStatus.PAID: ("good", "circle-check"),
            PaymentStatus.RETURNED: ("bad", "circle-x"),
        },
    )


def months_to_claim(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Months whose confirmed bills are on no claim."""
    if not can(actor, Permission.CLAIM_SUBMIT):
        return []
    count = len(evidence.claimable(by=actor))
    url = reverse("vouchers:claim_list")
    return [HomeTask(_("Months ready to claim"), count, url, icon="file-invoice")]


def account_to_state(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """A provider that claims and did not say where it is paid."""
    if not can(actor, Permission.CLAIM_SUBMIT) or not actor.is_kind(OrganizationKind.PROVIDER):
        return []
    count = 0 if payees.has_account(by=actor) else 1
    url = reverse("vouchers:payee_account")
    return [HomeTask(_("Bank account to state"), count, url, "warn", icon="building-bank")]


def claims_to_mend(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Pre-filled and returned claims of the own organization."""
    if not can(actor, Permission.CLAIM_SUBMIT):
        return []
    rows = Claim.objects.visible_to(actor).filter(provider__organization=actor.organization)
    count = rows.filter(status__in=[ClaimStatus.DRAFT, ClaimStatus.RETURNED]).count()
    url = reverse("vouchers:claim_list")
    return [HomeTask(_("Claims to complete with an invoice"), count, url, icon="file-upload")]


def claims_to_audit(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Claims that wait for audit."""
    if not can(actor, Permission.CLAIM_AUDIT):
        return []
    waiting = Q(scheme__bureau=actor.organization, status=ClaimStatus.SUBMITTED)
    count = Claim.objects.visible_to(actor).filter(waiting).count()
    return [HomeTask(_("Claims to audit"), count, reverse("vouchers:audit_list"))]


def settlements_to_do(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Batches that wait for the person's signature or for payment."""
    if not actor.is_kind(OrganizationKind.BUREAU) or not can(actor, Permission.SETTLEMENT_SIGN):
        return []
    open_ones = Settlement.objects.visible_to(actor).exclude(status=SettlementStatus.PAID)
    count = open_ones.exclude(
        ~Q(status=SettlementStatus.SIGNED), signatures__signed_by=actor.user
    ).count()
    url = reverse("vouchers:settlement_list")
    return [HomeTask(_("Settlements to sign or pay"), count, url, icon="cash")]


def claims_to_settle(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Passed claims that are in no batch."""
    if not actor.is_kind(OrganizationKind.BUREAU) or not can(actor, Permission.SETTLEMENT_PREPARE):
        return []
    passed = Claim.objects.filter(scheme__bureau=actor.organization, status=ClaimStatus.PASSED)
    url = reverse("vouchers:settlement_list")
    return [HomeTask(_("Passed claims to settle"), passed.count(), url, icon="stack-2")]


def shares_of_pools(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Parts of a pool's settlements that the own organization got in the last thirty days."""
    if not can(actor, Permission.ORDER_VIEW) or actor.organization is None:
        return []
    recent = splits.shown_to(actor).filter(
        payment__settlement__created_at__gt=at - timedelta(days=30)
    )
    url = reverse("vouchers:pool_income")
    return [HomeTask(_("Shares of pool settlements"), recent.count(), url, icon="coins")]


def broken(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Invariants that broke in the last check."""
    if not can(actor, Permission.OPERATIONS_VIEW):
        return []
    count = sum(1 for run in CheckRun.objects.newest() if run.broken_rows)
    url = reverse("vouchers:operations")
    return [HomeTask(_("Invariants broken"), count, url, "bad", icon="alert-octagon")]
