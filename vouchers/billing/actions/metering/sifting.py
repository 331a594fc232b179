"""Digests and judges the events of a batch before anything is stored."""

from collections.abc import Sequence

import msgspec

from providers.models import Provider
from vouchers.billing.actions.metering.acceptance import Acceptance, Slot, contexts_of
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


def sift(provider: Provider, events: Sequence[Parsed], acceptance: Acceptance) -> Sifted:
    """Digest and judge each event. The loop runs a hundred thousand times a second."""
    found = Sifted()
    first, refused = found.first, found.refused
    digester = digests.Digester(provider.pk)
    canonical, digest = digests.canonical, digester.digest
    micros, judge = digests.Clock().micros, acceptance.judge
    add_key, add_content = found.keys.append, found.contents.append
    for index, event in enumerate(events):
        if isinstance(event, Unreadable):
            refused[index] = event.code
            add_key(b"")
            add_content(b"")
            continue
        moment = micros(event.time)
        quantities = canonical(event.quantities)
        if isinstance(event, Correction):
            key, content = _correction(found, digester, index, event, moment, quantities)
        else:
            said = b"%b\x1f\x1f%b" % (event.subscription.encode(), quantities)
            key, content = digest(event.source, event.id, moment, said)
            slot = judge(event, moment)
            if isinstance(slot, Refusal):
                refused[index] = slot
            elif key not in first:
                first[key] = Entry(index, event, key, content, moment, quantities, slot)
        add_key(key)
        add_content(content)
    return found


def _correction(
    found: Sifted,
    digester: digests.Digester,
    index: int,
    event: Correction,
    moment: int,
    quantities: bytes,
) -> tuple[bytes, bytes]:
    said = digests.said(event.subscription, quantities, event.corrects)
    key, content = digester.digest(event.source, event.id, moment, said)
    original = digester.key(event.source, event.corrects)
    made = Correcting(index, event, key, content, moment, quantities, original)
    found.corrections.setdefault(key, made)
    return key, content
