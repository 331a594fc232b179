"""What accounts adds to every page: who is asking, navigation, looks, tasks of the first page."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import wording
from accounts.access import Actor, can
from accounts.models import ApiKey, Membership, Notification, OrganizationKind, Role, Size
from accounts.permissions import Permission
from common import home, navigation, statuses
from common.home import HomeTask
from common.navigation import Bell, FooterItem, Identity, NavItem

KEY_WARNING = timedelta(days=14)


def register() -> None:
    """Called once when the app is ready."""
    navigation.use_checker(holds)
    navigation.use_identity(identity)
    navigation.use_bell(bell)
    navigation.register(
        NavItem(_("Home"), "home", None, "home", order=0),
        NavItem(
            _("My organization"),
            "accounts:organization_detail",
            Permission.ORGANIZATION_VIEW,
            "building",
            order=90,
            starts=("/accounts/team/", "/accounts/keys/"),
        ),
    )
    navigation.register_footer(FooterItem(_("API description"), "api-schema", order=80))
    home.register(organization_missing, preparer_missing, keys_expiring)
    statuses.register(
        OrganizationKind,
        {
            OrganizationKind.ENTERPRISE: ("neutral", "building-factory-2"),
            OrganizationKind.PROVIDER: ("neutral", "server"),
            OrganizationKind.BUREAU: ("neutral", "building-bank"),
        },
    )
    statuses.register(
        Size,
        {
            Size.LARGE: ("neutral", "building"),
            Size.MEDIUM: ("info", "building"),
            Size.SMALL: ("info", "building-factory-2"),
            Size.MICRO: ("info", "building-factory-2"),
            Size.NOT_COVERED: ("warn", "user-question"),
        },
    )


def holds(request: HttpRequest, permission: object) -> bool:
    """Tell whether the person who asks holds a permission."""
    actor: Actor | None = getattr(request, "actor", None)
    return isinstance(permission, Permission) and can(actor, permission)


def identity(request: HttpRequest) -> Identity | None:
    """Who is signed in, for the header."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        return None
    roles = wording.joined(Role(role).label for role in actor.roles)
    url = reverse("accounts:account")
    return Identity(str(actor.user), str(actor.organization or ""), roles, url)


def bell(request: HttpRequest) -> Bell | None:
    """How many notifications the person has not read; None for visitors."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        return None
    count = Notification.objects.visible_to(actor).unread().count()
    return Bell(count, reverse("accounts:notification_list"))


def organization_missing(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """A person without an organization can do nothing yet."""
    if actor.organization is not None:
        return []
    return [
        HomeTask(
            _("Register your organization"),
            1,
            reverse("accounts:organization_register"),
            "warn",
            hint=_("Have the business license at hand. Or ask a colleague to add you to the team."),
            icon="building",
        )
    ]


def preparer_missing(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Whoever signs may not prepare, so an enterprise needs a second person before it can apply."""
    if not (
        actor.is_kind(OrganizationKind.ENTERPRISE) and can(actor, Permission.ORGANIZATION_MANAGE)
    ):
        return []
    team = Membership.objects.visible_to(actor).current()
    missing = 0 if team.filter(role=Role.PREPARER).exists() else 1
    hint = _("Applications are prepared by one person and signed by another.")
    url = reverse("accounts:member_add")
    return [HomeTask(_("Add a preparer to the team"), missing, url, hint=hint, icon="user-plus")]


def keys_expiring(actor: Actor, at: datetime) -> Sequence[HomeTask]:
    """Keys that stop working within two weeks, for whoever can make new ones."""
    if not can(actor, Permission.ORGANIZATION_MANAGE):
        return []
    count = (
        ApiKey.objects.visible_to(actor)
        .usable_at(at)
        .filter(expires_at__lte=at + KEY_WARNING)
        .count()
    )
    url = reverse("accounts:key_list")
    hint = _("They stop working within 14 days. Make new ones in time.")
    return [HomeTask(_("API keys about to expire"), count, url, "warn", hint=hint, icon="key")]
