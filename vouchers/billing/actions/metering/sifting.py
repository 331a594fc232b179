"""Digests and judges the events of a batch before anything is stored."""

from collections.abc import Sequence

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
    provider, first, refused = acceptance.provider, found.first, found.refused
    add_key, add_content, slots = found.keys.append, found.contents.append, acceptance.slots
    canonical, key_of, content_of = digests.canonical, digests.key, digests.content
    epoch, microsecond = digests.EPOCH, digests.MICROSECOND
    for index, event in enumerate(events):
        if isinstance(event, Unreadable):
            refused[index] = event.code
            add_key(b"")
            add_content(b"")
            continue
        sent, moment = event.quantities, (event.time - epoch) // microsecond
        slot = slots.get((event.source, event.subscription, moment // HOUR))
        if slot is None:
            slot = acceptance.slot(event.source, event.subscription, event.time, moment)
        identified = slot.identity + event.id.encode()
        key = key_of(provider, identified)
        quantities = canonical(sent)
        if isinstance(event, Correction):
            said = digests.said(event.subscription, quantities, event.corrects)
            content = content_of(identified, moment, said)
            original = key_of(provider, slot.identity + event.corrects.encode())
            correcting = Correcting(index, event, key, content, moment, quantities, original)
            found.corrections.setdefault(key, correcting)
        else:
            content = content_of(identified, moment, slot.said + quantities)
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
