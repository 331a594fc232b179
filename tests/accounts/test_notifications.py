"""Who is told what, where, and in which language."""

from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts import topics
from accounts.access import Actor
from accounts.actions import members, notifications
from accounts.models import MutedTopic, Notification, Organization, Role
from common import outbox
from common.models import OutboxMessage
from tests.factories import accounts
from tests.factories.accounts import NOW
from tests.threads import together

pytestmark = pytest.mark.django_db
DATA = {
    "code": "VC-1", "scheme": {"zh": "算力券", "en": "Voucher plan"}, "days": 7,
    "until": "2026-11-01", "available_fen": 12_345_00, "reason": "核查", "enterprise": "某厂",
}  # fmt: skip


@transaction.atomic
def tell(firm: Organization, topic: str = "voucher_expiring", key: str = "k", **more: Any) -> int:
    return notifications.send(
        topic=topic, to=firm, key=key, data=DATA, url="/wallet/VC-1/", at=NOW, **more
    )


def browser(actor: Actor, language: str = "zh-hans") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(actor.user)
    return client


def test_members_whose_role_reads_the_topic_are_told() -> None:
    firm = accounts.organization()
    told = [accounts.preparer(firm), accounts.signatory(firm)]
    accounts.member(firm, Role.VIEWER)
    accounts.preparer()

    assert tell(firm) == 2
    assert set(Notification.objects.values_list("user", flat=True)) == {a.user.pk for a in told}
    assert set(OutboxMessage.objects.values_list("recipient", flat=True)) == {
        actor.user.email for actor in told
    }


def test_those_who_left_or_were_put_out_of_service_are_not_told() -> None:
    firm = accounts.organization()
    boss, gone, off = (accounts.signatory(firm), accounts.preparer(firm), accounts.preparer(firm))
    members.end(by=boss, membership=gone.user.memberships.get(), at=NOW)
    off.user.is_active = False
    off.user.save()

    assert tell(firm) == 1


def test_one_effect_is_told_once() -> None:
    firm = accounts.organization()
    accounts.signatory(firm)

    tell(firm)
    tell(firm)
    tell(firm, key="another")

    assert Notification.objects.count() == OutboxMessage.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_one_effect_is_told_once_under_threads() -> None:
    firm = accounts.organization()
    accounts.signatory(firm)

    answers = together([lambda: tell(firm)] * 8)

    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert Notification.objects.count() == OutboxMessage.objects.count() == 1


def test_whoever_did_it_need_not_be_told() -> None:
    firm = accounts.organization()
    boss = accounts.signatory(firm)
    accounts.preparer(firm)

    assert tell(firm, besides=[boss.user.pk]) == 1


def test_mail_speaks_the_language_of_its_reader() -> None:
    firm = accounts.organization()
    accounts.preparer(firm)
    reader = accounts.signatory(firm)
    reader.user.language = "en"
    reader.user.save()

    with translation.override("zh-hans"):
        tell(firm)
    outbox.deliver_due(at=NOW)

    bodies = {sent.to[0]: (sent.subject, sent.body) for sent in mail.outbox}
    subject, body = bodies.pop(reader.user.email)
    assert subject == "Voucher VC-1 expires on 2026-11-01"
    assert "¥12,345.00 can still be used" in body
    assert "/wallet/VC-1/" in body
    assert reverse("accounts:notification_settings") in body
    [(subject, body)] = bodies.values()
    assert subject == "券 VC-1 将于 2026-11-01 到期"
    assert "尚有 ¥12,345.00 可用" in body


def test_muted_topic_comes_without_mail() -> None:
    firm = accounts.organization()
    reader = accounts.signatory(firm)
    MutedTopic.objects.create(user=reader.user, topic="voucher_expiring")

    tell(firm)

    assert (Notification.objects.count(), OutboxMessage.objects.count()) == (1, 0)


def test_what_the_law_wants_sent_cannot_be_muted() -> None:
    firm = accounts.organization()
    reader = accounts.signatory(firm)
    MutedTopic.objects.create(user=reader.user, topic="voucher_frozen")

    tell(firm, topic="voucher_frozen")

    assert OutboxMessage.objects.count() == 1


def test_every_topic_says_itself_in_both_languages() -> None:
    every = {
        "code", "scheme", "days", "until", "available_fen", "granted_fen", "face_fen",
        "returned_fen", "amount_fen", "reason", "finding", "enterprise", "count", "objection",
        "left_fen", "hours", "threshold", "month", "spent_fen", "budget_fen", "offering",
        "from_day", "last_day", "number", "bundle", "provider", "bill",
        "outcome_fen", "day", "stars",
    }  # fmt: skip
    data = {name: 100 if name.endswith("_fen") else name.upper() for name in every}

    for topic in topics._topics.values():
        for language in ("zh-hans", "en"):
            with translation.override(language):
                said = topic.said(data)
                assert said.title
                assert said.text
                assert "%(" not in said.title + said.text


