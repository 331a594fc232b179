"""What the audit adds to every page: navigation, looks, tasks of the first page, kinds of work."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor, can
from accounts.models import OrganizationKind
from accounts.permissions import Permission
from common import home, jobs, navigation, statuses
from common.home import HomeTask
from common.navigation import NavItem
from common.periods import local_day
from vouchers.audit import claim_frame, figures, money_frame, notifying
from vouchers.audit.actions import (
    checks,
    line_files,
    risk_scans,
    settling,
)
from vouchers.audit.models import (
    Case,
    CaseStatus,
    CheckRun,
    Claim,
    ClaimStatus,
    DisputeStatus,
    FlagStatus,
    ItemFinding,
    PaymentStatus,
    RiskFlag,
    RoomPass,
    SampleStatus,
    Settlement,
    SettlementStatus,
)


def register() -> None:
    """Called once when the app is ready."""
    notifying.register()
    navigation.register(
        claim_frame.ENTRY,
        NavItem(_("Audit"), "vouchers:audit_list", Permission.CLAIM_AUDIT, "file-search", 61),
        NavItem(_("Risk flags"), "vouchers:risk_list", Permission.CLAIM_AUDIT, "flag", 61),
        NavItem(
            _("Samples"), "vouchers:sample_list", Permission.CLAIM_AUDIT, "clipboard-check", 61
        ),
        NavItem(_("Cases"), "vouchers:case_list", Permission.CLAIM_AUDIT, "gavel", 61),
        NavItem(
            _("Disputes"), "vouchers:dispute_list", Permission.DISPUTE_VIEW, "message-report", 60
        ),
        NavItem(_("Auditor's room"), "vouchers:pass_list", Permission.ROOM_GRANT, "eye", 64),
        NavItem(_("Inquiries"), "vouchers:inquiry_list", Permission.CASE_ANSWER, "message", 63),
        claim_frame.PAYMENTS,
        NavItem(
            _("Operations"), "vouchers:operations", Permission.OPERATIONS_VIEW, "shield-check", 80
        ),
    )
    money_frame.register()
    home.register_figures(figures.claims_under_way)
    claim_frame.register()
    home.register(
        claims_to_audit,
        flags_to_look_at,
        cases_to_do,
        cases_to_sign,
        letters_to_answer,
        rooms_to_enter,
        settlements_to_do,
        claims_to_settle,
        broken,
    )
    _register_work()
    _register_looks()
    _register_looks_of_risks()


def _register_work() -> None:
    jobs.register(checks.KIND, jobs.JobKind(_("Check of the ledger"), "vouchers:operations"))
    jobs.register(
        settling.KIND, jobs.JobKind(_("Settlement of a period"), "vouchers:settlement_list")
    )
    jobs.register(line_files.KIND, jobs.JobKind(_("Export of lines"), "vouchers:settlement_list"))
    jobs.register(risk_scans.KIND, jobs.JobKind(_("Scan for risks"), "vouchers:risk_list"))


def _register_looks() -> None:
    statuses.register(
        ClaimStatus,
        {
            ClaimStatus.DRAFT: ("neutral", "pencil"),
            ClaimStatus.CONFIRMING: ("info", "hourglass"),
            ClaimStatus.SUBMITTED: ("info", "hourglass"),
            ClaimStatus.PASSED: ("info", "zoom-check"),
            ClaimStatus.RETURNED: ("warn", "alert-triangle"),
            ClaimStatus.SETTLING: ("info", "progress"),
            ClaimStatus.PAID: ("good", "circle-check"),
            ClaimStatus.EMPTIED: ("neutral", "circle-dashed"),
        },
    )
    statuses.register(
        DisputeStatus,
        {
            DisputeStatus.OPEN: ("warn", "message-report"),
            DisputeStatus.WITHDRAWN: ("neutral", "check"),
            DisputeStatus.AGREED: ("good", "circle-check"),
            DisputeStatus.DECIDED: ("info", "gavel"),
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


def _register_looks_of_risks() -> None:
    statuses.register(
        FlagStatus,
        {
            FlagStatus.OPEN: ("warn", "flag"),
            FlagStatus.DISMISSED: ("neutral", "check"),
            FlagStatus.CONFIRMED: ("bad", "alert-triangle"),
            FlagStatus.GONE: ("neutral", "circle-dashed"),
        },
    )
    statuses.register(
        SampleStatus,
        {
            SampleStatus.FROZEN: ("info", "lock"),
            SampleStatus.DRAWN: ("warn", "eye"),
            SampleStatus.DONE: ("good", "circle-check"),
        },
    )
    statuses.register(
        ItemFinding,
        {
            ItemFinding.WAITING: ("info", "hourglass"),
            ItemFinding.RIGHT: ("good", "circle-check"),
            ItemFinding.WRONG: ("bad", "circle-x"),
        },
    )
    statuses.register(
        CaseStatus,
        {
            CaseStatus.OPEN: ("warn", "eye"),
            CaseStatus.ASKED: ("info", "hourglass"),
            CaseStatus.SIGNED_ONCE: ("warn", "edit"),
            CaseStatus.CLOSED: ("good", "circle-check"),
        },
    )


def claims_to_audit(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Claims that wait for audit."""
    if not can(actor, Permission.CLAIM_AUDIT):
        return []
    waiting = Q(scheme__bureau=actor.organization, status=ClaimStatus.SUBMITTED)
    count = Claim.objects.visible_to(actor).filter(waiting).count()
    return [HomeTask(_("Claims to audit"), count, reverse("vouchers:audit_list"))]


