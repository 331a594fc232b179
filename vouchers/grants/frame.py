"""What grants add to every page: navigation, looks, tasks and the open schemes of the first page."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor, can
from accounts.permissions import Permission
from common import home, navigation, statuses
from common.home import HomeTask, PublicSection
from common.navigation import FooterItem, NavItem
from common.periods import local_day
from vouchers.grants import bureau_frame, notifying
from vouchers.grants.models import (
    Application,
    ApplicationStatus,
    ReviewOutcome,
    Scheme,
    SchemeStatus,
    Supplement,
    SupplementStatus,
    Voucher,
    VoucherStatus,
)
from vouchers.grants.shown import figures
from vouchers.grants.views.schemes import cards

SOON = timedelta(days=30)
MOST_CARDS = 6


def register() -> None:
    """Called once when the app is ready."""
    _register_navigation()
    home.register(
        drafts_to_finish,
        applications_to_sign,
        supplements_to_answer,
        applications_to_review,
        vouchers_to_issue,
        schemes_to_publish,
        vouchers_ending,
    )
    home.register_figures(figures.voucher_money, figures.budget_left)
    home.register_public(open_schemes)
    _register_looks()
    bureau_frame.register()
    notifying.register()


def _register_navigation() -> None:
    navigation.register(
        NavItem(_("Schemes"), "vouchers:scheme_list", None, "template", order=10),
        NavItem(_("Pre-check"), "vouchers:precheck", navigation.VISITOR, "calculator", order=11),
        NavItem(
            _("Applications"),
            "vouchers:application_list",
            Permission.APPLICATION_PREPARE,
            "clipboard-list",
            order=20,
        ),
        NavItem(
            _("Applications"),
            "vouchers:application_list",
            Permission.APPLICATION_SUBMIT,
            "clipboard-list",
            order=20,
        ),
        NavItem(_("Wallet"), "vouchers:wallet", Permission.WALLET_VIEW, "wallet", order=25),
        NavItem(
            _("Reviews"),
            "vouchers:review_list",
            Permission.APPLICATION_REVIEW,
            "checklist",
            order=20,
        ),
        NavItem(_("Issuing"), "vouchers:issue_list", Permission.VOUCHER_ISSUE, "ticket", order=21),
    )
    navigation.register_footer(
        FooterItem(_("Public notices"), "vouchers:notice_list", order=10),
        FooterItem(_("Verify a voucher"), "vouchers:voucher_verify", order=20),
    )


def _register_looks() -> None:
    status = ApplicationStatus
    statuses.register(
        SchemeStatus,
        {
            SchemeStatus.DRAFT: ("neutral", "pencil"),
            SchemeStatus.PUBLISHED: ("good", "circle-check"),
            SchemeStatus.CLOSED: ("neutral", "lock"),
        },
    )
    statuses.register(
        status,
        {
            status.DRAFT: ("neutral", "pencil"),
            status.PREPARED: ("warn", "edit"),
            status.SUBMITTED: ("info", "hourglass"),
            status.FIRST_PASSED: ("info", "progress"),
            status.SUPPLEMENT: ("warn", "pencil"),
            status.APPROVED: ("good", "check"),
            status.NOTICED: ("info", "speakerphone"),
            status.ISSUED: ("good", "ticket"),
            status.REJECTED: ("bad", "circle-x"),
            status.WITHDRAWN: ("neutral", "ban"),
        },
    )
    _register_looks_of_decisions()


def _register_looks_of_decisions() -> None:
    statuses.register(
        SupplementStatus,
        {
            SupplementStatus.OPEN: ("warn", "pencil"),
            SupplementStatus.ANSWERED: ("good", "circle-check"),
            SupplementStatus.LAPSED: ("bad", "clock-exclamation"),
            SupplementStatus.DROPPED: ("neutral", "ban"),
        },
    )
    statuses.register(
        ReviewOutcome,
        {
            ReviewOutcome.PASS: ("good", "circle-check"),
            ReviewOutcome.REFUSE: ("bad", "circle-x"),
        },
    )
    statuses.register(
        VoucherStatus,
        {
            VoucherStatus.ACTIVE: ("good", "ticket"),
            VoucherStatus.FROZEN: ("warn", "player-pause"),
            VoucherStatus.EXPIRED: ("neutral", "ticket-off"),
            VoucherStatus.REVOKED: ("bad", "ban"),
        },
    )


def drafts_to_finish(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Drafts that nobody has handed over yet."""
    if not can(actor, Permission.APPLICATION_PREPARE):
        return []
    count = Application.objects.filter(
        enterprise=actor.organization, status=ApplicationStatus.DRAFT
    ).count()
    url = reverse("vouchers:application_list")
    return [HomeTask(_("Applications to finish"), count, url, "info", icon="pencil")]


