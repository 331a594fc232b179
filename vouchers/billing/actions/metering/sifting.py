"""Digests and judges the events of a batch before anything is stored."""

from collections.abc import Sequence
from datetime import UTC, tzinfo

import msgspec

from vouchers.billing.actions.metering.acceptance import HOUR, Acceptance, Slot, contexts_of
from vouchers.billing.rules import digests
from vouchers.billing.rules.events import Correction, Parsed, Refusal, Report, Unreadable


class Entry(msgspec.Struct, gc=False):
    """An event that may be stored, with its digests; `quantities` are its canonical JSON.

    A correction has its original's slot, moment and tiers, and its key in `corrects`.
    """

    index: int
    event: Report
    key: bytes
    content: bytes
    moment: int
    quantities: bytes
    slot: Slot
    corrects: bytes | None = None
    contexts: dict[str, int] | None = None

    def tiers(self) -> dict[str, int] | None:
        """The tier by the request's length of each meter that is not in its first."""
        return contexts_of(self.event, self.slot) if self.corrects is None else self.contexts


class Correcting(msgspec.Struct):
    """A correction whose original is still to be looked up."""

    index: int
    event: Correction
    key: bytes
    content: bytes
    moment: int
    quantities: bytes
    original: bytes


class Sifted(msgspec.Struct):
    """A batch's events; keys and contents by index, empty for those that could not be read.

    `first` has the first event with each key that was not refused, but for corrections.
    """

    keys: list[bytes] = []
    contents: list[bytes] = []
    refused: dict[int, Refusal] = {}
    first: dict[bytes, Entry] = {}
    corrections: dict[bytes, Correcting] = {}


def sift(events: Sequence[Parsed], acceptance: Acceptance) -> Sifted:
    """Digest and judge each event.

    The loop runs a hundred thousand times a second, so what the events of a slot have in common is
    looked up there, and what is usual is judged without a call.
    """
    found = Sifted()
    first, refused = found.first, found.refused
    add_key, add_content, slots = found.keys.append, found.contents.append, acceptance.slots
    canonical, microsecond = digests.canonical, digests.MICROSECOND
    zone: tzinfo | None = UTC
    epoch = digests.EPOCH
    for index, event in enumerate(events):
        if isinstance(event, Unreadable):
            refused[index] = event.code
            add_key(b"")
            add_content(b"")
            continue
        sent, time = event.quantities, event.time
        if time.tzinfo is not zone:
            zone, epoch = time.tzinfo, digests.epoch_in(time.tzinfo)
        moment = (time - epoch) // microsecond
        found_at = event.source, event.subscription, moment // HOUR
        slot = slots.get(found_at) or acceptance.slot(
            event.source, event.subscription, time, moment
        )
        if isinstance(event, Correction):
            key, content = _correction(found, index, event, moment, slot)
        else:
            quantities = canonical(sent)
            key, content = slot.digests.both(event.id, moment, slot.said + quantities)
            is_usual, limits = slot.starts <= moment < slot.usual_until, slot.limits
            if is_usual:
                for meter, quantity in sent.items():
                    if quantity > limits.get(meter, -1):
                        is_usual = False
            refusal = None if is_usual else acceptance.refusal(slot, moment, sent)
            if refusal is not None:
                refused[index] = refusal
            elif key not in first:
                first[key] = Entry(index, event, key, content, moment, quantities, slot)
        add_key(key)
        add_content(content)
    return found


def _correction(
    found: Sifted, index: int, event: Correction, moment: int, slot: Slot
) -> tuple[bytes, bytes]:
    """Keep the first with its key for the time when its original is looked up; key and content."""
    quantities = digests.canonical(event.quantities)
    said = digests.said(event.subscription, quantities, event.corrects)
    key, content = slot.digests.both(event.id, moment, said)
    original = slot.digests.key(event.corrects)
    correcting = Correcting(index, event, key, content, moment, quantities, original)
    found.corrections.setdefault(key, correcting)
    return key, content
