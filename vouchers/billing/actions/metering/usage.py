"""Takes usage reports: an answer for each event, durable before it is given."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

import msgspec
from django.db import DEFAULT_DB_ALIAS, transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.permissions import Permission
from common.codes import new_code
from common.errors import DomainError, Forbidden
from common.statements import plain_cursor
from vouchers.billing.actions.metering import (
    corrections,
    deliveries,
    event_log,
    landing,
    sifting,
    usage_caps,
)
from vouchers.billing.actions.metering.acceptance import Acceptance
from vouchers.billing.actions.metering.deliveries import Rooms
from vouchers.billing.actions.metering.rollups import Row
from vouchers.billing.actions.metering.sifting import Correcting, Entry, Sifted
from vouchers.billing.actions.metering.usage_caps import BoundPassed
from vouchers.billing.models import Channel, UsageBatch
from vouchers.billing.rules import uploads
from vouchers.billing.rules.events import (
    MAX_EVENTS,
    BadBatch,
    BadSheet,
    Parsed,
    Refusal,
    Report,
    TooMany,
)

MAX_REFUSALS_KEPT = 1_000
"""Entries of a batch's log."""
LOGGED = (
    "code", "provider_id", "channel", "received_at", "received_from_id", "accepted", "duplicates",
    "conflicts", "rejected", "refusals",
)  # fmt: skip
LOG = f"""
INSERT INTO vouchers_usagebatch ({", ".join(LOGGED)})
VALUES ({", ".join(["%s"] * len(LOGGED))}) RETURNING id
"""  # noqa: S608 - names of our own columns


class TooManyEvents(DomainError):
    """More events in one call than are taken."""

    code = "too_many_events"
    status = 413


class UnreadableBatch(DomainError):
    """The whole body is not what it says it is."""

    code = "malformed_batch"
    status = 400


class UnreadableSheet(UnreadableBatch):
    """A workbook that is not read: the message says why, and what to do."""

    def __init__(self, error: BadSheet) -> None:
        super().__init__(SHEETS[error.fault])


SHEETS = {
    "locked": _(
        "The workbook is protected by a password or of an old kind. Save it as XLSX without one."
    ),
    "too_large": _("The workbook is too large unpacked. Split it and upload the parts."),
    "merged_cells": _("Some cells are merged. Separate them, then upload the file again."),
    "unreadable": _("This is neither CSV nor an XLSX workbook. Save the table in one of the two."),
}


class Outcome(StrEnum):
    """What became of an event."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REJECTED = "rejected"


class Answer(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What became of the event at `index` of the call; `code` only for rejected ones."""

    index: int
    id: str
    outcome: Outcome
    code: Refusal | None = None


def counted(answers: Sequence[Answer]) -> tuple[int, int, int, int]:
    """How many events were accepted, duplicates, conflicts and rejected."""
    # A Counter would hash each outcome, in Python.
    outcomes = [answer.outcome for answer in answers]
    return (
        outcomes.count(Outcome.ACCEPTED),
        outcomes.count(Outcome.DUPLICATE),
        outcomes.count(Outcome.CONFLICT),
        outcomes.count(Outcome.REJECTED),
    )


def ingest(
    *, by: Actor, events: Sequence[Parsed], at: datetime, is_trial: bool = False
) -> list[Answer]:
    """Store a provider's reports and say for each what became of it, in the order given.

    An event whose source and id are stored already is a duplicate, or a conflict when its content
    differs; of two in one call the first is taken. A bad event never touches its neighbors. Holds
    the months of the events open until commit. Raises TooManyEvents, and Forbidden for an
    organization that is no verified provider. A trial answers in the same way and stores nothing.
    """
    answers, _batch = _ingest(by, events, at, Channel.API, is_trial=is_trial)
    return answers


def upload(*, by: Actor, content: bytes, at: datetime, is_trial: bool = False) -> UsageBatch:
    """Store the rows of a CSV or XLSX file like the events of a call; the batch lists those not taken.

    A trial stores nothing, the batch neither. Raises UnreadableBatch for a file that is no such
    table, and what `ingest` raises.
    """
    by.require(Permission.USAGE_REPORT)
    try:
        rows = uploads.read_table(content)
    except TooMany as error:
        raise TooManyEvents(
            _("A file may have at most %(limit)s rows. Split it and upload the parts.")
            % {"limit": MAX_EVENTS}
        ) from error
    except BadSheet as error:
        raise UnreadableSheet(error) from error
    except BadBatch as error:
        raise UnreadableBatch(
            _("The file is no table with the columns %(columns)s. Start from the example below.")
            % {"columns": ", ".join((*uploads.SHARED, "…"))}
        ) from error
    _answers, batch = _ingest(by, rows, at, Channel.FILE, is_trial=is_trial)
    return batch


