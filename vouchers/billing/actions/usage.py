"""Takes usage reports: an answer for each event, durable before it is given."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

import msgspec
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.permissions import Permission
from common.codes import new_code
from common.errors import DomainError, Forbidden
from providers.models import Provider, ProviderStatus
from vouchers.billing.actions import event_log, landing
from vouchers.billing.actions.acceptance import Acceptance
from vouchers.billing.actions.event_log import Entry
from vouchers.billing.models import Channel, UsageBatch
from vouchers.billing.rules import digests, uploads
from vouchers.billing.rules.events import (
    MAX_EVENTS,
    BadBatch,
    Parsed,
    Refusal,
    Report,
    TooMany,
    Unreadable,
)

MAX_REFUSALS_KEPT = 1_000
"""Entries of a batch's log."""


class TooManyEvents(DomainError):
    """More events in one call than are taken."""

    code = "too_many_events"
    status = 413


class UnreadableBatch(DomainError):
    """The whole body is not what it says it is."""

    code = "malformed_batch"
    status = 400


class Outcome(StrEnum):
    """What became of an event."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REJECTED = "rejected"


class Answer(msgspec.Struct, frozen=True):
    """What became of the event at `index` of the call; `code` only for rejected ones."""

    index: int
    id: str
    outcome: Outcome
    code: Refusal | None = None


class _Sorted(msgspec.Struct):
    """A batch's events before anything is stored: digests and refusals by index.

    `first` has the first event with each key that was not refused.
    """

    identities: dict[int, tuple[bytes, bytes]] = {}
    refused: dict[int, Refusal] = {}
    first: dict[bytes, Entry] = {}


def ingest(*, by: Actor, events: Sequence[Parsed], at: datetime) -> list[Answer]:
    """Store a provider's reports and say for each what became of it, in the order given.

    An event whose source and id are stored already is a duplicate, or a conflict when its content
    differs; of two in one call the first is taken. A bad event never touches its neighbors. Holds
    the months of the events open until commit. Raises TooManyEvents, and Forbidden for an
    organization that is no verified provider.
    """
    answers, _batch = _ingest(by, events, at, Channel.API)
    return answers


def upload(*, by: Actor, content: bytes, at: datetime) -> UsageBatch:
    """Store the rows of a CSV file like the events of a call; the batch lists those not taken.

    Raises UnreadableBatch for a file that is no such table, and what `ingest` raises.
    """
    by.require(Permission.USAGE_REPORT)
    try:
        rows = uploads.read_csv(content)
    except TooMany as error:
        raise TooManyEvents(
            _("A file may have at most %(limit)s rows. Split it and upload the parts.")
            % {"limit": MAX_EVENTS}
        ) from error
    except BadBatch as error:
        raise UnreadableBatch(
            _("The file is no table with the columns %(columns)s. Start from the example below.")
            % {"columns": ", ".join(uploads.COLUMNS)}
        ) from error
    _answers, batch = _ingest(by, rows, at, Channel.FILE)
    return batch


@transaction.atomic
def _ingest(
    by: Actor, events: Sequence[Parsed], at: datetime, channel: Channel
) -> tuple[list[Answer], UsageBatch]:
    by.require(Permission.USAGE_REPORT)
    provider = _provider(by)
    if len(events) > MAX_EVENTS:
        raise TooManyEvents(_("Send at most %(limit)s events in one call.") % {"limit": MAX_EVENTS})
    codes = {event.subscription for event in events if isinstance(event, Report)}
    batch = _sort(provider, events, Acceptance.load(provider, codes, at))
    known = event_log.stored({key for key, _content in batch.identities.values()})
    new = [entry for key, entry in batch.first.items() if key not in known]
    new = _landed(new, batch.refused, at)
    added = event_log.append(provider=provider, entries=new, at=at)
    if len(added) < len(new):
        known |= event_log.stored(entry.key for entry in new if entry.key not in added)
    answers = _answers(events, batch, known, added)
    return answers, _log(by, provider, answers, at, channel)


def _provider(by: Actor) -> Provider:
    provider = Provider.objects.filter(
        organization=by.own(), status=ProviderStatus.VERIFIED
    ).first()
    if provider is None:
        raise Forbidden(
            _("Only a verified provider reports usage. Complete your registration first.")
        )
    return provider


def _sort(provider: Provider, events: Sequence[Parsed], acceptance: Acceptance) -> _Sorted:
    """Digest and judge each event. The loop runs some hundred thousand times a second."""
    found = _Sorted()
    number, judge = provider.pk, acceptance.judge
    for index, event in enumerate(events):
        if isinstance(event, Unreadable):
            found.refused[index] = event.code
            continue
        key = digests.key(number, event.source, event.id)
        moment = digests.micros(event.time)
        quantities = digests.canonical(event.quantities)
        content = digests.content(key, moment, event.subscription, quantities, "")
        found.identities[index] = key, content
        slot = judge(event, moment)
        if isinstance(slot, Refusal):
            found.refused[index] = slot
        elif key not in found.first:
            entry = Entry(index, event, key, content, moment, quantities, slot)
            found.first[key] = entry
    return found


def _landed(new: list[Entry], refused: dict[int, Refusal], at: datetime) -> list[Entry]:
    """Find the month in whose bill each event stands and hold it open; the rest is refused."""
    landed = landing.hold({entry.slot.month for entry in new}, at=at)
    for entry in new:
        entry.slot.landed = landed[entry.slot.month]
    oldest = at - landing.MAX_AGE
    taken = []
    for entry in new:
        if entry.slot.landed != entry.slot.month and entry.event.time < oldest:
            refused[entry.index] = Refusal.TOO_LATE
        else:
            taken.append(entry)
    return taken


def _answers(
    events: Sequence[Parsed], batch: _Sorted, known: dict[bytes, bytes], added: set[bytes]
) -> list[Answer]:
    """Answer each event in the order sent; of two with one key the first was stored."""
    contents = known | {key: batch.first[key].content for key in added}
    new = {batch.first[key].index for key in added}
    accepted = Outcome.ACCEPTED
    return [
        Answer(index, event.id, accepted)
        if index in new
        else _not_new(index, event.id, batch, contents)
        for index, event in enumerate(events)
    ]


def _not_new(index: int, event_id: str, batch: _Sorted, contents: dict[bytes, bytes]) -> Answer:
    """Answer an event that was not stored by this call.

    A repeat of a stored event is a duplicate even when it would be refused by now, so that a
    provider that missed the first answer may ask again.
    """
    key, content = batch.identities.get(index, (b"", b""))
    stored = contents.get(key)
    if stored is not None and stored == content:
        return Answer(index, event_id, Outcome.DUPLICATE)
    if stored is not None:
        return Answer(index, event_id, Outcome.CONFLICT)
    refusal = batch.refused.get(index, Refusal.INVALID_QUANTITY)
    return Answer(index, event_id, Outcome.REJECTED, refusal)


def _log(
    by: Actor, provider: Provider, answers: list[Answer], at: datetime, channel: Channel
) -> UsageBatch:
    counts = Counter(answer.outcome for answer in answers)
    others = [
        {"index": answer.index, "id": answer.id, "outcome": answer.outcome, "code": answer.code}
        for answer in answers
        if answer.outcome != Outcome.ACCEPTED
    ]
    return UsageBatch.objects.create(
        code=new_code("UB"),
        provider=provider,
        channel=channel,
        received_at=at,
        received_from=by.user,
        accepted=counts[Outcome.ACCEPTED],
        duplicates=counts[Outcome.DUPLICATE],
        conflicts=counts[Outcome.CONFLICT],
        rejected=counts[Outcome.REJECTED],
        refusals=others[:MAX_REFUSALS_KEPT],
    )
