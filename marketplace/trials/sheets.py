"""Trials as pages show them."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.components import Fact
from common.display import moment_text
from marketplace.matching import wording
from marketplace.trials.models import Trial, TrialStatus, TrialTerms
from marketplace.trials.rules import caps


@dataclass(frozen=True, slots=True)
class Row:
    """A trial with how much of its cap is used."""

    trial: Trial
    used: list[str]
    percent: int


def row_of(trial: Trial, used: Mapping[str, int]) -> Row:
    """One trial with its use meter by meter."""
    lines = [
        _("%(meter)s: %(used)s of %(cap)s")
        % {
            "meter": wording.meter_name(meter),
            "used": wording.units_text(meter, used.get(meter, 0)),
            "cap": wording.units_text(meter, units),
        }
        for meter, units in trial.units.items()
    ]
    return Row(trial, lines, caps.used_percent(trial.units, used))


def facts_of(trial: Trial) -> list[Fact]:
    """Who tries what until when, and that it is free."""
    facts = [
        Fact(_("Offering"), trial.offering.name),
        Fact(_("Provider"), trial.offering.provider.organization.name),
        Fact(_("Enterprise"), trial.enterprise.name),
        Fact(_("Price"), _("Free. It stops by itself at its last moment or when a cap is used.")),
        Fact(_("Code for usage"), trial.subscription.code),
        Fact(_("Began on"), moment_text(trial.taken_at)),
        Fact(_("Ends on"), moment_text(trial.ends_at)),
    ]
    if trial.status == TrialStatus.ENDED and trial.ended_at is not None:
        facts[-1:] = [
            Fact(_("Ended on"), moment_text(trial.ended_at)),
            Fact(_("Why it ended"), trial.get_reason_display()),
        ]
    return facts


def terms_text(terms: TrialTerms) -> str:
    """Free for so many days, up to so much."""
    days = ngettext("%(days)s day free", "%(days)s days free", terms.days) % {"days": terms.days}
    units = "、".join(
        f"{wording.meter_name(meter)} {wording.units_text(meter, amount)}"
        for meter, amount in terms.units.items()
    )
    return _("%(days)s, up to %(units)s") % {"days": days, "units": units}
