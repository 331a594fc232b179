"""What the two sides of a dispute say, offer and hand in; each sees the other's."""

from datetime import datetime

from django.core.files import File
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common import states, stored_files
from common.errors import DomainError, Forbidden
from common.models import StoredFile
from vouchers.audit import notifying
from vouchers.audit.actions import disputes
from vouchers.audit.models import Dispute, DisputeEntry, DisputeStatus

MOST_CHARACTERS = 4_000
MOST_FILES = 50


class WordsMissing(DomainError):
    """An entry has words, a file or an offer."""

    code = "words_missing"


class TimeOver(states.WrongState):
    """The days for statements are over."""

    code = "time_over"


class TooManyFiles(DomainError):
    """More files than one dispute may have."""

    code = "too_many_files"


@transaction.atomic
def say(
    *,
    by: Actor,
    dispute: Dispute,
    text: str = "",
    file: "File[bytes] | None" = None,
    offered_fen: int | None = None,
    at: datetime,
) -> DisputeEntry:
    """Add words, a file, or both; the provider may add at which total it would end the dispute (fen).

    Both sides may until the last day is over. Locks the dispute. Raises WordsMissing, TimeOver, TooManyFiles,
    FileRefused, disputes.AmountRefused, Forbidden, WrongState.
    """
    by.require(Permission.CASE_ANSWER)
    locked = disputes.lock(dispute)
    seller = locked.bill.provider.organization_id
    if by.own().pk not in {seller, locked.bill.enterprise_id}:
        raise Forbidden(_("Only the two sides of a dispute speak in it."))
    if locked.status != DisputeStatus.OPEN:
        raise states.WrongState(_("This dispute has ended. Reload the page."))
    if disputes.is_time_over(locked, at=at):
        raise TimeOver(_("The days for statements are over. The bureau decides next."))
    said = text.replace("\r\n", "\n").strip()
    if len(said) > MOST_CHARACTERS or not (said or file or offered_fen is not None):
        words = _("Write something, in at most 4,000 characters, or choose a file.")
        raise WordsMissing(words, errors={"text": words})
    if offered_fen is not None:
        if by.own().pk != seller:
            raise Forbidden(_("Only the provider offers another total."))
        disputes.require_within(locked, offered_fen, "offer")
    entry = DisputeEntry.objects.create(
        dispute=locked,
        number=(locked.entries.aggregate(newest=Max("number"))["newest"] or 0) + 1,
        party=by.own(),
        text=said,
        file=_stored(by, locked, file, at) if file is not None else None,
        offered_fen=offered_fen,
        written_at=at,
        written_by=by.user,
    )
    trail.record(by=by, at=at, verb="dispute_entry", subject=locked, data={"number": entry.number})
    notifying.dispute_news(
        dispute=locked, topic="dispute_entry", by=by.own(), key=str(entry.number), at=at
    )
    return entry


def _stored(by: Actor, dispute: Dispute, file: "File[bytes]", at: datetime) -> StoredFile:
    if dispute.entries.filter(file__isnull=False).count() >= MOST_FILES:
        raise TooManyFiles(_("A dispute takes at most 50 files. Put several into one PDF."))
    return stored_files.attach(file=file, organization_id=by.own().pk, at=at)
