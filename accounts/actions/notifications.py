"""Tell people what happened: in the product at once, by mail through the outbox."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
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
from common import outbox
from common.outbox import Mail


@dataclass(frozen=True, slots=True)
class News:
    """What is told to one organization; see `send`."""

    topic: str
    to: Organization
    key: str
    data: dict[str, Any] = field(default_factory=dict)
    url: str = ""


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
    news = News(topic=topic, to=to, key=key, data=data, url=url)
    return send_each(news=[news], at=at, besides=besides)


def send_each(*, news: Sequence[News], at: datetime, besides: Iterable[int] = ()) -> int:
    """Tell many things to many organizations, as `send` does, in four queries; returns how many are told."""
    outbox.require_transaction()
    left_out = set(besides)
    readers = _readers(news)
    told = [
        (each, person)
        for each in news
        for person in readers[each.to.pk, each.topic]
        if person.pk not in left_out
    ]
    Notification.objects.bulk_create(
        [
            Notification(
                user=person,
                organization=each.to,
                topic=each.topic,
                key=each.key,
                data=each.data,
                url=each.url,
                created_at=at,
            )
            for each, person in told
        ],
        ignore_conflicts=True,
    )
    muted = _muted(told)
    mails = [_mail(each, person) for each, person in told if (person.pk, each.topic) not in muted]
    outbox.post(mails=mails, at=at)
    return len(told)


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


def _readers(news: Sequence[News]) -> dict[tuple[int, str], list[User]]:
    """Who reads what: people in order, by organization and topic. One query."""
    roles = {
        code: {
            role
            for role, held in PERMISSIONS_BY_ROLE.items()
            if not topics.one(code).readers.isdisjoint(held)
        }
        for code in {each.topic for each in news}
    }
    members = Membership.objects.current().filter(
        organization__in={each.to.pk for each in news},
        role__in=set().union(*roles.values()),
        user__is_active=True,
    )
    of_organization: dict[int, list[Membership]] = defaultdict(list)
    for member in members.select_related("user").order_by("user_id", "pk"):
        of_organization[member.organization_id].append(member)
    return {
        (to, topic): list(
            {m.user_id: m.user for m in of_organization[to] if m.role in roles[topic]}.values()
        )
        for to, topic in {(each.to.pk, each.topic) for each in news}
    }


def _muted(told: Sequence[tuple[News, User]]) -> set[tuple[int, str]]:
    """Who does not want mails about which topic, of those that may be muted."""
    codes = {each.topic for each, _person in told if not topics.one(each.topic).must_mail}
    if not codes:
        return set()
    rows = MutedTopic.objects.filter(topic__in=codes, user__in={one.pk for _each, one in told})
    return set(rows.values_list("user_id", "topic"))


def _mail(news: News, person: User) -> Mail:
    with translation.override(person.language):
        words = topics.one(news.topic).said(news.data)
        choices = urljoin(settings.SITE_URL, reverse("accounts:notification_settings"))
        parts = [
            _("%(person)s, %(organization)s:")
            % {"person": person.name or person.email, "organization": news.to.name},
            words.text,
            urljoin(settings.SITE_URL, news.url) if news.url else "",
            "-- \n"
            + _("Inclusive Compute. This mail was sent by a machine; nobody reads answers to it.")
            + "\n"
            + _("Choose which mails you get: %(url)s") % {"url": choices},
        ]
        body = "\n\n".join(part for part in parts if part) + "\n"
    key = f"{news.topic}:{news.key}:{news.to.pk}:{person.pk}"
    return Mail(key, person.email, words.title, body)