def flags_to_look_at(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Redemptions with open flags, leads alone left out."""
    if not can(actor, Permission.CLAIM_AUDIT):
        return []
    flags = RiskFlag.objects.visible_to(actor).filter(status=FlagStatus.OPEN, is_lead=False)
    count = flags.values("bill", "voucher").distinct().count()
    url = reverse("vouchers:risk_list")
    return [HomeTask(_("Flagged redemptions to look at"), count, url, icon="flag")]


def cases_to_do(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Own cases, and those that nobody took."""
    if not can(actor, Permission.CLAIM_AUDIT):
        return []
    rows = Case.objects.visible_to(actor).filter(
        Q(assignee=actor.user) | Q(assignee__isnull=True),
        status__in=[CaseStatus.OPEN, CaseStatus.ASKED],
    )
    is_late = rows.filter(due_on__lt=local_day(at)).exists()
    url = reverse("vouchers:case_list")
    tone: statuses.Tone = "bad" if is_late else "warn"
    return [HomeTask(_("Cases to work on"), rows.count(), url, tone, icon="gavel")]


def cases_to_sign(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Conclusions that a colleague signed first."""
    if not can(actor, Permission.CLAIM_AUDIT):
        return []
    rows = Case.objects.visible_to(actor).filter(status=CaseStatus.SIGNED_ONCE)
    url = f"{reverse('vouchers:case_list')}?tab=open"
    return [HomeTask(_("Conclusions waiting for a second signature"), rows.count(), url)]


def letters_to_answer(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Cases in which the bureau asked and waits."""
    if not can(actor, Permission.CASE_ANSWER):
        return []
    rows = Case.objects.told_to(actor).filter(status=CaseStatus.ASKED)
    url = reverse("vouchers:inquiry_list")
    return [HomeTask(_("Letters of a bureau to answer"), rows.count(), url, icon="message")]


def rooms_to_enter(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Rooms that a bureau opened to the person."""
    count = RoomPass.objects.open_at(at).filter(auditor=actor.user).count()
    url = reverse("vouchers:room_list")
    return [HomeTask(_("Auditor's rooms open to you"), count, url, "info", icon="eye")]


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


def broken(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Invariants that broke in the last check."""
    if not can(actor, Permission.OPERATIONS_VIEW):
        return []
    count = sum(1 for run in CheckRun.objects.newest() if run.broken_rows)
    url = reverse("vouchers:operations")
    return [HomeTask(_("Invariants broken"), count, url, "bad", icon="alert-octagon")]
