"""What people are told inside the product, and what they do not want by mail."""

from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from accounts.models.organizations import Organization
from accounts.models.people import User
from common.codes import new_code

if TYPE_CHECKING:
    from accounts.access import Actor


def new_notification_code() -> str:
    """Public id of a notification."""
    return new_code("NT")


class NotificationQuerySet(models.QuerySet["Notification"]):
    """Lookups of notifications."""

    def visible_to(self, actor: "Actor | None") -> Self:
        """Those told to the person for the organization acted for; none for a key."""
        if actor is None or actor.key is not None:
            return self.none()
        return self.filter(user=actor.user, organization=actor.organization)

    def unread(self) -> Self:
        """Not marked as read."""
        return self.filter(read_at__isnull=True)


class Notification(models.Model):
    """One thing that happened, told to one person who works for an organization.

    The words come from the topic (accounts.topics) in the language of the page; `data` holds what they name.
    `key` names the effect, so that one effect is told once. `url` leads to the object.
    """

    code = models.CharField(max_length=16, unique=True, default=new_notification_code)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    topic = models.CharField(max_length=40)
    key = models.CharField(max_length=120)
    data: Any = models.JSONField(default=dict)
    url = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["topic", "key", "organization", "user"], name="accounts_notification_once"
            ),
            models.CheckConstraint(
                condition=Q(url="") | Q(url__startswith="/"), name="accounts_notification_own_page"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["user", "organization", "-created_at"], name="accounts_notification_list"
            ),
            models.Index(
                fields=["user", "organization"],
                condition=Q(read_at__isnull=True),
                name="accounts_notification_unread",
            ),
        ]


class MutedTopic(models.Model):
    """A person does not want mails of one topic; the notification in the product still comes."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="muted_topics")
    topic = models.CharField(max_length=40)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "topic"], name="accounts_mutedtopic_once"),
        ]