def _ingest(
    by: Actor, events: Sequence[Parsed], at: datetime, channel: Channel, *, is_trial: bool
) -> tuple[list[Answer], UsageBatch]:
    """Store the events and the call's entry in the log in one transaction.

    What passes a capacity or a cap, alone or together with batches that run at the same time, is
    undone and written again without the events that no longer fit. What meets a surprise is undone
    and written again with care: batches nearly always meet none, and savepoints are not free.
    """
    by.require(Permission.USAGE_REPORT)
    if len(events) > MAX_EVENTS:
        raise TooManyEvents(_("Send at most %(limit)s events in one call.") % {"limit": MAX_EVENTS})
    codes = {event.subscription for event in events if isinstance(event, Report)}
    acceptance = Acceptance.load(by.own(), codes, at)
    if acceptance is None:
        raise Forbidden(
            _("Only a verified provider reports usage. Complete your registration first.")
        )
    sifted = sifting.sift(events, acceptance)
    rooms, carefully = Rooms(acceptance.left, acceptance.caps), False
    while True:
        try:
            with transaction.atomic():
                new, contents = _write(sifted, acceptance, rooms, at, carefully)
                answers = _answers(events, sifted, new, contents)
                batch = _log(by, acceptance.provider, answers, at, channel)
                if is_trial:
                    transaction.set_rollback(True)
        except BoundPassed:
            rooms = _left(acceptance)
        except event_log.SURPRISES:
            if carefully:
                raise
            rooms, carefully = _left(acceptance), True
        else:
            return answers, batch


def _left(acceptance: Acceptance) -> Rooms:
    """What is left of capacities and caps, as committed by now."""
    return Rooms(
        deliveries.left(set(acceptance.offering_of.values())),
        usage_caps.left({subscription for subscription, _meter in acceptance.caps}),
    )


def _write(
    batch: Sifted, acceptance: Acceptance, rooms: Rooms, at: datetime, carefully: bool
) -> tuple[set[int], dict[bytes, bytes]]:
    """Write what is new and fits. Raises BoundPassed, and what `event_log.append` does.

    Originals of corrections are locked first, corrections written last: see `event_log.append`.
    """
    known = event_log.stored(key for key in batch.keys if key)
    changes = [each for key, each in batch.corrections.items() if key not in known]
    if changes:
        corrections.lock(each.original for each in changes)
        known |= event_log.stored(each.key for each in changes)
        changes = [each for each in changes if each.key not in known]
    new = [entry for key, entry in batch.first.items() if key not in known]
    new = landing.land(new, closed=acceptance.closed, refused=batch.refused, at=at)
    new = rooms.fit(new, batch.refused)
    summed: list[Row] = []
    added = event_log.append(
        provider=acceptance.provider, entries=new, at=at, summed=summed, carefully=carefully
    )
    if len(added) < len(new):
        known |= event_log.stored(entry.key for entry in new if entry.key not in added)
    changes = [each for each in changes if each.key not in added and each.key not in known]
    changed = corrections.append(
        corrections=changes,
        acceptance=acceptance,
        rooms=rooms,
        refused=batch.refused,
        at=at,
        summed=summed,
        carefully=carefully,
    )
    if acceptance.caps:
        capped = {subscription for subscription, _meter in acceptance.caps}
        usage_caps.add(summed=summed, capped=capped, passed=rooms.passed, at=at)
    deliveries.add(summed, acceptance.offering_of)
    stored: list[Entry | Correcting] = [batch.first[key] for key in added]
    stored += [batch.corrections[key] for key in changed]
    return {each.index for each in stored}, known


def _answers(
    events: Sequence[Parsed], batch: Sifted, new: set[int], contents: dict[bytes, bytes]
) -> list[Answer]:
    """Answer each event in the order sent; of two with one key the first was stored."""
    accepted = Outcome.ACCEPTED
    answers = [Answer(index, event.id, accepted) for index, event in enumerate(events)]
    for index in set(range(len(events))).difference(new):
        answers[index] = _not_new(index, events[index].id, batch, new, contents)
    return answers


def _not_new(
    index: int, event_id: str, batch: Sifted, new: set[int], contents: dict[bytes, bytes]
) -> Answer:
    """Answer an event that was not stored by this call.

    A repeat of a stored event is a duplicate even when it would be refused by now, so that a
    provider that missed the first answer may ask again. A repeat of one that this call refused is
    refused for the same reason.
    """
    key = batch.keys[index]
    stored = contents.get(key)
    first = batch.first.get(key) or batch.corrections.get(key)
    if first is not None and first.index in new:
        stored = first.content
    if stored is None:
        told = index if index in batch.refused or first is None else first.index
        refusal = batch.refused.get(told, Refusal.INVALID_QUANTITY)
        return Answer(index, event_id, Outcome.REJECTED, refusal)
    same = stored == batch.contents[index]
    return Answer(index, event_id, Outcome.DUPLICATE if same else Outcome.CONFLICT)


def _log(
    by: Actor, provider: int, answers: list[Answer], at: datetime, channel: Channel
) -> UsageBatch:
    others = [
        {"index": answer.index, "id": answer.id, "outcome": answer.outcome, "code": answer.code}
        for answer in answers
        if answer.outcome != Outcome.ACCEPTED
    ]
    values = (
        new_code("UB"),
        provider,
        channel.value,
        at,
        by.user.pk,
        *counted(answers),
        others[:MAX_REFUSALS_KEPT],
    )
    with plain_cursor() as cursor:
        sent = (*values[:-1], msgspec.json.encode(values[-1]).decode())
        (pk,) = cursor.execute(LOG, sent).fetchone() or (None,)
    return UsageBatch.from_db(DEFAULT_DB_ALIAS, ("id", *LOGGED), (pk, *values))
