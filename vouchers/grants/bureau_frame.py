"""What the bureau's desk adds to every page: navigation, looks, and what waits for a second person."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor, can
from accounts.permissions import Permission
from common import home, jobs, navigation, statuses
from common.home import HomeTask
from common.navigation import NavItem
from vouchers.grants.actions import bulk_runs
from vouchers.grants.models import (
    BulkItemStatus,
    BulkRun,
    BulkStatus,
    Objection,
    ObjectionStatus,
    Revocation,
    RevocationStatus,
)
from vouchers.grants.shown import worklist


def register() -> None:
    """Called by the frame of grants."""
    navigation.register(
        NavItem(
            _("Letter templates"),
            "vouchers:letter_templates",
            Permission.SCHEME_MANAGE,
            "file-text",
            order=22,
        ),
        NavItem(
            _("Objections"), "vouchers:objection_list", Permission.VOUCHER_ISSUE, "gavel", order=22
        ),
    )
    home.register(
        objections_to_decide, applications_overdue, bulk_to_approve, revocations_to_decide
    )
    jobs.register(bulk_runs.KIND, jobs.JobKind(_("Bulk work"), "vouchers:bulk_list"))
    _register_looks()


def _register_looks() -> None:
    statuses.register(
        BulkStatus,
        {
            BulkStatus.PROPOSED: ("warn", "hourglass"),
            BulkStatus.RUNNING: ("info", "progress"),
            BulkStatus.DONE: ("good", "circle-check"),
            BulkStatus.DECLINED: ("neutral", "ban"),
        },
    )
    statuses.register(
        ObjectionStatus,
        {
            ObjectionStatus.OPEN: ("warn", "hourglass"),
            ObjectionStatus.UPHELD: ("info", "rotate"),
            ObjectionStatus.REJECTED: ("neutral", "ban"),
        },
    )
    statuses.register(
        BulkItemStatus,
        {
            BulkItemStatus.WAITING: ("neutral", "hourglass"),
            BulkItemStatus.DONE: ("good", "circle-check"),
            BulkItemStatus.REFUSED: ("warn", "ban"),
        },
    )
    statuses.register(
        RevocationStatus,
        {
            RevocationStatus.PROPOSED: ("warn", "hourglass"),
            RevocationStatus.APPROVED: ("bad", "gavel"),
            RevocationStatus.DECLINED: ("neutral", "ban"),
        },
    )


def applications_overdue(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Applications past the deadline of their review."""
    if not can(actor, Permission.APPLICATION_REVIEW):
        return []
    late = worklist.views(actor, at, steps=worklist.AT_REVIEW)["overdue"]
    count = worklist.handed_in(actor).filter(late).count()
    url = f"{reverse('vouchers:review_list')}?view=overdue"
    return [HomeTask(_("Reviews overdue"), count, url, "bad", icon="clock-exclamation")]


def bulk_to_approve(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Runs that a colleague proposed."""
    if not can(actor, Permission.DECISION_COUNTERSIGN):
        return []
    runs = BulkRun.objects.visible_to(actor).filter(status=BulkStatus.PROPOSED)
    count = runs.exclude(proposed_by=actor.user).count()
    return [
        HomeTask(_("Bulk work to approve"), count, reverse("vouchers:bulk_list"), icon="stack-2")
    ]


def revocations_to_decide(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Revocations that a colleague proposed."""
    if not can(actor, Permission.DECISION_COUNTERSIGN):
        return []
    waiting = Revocation.objects.visible_to(actor).filter(status=RevocationStatus.PROPOSED)
    count = waiting.exclude(proposed_by=actor.user).count()
    url = reverse("vouchers:revocation_list")
    return [HomeTask(_("Revocations to decide"), count, url, icon="gavel")]


def objections_to_decide(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Objections that stop an issue."""
    if not can(actor, Permission.VOUCHER_ISSUE):
        return []
    count = Objection.objects.visible_to(actor).undecided().count()
    url = reverse("vouchers:objection_list")
    hint = _("Until then the vouchers of these applications cannot be issued.")
    return [HomeTask(_("Objections to decide"), count, url, "warn", hint=hint, icon="gavel")]
