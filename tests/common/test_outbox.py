"""The outbox: no effect without its message, no message without its effect, none lost when the poller dies."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection, transaction

from common import outbox
from common.models import OutboxMessage
from common.outbox import Mail
from tests.factories.accounts import NOW
from tests.threads import together


class Killed(BaseException):
    """The poller's process ends here: nothing after it runs."""


def post(*keys: str) -> None:
    with transaction.atomic():
        outbox.post(mails=[Mail(key, "a@example.com", "标题\n二", "正文") for key in keys], at=NOW)


def one() -> OutboxMessage:
    return OutboxMessage.objects.get()


@pytest.fixture
def broken_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def refuse(self: EmailBackend, messages: object) -> int:
        raise ConnectionRefusedError("no mail server")

    with monkeypatch.context() as patched:
        patched.setattr(EmailBackend, "send_messages", refuse)
        yield


@pytest.mark.django_db
def test_message_is_delivered_once() -> None:
    post("a")

    counts = [outbox.deliver_due(at=NOW), outbox.deliver_due(at=NOW + timedelta(days=1))]

    assert counts == [1, 0]
    assert [(sent.subject, sent.body, sent.to) for sent in mail.outbox] == [
        ("标题 二", "正文", ["a@example.com"])
    ]
    assert mail.outbox[0].extra_headers["Message-ID"] == outbox.message_id("a")
    assert (one().attempts, one().delivered_at) == (1, NOW)


@pytest.mark.django_db
def test_same_key_is_one_message() -> None:
    post("a")
    post("a", "b")

    assert outbox.deliver_due(at=NOW) == 2


@pytest.mark.django_db(transaction=True)
def test_message_without_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError, match="inside the transaction"):
        outbox.post(mails=[Mail("a", "a@example.com", "x", "y")], at=NOW)


@pytest.mark.django_db(transaction=True)
def test_rolled_back_effect_tells_nobody() -> None:
    with transaction.atomic():
        outbox.post(mails=[Mail("a", "a@example.com", "x", "y")], at=NOW)
        transaction.set_rollback(True)

    assert outbox.deliver_due(at=NOW) == 0
    assert not OutboxMessage.objects.exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("broken_server")
def test_refused_message_waits_longer_each_time_and_is_given_up() -> None:
    post("a")
    at, waits = NOW, []

    for _attempt in outbox.PAUSES:
        assert outbox.deliver_due(at=at) == 0
        waits.append(one().due_at - at)
        assert outbox.deliver_due(at=at) == 0  # not before the pause is over
        at = one().due_at

    assert waits == list(outbox.PAUSES)
    assert one().gave_up_at is not None
    assert one().error == "ConnectionRefusedError: no mail server"
    assert (outbox.deliver_due(at=at), one().attempts) == (0, len(outbox.PAUSES))


@pytest.mark.django_db
def test_given_up_message_may_try_again(monkeypatch: pytest.MonkeyPatch) -> None:
    post("a")
    OutboxMessage.objects.update(gave_up_at=NOW, attempts=8)

    assert outbox.deliver_due(at=NOW) == 0
    assert outbox.retry_given_up(at=NOW) == 1
    assert outbox.deliver_due(at=NOW) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("sent_before", [False, True])
def test_poller_killed_while_sending_loses_nothing(
    monkeypatch: pytest.MonkeyPatch, *, sent_before: bool
) -> None:
    post("a")
    send = EmailBackend.send_messages

    def die(self: EmailBackend, messages: list[mail.EmailMessage]) -> int:
        if sent_before:
            send(self, messages)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(EmailBackend, "send_messages", die)
        with pytest.raises(Killed):
            outbox.deliver_due(at=NOW)

    assert one().delivered_at is None
    assert outbox.deliver_due(at=NOW + timedelta(seconds=30)) == 1
    identities = {sent.extra_headers["Message-ID"] for sent in mail.outbox}
    assert (len(mail.outbox), len(identities)) == (2 if sent_before else 1, 1)


@pytest.mark.django_db
def test_message_that_kills_its_poller_does_not_stop_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    post("poison")
    with monkeypatch.context() as patched:
        patched.setattr(EmailBackend, "send_messages", lambda *_: (_ for _ in ()).throw(Killed()))
        with pytest.raises(Killed):
            outbox.deliver_due(at=NOW)

    post("good")

    assert outbox.deliver_due(at=NOW) == 1
    assert OutboxMessage.objects.get(key="poison").attempts == 1


@pytest.mark.django_db(transaction=True)
def test_many_pollers_deliver_each_message_once() -> None:
    post(*(str(number) for number in range(60)))

    counts = together([lambda: outbox.deliver_due(at=NOW)] * 6)

    assert sum(count for count in counts if isinstance(count, int)) == 60
    assert len({sent.extra_headers["Message-ID"] for sent in mail.outbox}) == len(mail.outbox) == 60


@pytest.mark.django_db(transaction=True)
def test_poller_passes_by_a_message_in_other_hands() -> None:
    post("held", "free")
    held = OutboxMessage.objects.get(key="held")

    def hold_it() -> int:
        with transaction.atomic():
            OutboxMessage.objects.select_for_update().get(pk=held.pk)
            return together([lambda: outbox.deliver_due(at=NOW)])[0]  # type: ignore[return-value]

    assert hold_it() == 1
    assert OutboxMessage.objects.get(key="free").delivered_at == NOW
    assert not connection.in_atomic_block
