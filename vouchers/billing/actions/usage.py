"""Takes usage reports: an answer for each event, durable before it is given."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.permissions import Permission
from common.codes import new_code
from common.errors import DomainError, Forbidden
from providers.models import Provider, ProviderStatus
from vouchers.billing.actions import event_log, periods
from vouchers.billing.actions.acceptance import Acceptance
from vouchers.billing.models import Channel, UsageBatch
from vouchers.billing.rules import uploads
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


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of the event at `index` of the call; `code` only for rejected ones."""

    index: int
    id: str
    outcome: Outcome
    code: Refusal | None = None


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
    reports = {index: event for index, event in enumerate(events) if isinstance(event, Report)}
    acceptance = Acceptance.load(provider, {event.subscription for event in reports.values()}, at)
    refused = _refused(reports, acceptance)
    first = _first_of_each(reports, refused)
    added = event_log.append(
        provider=provider,
        events=[reports[index] for index in first.values()],
        acceptance=acceptance,
        at=at,
    )
    others = {event_log.key_of(event) for event in reports.values()} - added
    stored = event_log.stored_hashes(provider=provider, keys=others)
    stored |= {key: reports[first[key]].sha256 for key in added}
    new = {first[key] for key in added}
    answers = [
        _unreadable(index, event)
        if isinstance(event, Unreadable)
        else Answer(index, event.id, Outcome.ACCEPTED)
        if index in new
        else _not_new(index, event, refused.get(index), stored)
        for index, event in enumerate(events)
    ]
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


def _refused(reports: dict[int, Report], acceptance: Acceptance) -> dict[int, Refusal]:
    """Reasons by index; the months of the other events are held open until commit."""
    refused = {}
    for index, event in reports.items():
        code = acceptance.refusal(event)
        if code is not None:
            refused[index] = code
    months = {
        index: acceptance.month_of(event)
        for index, event in reports.items()
        if index not in refused
    }
    closed = periods.hold_open(sorted(set(months.values())))
    if closed:
        late = (index for index, month in months.items() if month in closed)
        refused |= dict.fromkeys(late, Refusal.PERIOD_CLOSED)
    return refused


def _first_of_each(
    reports: dict[int, Report], refused: dict[int, Refusal]
) -> dict[event_log.Key, int]:
    """Index of the first event with each key that was not refused."""
    first: dict[event_log.Key, int] = {}
    for index, event in reports.items():
        if index not in refused:
            first.setdefault(event_log.key_of(event), index)
    return first


def _unreadable(index: int, event: Unreadable) -> Answer:
    return Answer(index, event.id, Outcome.REJECTED, event.code)


def _not_new(
    index: int, event: Report, refusal: Refusal | None, stored: dict[event_log.Key, bytes]
) -> Answer:
    """Answer an event that was not stored by this call.

    A repeat of a stored event is a duplicate even when its period has closed since, so that a
    provider that missed the first answer may ask again.
    """
    digest = stored.get(event_log.key_of(event))
    if digest == event.sha256:
        return Answer(index, event.id, Outcome.DUPLICATE)
    if refusal is not None:
        return Answer(index, event.id, Outcome.REJECTED, refusal)
    if digest is None:
        return Answer(index, event.id, Outcome.REJECTED, Refusal.INVALID_QUANTITY)
    return Answer(index, event.id, Outcome.CONFLICT)


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
