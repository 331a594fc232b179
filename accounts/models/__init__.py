"""Who: users, organizations, memberships, keys, and the trail of what they did."""

from accounts.models.events import Event
from accounts.models.keys import ApiKey, ApiKeyQuerySet
from accounts.models.notifications import MutedTopic, Notification, NotificationQuerySet
from accounts.models.organizations import (
    Membership,
    MembershipQuerySet,
    Organization,
    OrganizationKind,
    OrganizationQuerySet,
    Role,
    Size,
)
from accounts.models.people import Language, User, UserManager

__all__ = [
    "ApiKey",
    "ApiKeyQuerySet",
    "Event",
    "Language",
    "Membership",
    "MembershipQuerySet",
    "MutedTopic",
    "Notification",
    "NotificationQuerySet",
    "Organization",
    "OrganizationKind",
    "OrganizationQuerySet",
    "Role",
    "Size",
    "User",
    "UserManager",
]
