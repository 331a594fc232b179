"""Tell people what happened: in the product at once, by mail through the outbox."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import topics
from accounts.access import Actor
from accounts.models import Language, Membership, MutedTopic, Notification, Organization, User
from accounts.permissions import PERMISSIONS_BY_ROLE
from accounts.topics import Topic
from common import outbox
from common.outbox import Mail


def send(
    *,
    topic: str,
    to: Organization,
    key: str,
    data: dict[str, Any],
    url: str = "",
    at: datetime,
    besides: Iterable[int] = (),
) -> int:
    """Tell the members of an organization whose roles read the topic; returns how many are told.

    Call it inside the transaction of the effect: both are there, or neither. `key` names the effect within the
    topic; a second call with the same key tells nobody again. `data` are plain values for the topic's words:
    names ending in `_fen` are amounts, `{"zh": …, "en": …}` is a text in both languages. `url` is a path of our
    own pages. `besides` are users who need not be told, such as the one who did it. Each mail is in the
    language of its reader, unless that reader muted the topic and it may be muted.
    """
    outbox.require_transaction()
    known = topics.one(topic)
    people = [person for person in _readers(known, to) if person.pk not in set(besides)]
    Notification.objects.bulk_create(
        [
            Notification(
                user=person,
                organization=to,
                topic=topic,
                key=key,
                data=data,
                url=url,
                created_at=at,
            )
            for person in people
        ],
        ignore_conflicts=True,
    )
    mailed = _not_muted(known, people)
    outbox.post(mails=[_mail(known, to, person, key, data, url) for person in mailed], at=at)
    return len(people)


@transaction.atomic
def mark_read(*, by: Actor, notification: Notification, at: datetime) -> Notification:
    """Mark one as read; a second click changes nothing."""
    rows = Notification.objects.visible_to(by).filter(pk=notification.pk)
    rows.unread().update(read_at=at)
    return rows.get()


@transaction.atomic
def mark_all_read(*, by: Actor, at: datetime) -> int:
    """Mark everything that is there by now as read; returns how many were not."""
    return (
        Notification.objects.visible_to(by).unread().filter(created_at__lte=at).update(read_at=at)
    )


@transaction.atomic
def choose(*, by: Actor, language: str, mailed: Sequence[str], at: datetime) -> None:
    """Keep in which language the person is written to, and about which topics mails come.

    Looks only at topics that the person reads; those that must be mailed stay.
    """
    person = User.objects.select_for_update().get(pk=by.user.pk)
    person.language = Language(language)
    person.save(update_fields=["language"])
    read = {topic.code for topic in topics.of_reader(by.permissions) if not topic.must_mail}
    MutedTopic.objects.filter(user=person, topic__in=read).delete()
    MutedTopic.objects.bulk_create(
        MutedTopic(user=person, topic=code) for code in sorted(read - set(mailed))
    )


def muted_by(*, person: User) -> frozenset[str]:
    """Topics that the person does not want by mail."""
    return frozenset(person.muted_topics.values_list("topic", flat=True))


def _readers(topic: Topic, organization: Organization) -> list[User]:
    roles = [
        role for role, held in PERMISSIONS_BY_ROLE.items() if not topic.readers.isdisjoint(held)
    ]
    members = Membership.objects.current().filter(organization=organization, role__in=roles)
    rows = User.objects.filter(is_active=True, pk__in=members.values("user_id"))
    return list(rows.order_by("pk"))


def _not_muted(topic: Topic, people: list[User]) -> list[User]:
    if topic.must_mail:
        return people
    rows = MutedTopic.objects.filter(topic=topic.code, user__in=people)
    muted = set(rows.values_list("user_id", flat=True))
    return [person for person in people if person.pk not in muted]


def _mail(
    topic: Topic, to: Organization, person: User, key: str, data: dict[str, Any], url: str
) -> Mail:
    with translation.override(person.language):
        words = topic.said(data)
        choices = urljoin(settings.SITE_URL, reverse("accounts:notification_settings"))
        parts = [
            _("%(person)s, %(organization)s:")
            % {"person": person.name or person.email, "organization": to.name},
            words.text,
            urljoin(settings.SITE_URL, url) if url else "",
            "-- \n"
            + _("Inclusive Compute. This mail was sent by a machine; nobody reads answers to it.")
            + "\n"
            + _("Choose which mails you get: %(url)s") % {"url": choices},
        ]
        body = "\n\n".join(part for part in parts if part) + "\n"
    return Mail(f"{topic.code}:{key}:{to.pk}:{person.pk}", person.email, words.title, body)
