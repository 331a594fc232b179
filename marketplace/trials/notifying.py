"""Whom trials tell what."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts import topics
from accounts.actions import notifications
from accounts.models import Organization
from accounts.permissions import Permission
from accounts.topics import Topic
from marketplace.trials.models import Trial

BUYERS = frozenset({Permission.ORDER_PLACE})
SELLERS = frozenset({Permission.PROVIDER_MANAGE})

TOPICS = (
    Topic(
        "trial_taken",
        _("A firm tries an offering"),
        _("A firm tries “%(offering)s”"),
        _("Report what it uses against the code on the trial's page. It is free up to the cap."),
        SELLERS,
    ),
    Topic(
        "trial_near",
        _("A trial is nearly over"),
        _("The trial of “%(offering)s” is nearly over"),
        _("It ends on %(until)s or when its cap is used. It stops by itself and costs nothing."),
        BUYERS,
    ),
    Topic(
        "trial_ended",
        _("A trial is over"),
        _("The trial of “%(offering)s” is over"),
        _("Nothing is billed for it. Order a bundle with this offering to go on."),
        BUYERS | SELLERS,
    ),
)


def register() -> None:
    """Called once when the app is ready."""
    topics.register(*TOPICS)


def taken(*, trial: Trial, at: datetime) -> None:
    """Tell the provider."""
    _send("trial_taken", trial.offering.provider.organization, trial, at)


def nearly_over(*, trial: Trial, at: datetime) -> None:
    """Tell the firm."""
    _send("trial_near", trial.enterprise, trial, at)


def ended(*, trial: Trial, at: datetime) -> None:
    """Tell both."""
    _send("trial_ended", trial.enterprise, trial, at)
    _send("trial_ended", trial.offering.provider.organization, trial, at)


def _send(topic: str, to: Organization, trial: Trial, at: datetime) -> None:
    data = {"offering": trial.offering.name, "until": trial.ends_at.date().isoformat()}
    notifications.send(
        topic=topic, to=to, key=trial.code, data=data, url=trial.get_absolute_url(), at=at
    )