def applications_to_sign(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Prepared applications that wait for the signatory."""
    if not can(actor, Permission.APPLICATION_SUBMIT):
        return []
    count = Application.objects.filter(
        enterprise=actor.organization, status=ApplicationStatus.PREPARED
    ).count()
    url = reverse("vouchers:application_list")
    return [HomeTask(_("Applications to sign"), count, url, "warn", icon="edit")]


def supplements_to_answer(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Additions that the bureau waits for, with the nearest last day."""
    may = can(actor, Permission.APPLICATION_PREPARE) or can(actor, Permission.APPLICATION_SUBMIT)
    if not may:
        return []
    rows = Supplement.objects.open().filter(application__enterprise=actor.organization)
    waiting = list(rows.select_related("application").order_by("due_at", "pk")[:100])
    if not waiting:
        return []
    hint = _("The nearest last day is %(day)s.") % {"day": waiting[0].last_day}
    url = reverse("vouchers:supplement_answer", args=[waiting[0].application.code])
    return [HomeTask(_("Additions to hand in"), len(waiting), url, "bad", hint, icon="pencil")]


def applications_to_review(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Applications at a review that this officer may do."""
    if not can(actor, Permission.APPLICATION_REVIEW):
        return []
    count = Application.objects.waiting_for_review_by(actor).count()
    url = f"{reverse('vouchers:review_list')}?view=team"
    return [HomeTask(_("Applications to review"), count, url, "warn", icon="checklist")]


def vouchers_to_issue(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Approved applications without notice or voucher, and ended notices."""
    if not can(actor, Permission.VOUCHER_ISSUE):
        return []
    counts = Application.objects.waiting_for_issue(actor, at).aggregate(
        approved=Count("pk", filter=Q(status=ApplicationStatus.APPROVED)),
        ended=Count("pk", filter=Q(status=ApplicationStatus.NOTICED)),
    )
    url = reverse("vouchers:issue_list")
    return [
        HomeTask(
            _("Approved, next step due"), counts["approved"], url, "warn", icon="speakerphone"
        ),
        HomeTask(_("Notice ended, voucher to issue"), counts["ended"], url, "warn", icon="ticket"),
    ]


def schemes_to_publish(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Drafts of schemes."""
    if not can(actor, Permission.SCHEME_MANAGE):
        return []
    count = Scheme.objects.filter(bureau=actor.organization, status=SchemeStatus.DRAFT).count()
    url = reverse("vouchers:scheme_list")
    return [HomeTask(_("Schemes to publish"), count, url, "info", icon="pencil")]


def vouchers_ending(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Vouchers that end within thirty days."""
    if not can(actor, Permission.WALLET_VIEW):
        return []
    count = (
        Voucher.objects.filter(enterprise=actor.organization, expires_at__lte=at + SOON)
        .usable_at(at)
        .count()
    )
    url = reverse("vouchers:wallet")
    hint = _("What is left after the last day returns to the budget.")
    return [HomeTask(_("Vouchers about to end"), count, url, "warn", hint=hint, icon="clock")]


def open_schemes(at: datetime) -> PublicSection | None:
    """The schemes that take applications today."""
    rows = Scheme.objects.open_on(local_day(at)).select_related("bureau")
    found = list(rows.order_by("closes_on", "pk")[:MOST_CARDS])
    return PublicSection("vouchers/open_schemes.html", {"cards": cards(found, at)}, order=10)
