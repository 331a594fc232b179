"""The trail of an application or a voucher in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Event, User
from common.display import moment_text, money_text
from common.periods import local_day
from vouchers.grants import wording
from vouchers.grants.models import Application, ReviewOutcome, ReviewStage, Voucher

MOST = 100

VERBS: Mapping[str, Promise] = {
    "started": gettext_lazy("began the application"),
    "changed": gettext_lazy("changed the answers"),
    "prepared": gettext_lazy("handed it over for signature"),
    "submitted": gettext_lazy("signed and handed in"),
    "withdrawn": gettext_lazy("withdrew the application"),
    "claimed": gettext_lazy("claimed the application"),
    "released": gettext_lazy("gave it back to the team"),
    "reviewed": gettext_lazy("decided"),
    "supplement_asked": gettext_lazy("asked for a supplement"),
    "supplement_saved": gettext_lazy("saved answers to the supplement"),
    "supplement_answered": gettext_lazy("answered the supplement"),
    "supplement_lapsed": gettext_lazy("the supplement was not answered in time"),
    "noticed": gettext_lazy("published the notice"),
    "issued": gettext_lazy("issued the voucher"),
    "frozen": gettext_lazy("froze the voucher"),
    "unfrozen": gettext_lazy("unfroze the voucher"),
    "revoked": gettext_lazy("revoked the voucher"),
    "expired": gettext_lazy("the voucher expired"),
    "extended": gettext_lazy("extended the voucher"),
    "revocation_proposed": gettext_lazy("proposed to revoke the voucher"),
    "revocation_declined": gettext_lazy("declined the revocation"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: when, who, what, and what more is known."""

    at: datetime
    who: str
    what: str
    more: str


def of_application(application: Application) -> list[Entry]:
    """Everything that happened to an application and its voucher, the newest first. Two queries."""
    vouchers = Voucher.objects.filter(application=application).values_list("code", flat=True)
    subjects = Q(subject="application", subject_code=application.code)
    subjects |= Q(subject="voucher", subject_code__in=list(vouchers))
    return _entries(subjects)


def of_voucher(voucher: Voucher) -> list[Entry]:
    """Everything that was done to a voucher, the newest first."""
    return _entries(Q(subject="voucher", subject_code=voucher.code))


def _entries(subjects: Q) -> list[Entry]:
    rows = Event.objects.filter(subjects).select_related("by", "by_key").order_by("-at", "-pk")
    events = list(rows[:MOST])
    codes = {event.data["ran_out_for"] for event in events if "ran_out_for" in event.data}
    names = dict(User.objects.filter(code__in=codes).values_list("code", "name")) if codes else {}
    return [
        Entry(event.at, _who(event), str(VERBS.get(event.verb, event.verb)), _more(event, names))
        for event in events
    ]


def _who(event: Event) -> str:
    if event.by_key is not None:
        return _("Key %(name)s") % {"name": event.by_key.name}
    return str(event.by) if event.by else _("The system")


def _more(event: Event, names: Mapping[str, str]) -> str:
    data: Mapping[str, Any] = event.data
    if event.verb == "reviewed":
        stage, outcome = ReviewStage(data["stage"]).label, ReviewOutcome(data["outcome"]).label
        said = f"{stage}{wording.colon()}{outcome}"
        reason = data.get("reason")
        return f"{said}{wording.colon()}{wording.refusal(reason)}" if reason else said
    if event.verb == "claimed":
        return _claimed(data, names)
    if event.verb == "issued":
        return f"{data['voucher']} {money_text(data['face_fen'])}"
    return str(data.get("reason", ""))


def _claimed(data: Mapping[str, Any], names: Mapping[str, str]) -> str:
    until = parse_datetime(data.get("until", ""))
    said = (
        _("until %(until)s") % {"until": moment_text(local_day(until - timedelta(microseconds=1)))}
        if until
        else ""
    )
    if "ran_out_for" not in data:
        return said
    before = names.get(data["ran_out_for"], data["ran_out_for"])
    return _("%(until)s; taken over after the claim of %(officer)s ran out") % {
        "until": said,
        "officer": before,
    }