def test_old_notification_is_shown_when_its_topic_has_new_words() -> None:
    with translation.override("zh-hans"):
        assert topics.said("voucher_frozen", {"code": "VC-1"}).title == "券已冻结"
    assert topics.said("no_longer_known", {}).title == "no_longer_known"


def test_link_leads_to_our_own_pages_only() -> None:
    firm = accounts.organization()
    reader = accounts.signatory(firm)
    with pytest.raises(IntegrityError):
        Notification.objects.create(
            user=reader.user, organization=firm, topic="x", key="x", url="https://else.example/",
            created_at=NOW,
        )  # fmt: skip


def test_bell_counts_and_list_shows_what_is_unread() -> None:
    reader = accounts.signatory()
    tell(reader.own())
    client = browser(reader)

    page = client.get(reverse("accounts:notification_list")).content.decode()

    assert "1 条未读" in page
    assert "券 VC-1 将于 2026-11-01 到期" in page
    assert "尚有 ¥12,345.00 可用" in page


def test_reading_leads_to_the_object_and_is_remembered() -> None:
    reader = accounts.signatory()
    tell(reader.own())
    row = Notification.objects.get(user=reader.user)
    client = browser(reader)

    with time_machine.travel(NOW, tick=False):
        answer = client.post(reverse("accounts:notification_read", args=[row.code]), {"open": "1"})
        again = client.post(reverse("accounts:notification_read", args=[row.code]))

    row.refresh_from_db()
    assert (answer.status_code, answer["Location"]) == (302, "/wallet/VC-1/")
    assert again["Location"] == reverse("accounts:notification_list")
    assert row.read_at == NOW
    unread = client.get(reverse("accounts:notification_list") + "?view=unread").content.decode()
    assert "没有未读消息" in unread


def test_mark_all_reads_only_the_own() -> None:
    firm = accounts.organization()
    reader, colleague = accounts.signatory(firm), accounts.preparer(firm)
    tell(firm)
    tell(firm, key="b")

    answer = browser(reader).post(reverse("accounts:notification_read_all"))

    assert answer.status_code == 302
    assert Notification.objects.visible_to(reader).unread().count() == 0
    assert Notification.objects.visible_to(colleague).unread().count() == 2


@pytest.mark.parametrize("count", [1, 3])
def test_list_costs_the_same_for_one_and_three(count: int, django_assert_num_queries: Any) -> None:
    reader = accounts.signatory()
    for number in range(count):
        tell(reader.own(), key=str(number))
    client = browser(reader)
    client.get(reverse("accounts:notification_list"))

    with django_assert_num_queries(13):
        client.get(reverse("accounts:notification_list"))


def test_choice_of_language_and_mails_is_kept() -> None:
    reader = accounts.signatory()
    client = browser(reader)
    url = reverse("accounts:notification_settings")
    page = client.get(url).content.decode()
    assert "券已冻结" in page.split("始终发送邮件的事项")[1]

    answer = client.post(url, {"language": "en", "mailed": ["voucher_expired"]})

    reader.user.refresh_from_db()
    muted = notifications.muted_by(person=reader.user)
    assert answer.status_code == 302
    assert reader.user.language == "en"
    assert "voucher_expiring" in muted
    assert "voucher_expired" not in muted
    assert "voucher_frozen" not in muted


def test_wrong_choice_is_refused_and_nothing_kept() -> None:
    reader = accounts.signatory()

    answer = browser(reader).post(
        reverse("accounts:notification_settings"), {"language": "fr", "mailed": ["no_topic"]}
    )

    reader.user.refresh_from_db()
    assert (answer.status_code, reader.user.language) == (422, "zh-hans")
    assert not MutedTopic.objects.exists()


def test_api_lists_and_marks() -> None:
    reader = accounts.signatory()
    tell(reader.own())
    client = browser(reader, "en")

    [row] = client.get("/api/v1/notifications/?unread=true").json()["results"]
    done = client.post(f"/api/v1/notifications/{row['code']}/read/").json()

    assert row["title"] == "Voucher VC-1 expires on 2026-11-01"
    assert row["facts"]["available_fen"] == 1_234_500
    assert done["read_at"] is not None
    assert client.get("/api/v1/notifications/?unread=true").json()["results"] == []
