"""Whom grants tell what: topics in words, and one function for each kind of object."""

from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import topics
from accounts.actions import notifications
from accounts.permissions import Permission
from accounts.topics import Topic
from vouchers.grants.models import Application, Scheme, Voucher
from vouchers.grants.rules import refusals

APPLICANTS = frozenset({Permission.APPLICATION_PREPARE, Permission.APPLICATION_SUBMIT})
HOLDERS = frozenset({Permission.WALLET_VIEW})
SIGNATORIES = frozenset({Permission.APPLICATION_SUBMIT})
REVIEWERS = frozenset({Permission.APPLICATION_REVIEW})
ISSUERS = frozenset({Permission.VOUCHER_ISSUE})

APPLICATION_TOPICS = (
    Topic(
        "application_prepared",
        _("An application waits for signature"),
        _("Application %(code)s waits for your signature"),
        _("The application for “%(scheme)s” is complete. Check it and hand it in."),
        SIGNATORIES,
    ),
    Topic(
        "application_submitted",
        _("An application was handed in"),
        _("Application %(code)s was handed in"),
        _("The bureau has received the application for “%(scheme)s”. You are told of every step."),
        APPLICANTS,
        must_mail=True,
    ),
    Topic(
        "application_received",
        _("An application waits for review"),
        _("New application %(code)s"),
        _("%(enterprise)s applied for “%(scheme)s”. It waits for the first review."),
        REVIEWERS,
    ),
    Topic(
        "supplement_asked",
        _("Something must be supplemented"),
        _("Please supplement application %(code)s by %(until)s"),
        _(
            "The bureau asks for %(count)s points to be supplemented in the application for “%(scheme)s”. "
            "Answer all of them by %(until)s; after that day the application may be refused."
        ),
        APPLICANTS,
        must_mail=True,
    ),
    Topic(
        "supplement_answered",
        _("A supplement was handed in"),
        _("Application %(code)s was supplemented"),
        _("%(enterprise)s answered the points you asked for. The review can go on."),
        REVIEWERS,
    ),
    Topic(
        "application_approved",
        _("An application was approved"),
        _("Application %(code)s is approved"),
        _("“%(scheme)s” grants %(granted_fen)s. The public notice or the voucher comes next."),
        APPLICANTS,
        must_mail=True,
    ),
    Topic(
        "application_refused",
        _("An application was not approved"),
        _("Application %(code)s is not approved"),
        _(
            "The application for “%(scheme)s” was refused: %(reason)s "
            "Its page names the reason and how to appeal."
        ),
        APPLICANTS,
        must_mail=True,
    ),
    Topic(
        "application_noticed",
        _("An application is on public notice"),
        _("Application %(code)s is on public notice until %(until)s"),
        _("When the notice for “%(scheme)s” has ended without objection, the voucher is issued."),
        APPLICANTS,
    ),
    Topic(
        "objection_received",
        _("An objection was raised"),
        _("Objection %(objection)s against application %(code)s"),
        _("Somebody objected to the notice of %(enterprise)s. Nothing is issued until you decide."),
        ISSUERS,
    ),
    Topic(
        "objection_upheld",
        _("An objection was upheld"),
        _("Application %(code)s is reviewed again"),
        _(
            "An objection to the public notice was upheld, so “%(scheme)s” reviews it again: %(reason)s"
        ),
        APPLICANTS | REVIEWERS,
        must_mail=True,
    ),
)

VOUCHER_TOPICS = (
    Topic(
        "voucher_issued",
        _("A voucher was issued"),
        _("Voucher %(code)s is issued"),
        _("%(face_fen)s of “%(scheme)s”, usable until %(until)s. The certificate is on its page."),
        HOLDERS,
        must_mail=True,
    ),
    Topic(
        "voucher_expiring",
        _("A voucher is about to expire"),
        _("Voucher %(code)s expires on %(until)s"),
        _(
            "%(days)s days are left. %(available_fen)s can still be used; "
            "what is left after the last day returns to the budget."
        ),
        HOLDERS,
    ),
    Topic(
        "voucher_expired",
        _("A voucher expired"),
        _("Voucher %(code)s expired"),
        _("Its last day was %(until)s. %(returned_fen)s went back to the budget of “%(scheme)s”."),
        HOLDERS,
    ),
    Topic(
        "voucher_frozen",
        _("A voucher was frozen"),
        _("Voucher %(code)s is frozen"),
        _("It pays nothing until the bureau unfreezes it. Reason: %(reason)s"),
        HOLDERS,
        must_mail=True,
    ),
    Topic(
        "voucher_unfrozen",
        _("A voucher was unfrozen"),
        _("Voucher %(code)s pays again"),
        _("The bureau unfroze it. Reason: %(reason)s"),
        HOLDERS,
    ),
    Topic(
        "voucher_revoked",
        _("A voucher was revoked"),
        _("Voucher %(code)s is revoked"),
        _("What was left went back to the budget. Reason: %(reason)s"),
        HOLDERS,
        must_mail=True,
    ),
    Topic(
        "voucher_extended",
        _("A voucher was extended"),
        _("Voucher %(code)s is extended to %(until)s"),
        _("It can be used for longer. Reason: %(reason)s"),
        HOLDERS,
    ),
)


def register() -> None:
    """Called once when the app is ready."""
    topics.register(*APPLICATION_TOPICS, *VOUCHER_TOPICS)


def tell_applicant(
    topic: str, *, application: Application, at: datetime, once: str = "", **more: Any
) -> None:
    """Tell the applying enterprise; `once` tells one effect of the topic from the next of this application."""
    notifications.send(
        topic=topic,
        to=application.enterprise,
        key=_key(application.code, once),
        data=_of_application(application) | _plain(more),
        url=reverse("vouchers:application_detail", args=[application.code]),
        at=at,
    )


def tell_bureau(
    topic: str, *, application: Application, at: datetime, once: str = "", **more: Any
) -> None:
    """Tell the bureau of the scheme."""
    page = "review_decide" if topics.one(topic).readers == REVIEWERS else "application_detail"
    notifications.send(
        topic=topic,
        to=application.scheme.bureau,
        key=_key(application.code, once),
        data=_of_application(application) | _plain(more),
        url=reverse(f"vouchers:{page}", args=[application.code]),
        at=at,
    )


def tell_holder(topic: str, *, voucher: Voucher, at: datetime, once: str = "", **more: Any) -> None:
    """Tell the enterprise that holds the voucher."""
    data = {
        "code": voucher.code,
        "scheme": _title(voucher.scheme),
        "face_fen": voucher.face_fen,
        "until": voucher.last_day.isoformat(),
    }
    notifications.send(
        topic=topic,
        to=voucher.enterprise,
        key=_key(voucher.code, once),
        data=data | _plain(more),
        url=reverse("vouchers:wallet_voucher", args=[voucher.code]),
        at=at,
    )


def refusal(code: str) -> dict[str, str]:
    """The sentence of a refusal code in both languages."""
    words = refusals.REFUSALS[code]
    return {"zh": words.zh, "en": words.en}


def _of_application(application: Application) -> dict[str, Any]:
    return {
        "code": application.code,
        "scheme": _title(application.scheme),
        "enterprise": application.enterprise.name,
    }


def _title(scheme: Scheme) -> dict[str, str]:
    return {"zh": scheme.name, "en": scheme.name_en}


def _key(code: str, once: str) -> str:
    return f"{code}/{once}" if once else code


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in values.items()
    }
