"""Terms of trials: what may be tried, for how long and up to how much."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common import states
from common.errors import DomainError
from common.periods import local_day
from marketplace.trials.models import TermsStatus, TrialTerms
from providers.actions import offerings, trial_goods
from providers.actions.subscriptions import MOST_UNITS
from providers.models import Offering

TRANSITIONS: states.Transitions = {TermsStatus.OPEN: frozenset({TermsStatus.CLOSED})}
LONGEST_DAYS = 90


class InvalidTerms(DomainError):
    """Days or caps that cannot be meant; `errors` names the field."""

    code = "invalid_trial_terms"


@transaction.atomic
def state(
    *, by: Actor, offering: Offering, days: int, units: Mapping[str, int], at: datetime
) -> TrialTerms:
    """Let firms try an own offering, free up to `units` of each of its meters, for so many days.

    New terms hold for trials taken from now on. Locks the offering. Raises Forbidden, InvalidTerms.
    """
    by.require(Permission.PROVIDER_MANAGE)
    locked = offerings.lock_own(by=by, offering=offering)
    _check(locked, days, units, at)
    goods = trial_goods.make(by=by, offering=locked, meters=units, at=at)
    made, _created = TrialTerms.objects.update_or_create(
        offering=locked,
        defaults={
            "goods": goods,
            "days": days,
            "units": dict(sorted(units.items())),
            "status": TermsStatus.OPEN,
            "stated_at": at,
            "stated_by": by.user,
        },
    )
    data = {"days": days, "units": made.units}
    trail.record(by=by, at=at, verb="offering.trial_stated", subject=locked, data=data)
    return made


@transaction.atomic
def close(*, by: Actor, offering: Offering, at: datetime) -> None:
    """Take no more trials; those that run go on to their end. Again, nothing changes."""
    by.require(Permission.PROVIDER_MANAGE)
    locked = offerings.lock_own(by=by, offering=offering)
    for terms in TrialTerms.objects.filter(offering=locked, status=TermsStatus.OPEN):
        states.move(terms, to=TermsStatus.CLOSED, transitions=TRANSITIONS)
        trail.record(by=by, at=at, verb="offering.trial_closed", subject=locked)


def _check(offering: Offering, days: int, units: Mapping[str, int], at: datetime) -> None:
    if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= LONGEST_DAYS:
        message = _("Enter 1 to 90 days.")
        raise InvalidTerms(message, errors={"days": message})
    priced = set(offering.rates.in_force_on(local_day(at)).values_list("meter", flat=True))
    if not priced or set(units) != priced:
        message = _("State a cap for each meter that the offering has a price for today.")
        raise InvalidTerms(message, errors={"units": message})
    for value in units.values():
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST_UNITS:
            message = _("Enter a cap above zero for each meter.")
            raise InvalidTerms(message, errors={"units": message})
