"""Trials: take one, end it by day, cap or wish, turn it into an order."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.models import Organization, OrganizationKind
from accounts.permissions import Permission
from common import states
from common.codes import new_code
from common.errors import Conflict, Forbidden
from marketplace.catalog.models import Bundle
from marketplace.matching.models import Need
from marketplace.orders.actions import orders
from marketplace.orders.models import Order
from marketplace.trials import notifying
from marketplace.trials.models import TermsStatus, Trial, TrialStatus, TrialTerms
from marketplace.trials.rules import caps
from marketplace.trials.rules.caps import Ending
from providers.actions import subscriptions
from providers.models import Offering, Subscription, SubscriptionStatus
from vouchers.billing.actions.metering import usage_caps
from vouchers.billing.actions.metering.usage_caps import Standing

TRANSITIONS: states.Transitions = {TrialStatus.RUNNING: frozenset({TrialStatus.ENDED})}


class NoTrial(Conflict):
    """The offering cannot be tried (any more)."""

    code = "no_trial"


class TriedBefore(Conflict):
    """A firm tries an offering once."""

    code = "tried_before"


@transaction.atomic
def take(*, by: Actor, offering: Offering, at: datetime) -> Trial:
    """Try an offering: a subscription at zero that takes no usage after the trial's last moment.

    While it runs, a second call answers with the same trial. Locks the enterprise, then the offering.
    Raises Forbidden, NoTrial, TriedBefore, and what starting a subscription raises.
    """
    by.require(Permission.ORDER_PLACE)
    if not by.is_kind(OrganizationKind.ENTERPRISE):
        raise Forbidden(_("Only an enterprise can try an offering."))
    firm = Organization.objects.select_for_update(no_key=True).get(pk=by.own().pk)
    known = Trial.objects.filter(enterprise=firm, offering=offering).first()
    if known is not None and known.status == TrialStatus.RUNNING:
        return known
    if known is not None:
        raise TriedBefore(
            _("Your firm tried this offering before. It can be tried once; order it.")
        )
    terms = TrialTerms.objects.filter(offering=offering, status=TermsStatus.OPEN).first()
    if terms is None:
        raise NoTrial(_("This offering cannot be tried at present. State a need to order it."))
    code, ends_at = new_code("TR"), at + timedelta(days=terms.days)
    subscription = subscriptions.start(
        by=by,
        enterprise=firm,
        offering=terms.goods,
        reference=code,
        units_per_month={},
        at=at,
        ends_at=ends_at,
    )
    made = Trial.objects.create(
        code=code,
        enterprise=firm,
        offering=offering,
        subscription=subscription,
        units=terms.units,
        taken_at=at,
        taken_by=by.user,
        ends_at=ends_at,
    )
    usage_caps.state(subscription=subscription, units=terms.units)
    trail.record(by=by, at=at, verb="trial.taken", subject=made, data={"offering": offering.code})
    notifying.taken(trial=made, at=at)
    return made


@transaction.atomic
def take_bundle(*, by: Actor, bundle: Bundle, at: datetime) -> list[Trial]:
    """Try every part of a bundle that can be tried, all or none. As `take`, in order of the parts' keys.

    Parts that the firm tried before are left out; raises TriedBefore or NoTrial where nothing is left.
    """
    by.require(Permission.ORDER_PLACE)
    over = Trial.objects.filter(enterprise=by.own(), status=TrialStatus.ENDED)
    open_terms = TrialTerms.objects.filter(
        offering__in=bundle.offerings.values("pk"), status=TermsStatus.OPEN
    )
    if not open_terms.exists():
        raise NoTrial(
            _("Nothing in this bundle can be tried at present. State a need to order it.")
        )
    left = open_terms.exclude(offering__in=over.values("offering")).select_related("offering")
    made = [take(by=by, offering=row.offering, at=at) for row in left.order_by("offering_id")]
    if not made:
        raise TriedBefore(_("Your firm tried this bundle before. It can be tried once; order it."))
    return made


@transaction.atomic
def stop(*, by: Actor, trial: Trial, at: datetime) -> Trial:
    """End a trial before its time. Again, nothing changes. Locks the trial. Raises Forbidden."""
    locked = _lock_own(by, trial)
    if locked.status == TrialStatus.RUNNING:
        _end(locked, Ending.STOPPED, at)
    return locked


@transaction.atomic
def turn(*, by: Actor, trial: Trial, need: Need, bundle: Bundle, at: datetime) -> Order:
    """Order a bundle with the offering that was tried; the trial ends as the order begins.

    What was used in the trial stays free. Locks the trial, then as `orders.place`. Raises Forbidden,
    NoTrial where the bundle lacks the offering, and what `orders.place` raises.
    """
    locked = _lock_own(by, trial)
    if not bundle.offerings.filter(pk=locked.offering_id).exists():
        raise NoTrial(_("This bundle does not have the offering that you tried."))
    order = orders.place(by=by, need=need, bundle=bundle, at=at)
    if locked.status == TrialStatus.RUNNING:
        _end(locked, Ending.ORDERED, at)
    return order


def end_due(*, at: datetime, chunk: int = 500) -> int:
    """End trials whose days or cap are used up, or that were ordered; tell of those nearly over.

    Returns how many end. An idempotent tick that walks all running trials by primary key, so many at
    a time, each in its own transaction; what was used is read from their caps.
    """
    ended, last = 0, 0
    while running := list(Trial.objects.running().filter(pk__gt=last).order_by("pk")[:chunk]):
        standings = usage_caps.standings(subscription_ids=[row.subscription_id for row in running])
        bought = _bought(running)
        ended += sum(
            _look_at(row.pk, standings.get(row.subscription_id, {}), row.pk in bought, at)
            for row in running
        )
        last = running[-1].pk
    return ended


def used_of(*, trials: Collection[Trial]) -> dict[int, dict[str, int]]:
    """Base units used of each meter's cap, of each trial by key. One query."""
    found = usage_caps.standings(subscription_ids=[trial.subscription_id for trial in trials])
    return {trial.pk: _units(found.get(trial.subscription_id, {})) for trial in trials}


def _units(standings: Mapping[str, Standing]) -> dict[str, int]:
    return {meter: standing.used_units for meter, standing in standings.items()}


def _bought(running: Collection[Trial]) -> set[int]:
    """Keys of trials whose firm has since ordered the offering by itself. One query."""
    rows = Subscription.objects.filter(
        offering__in=[trial.offering_id for trial in running],
        enterprise__in=[trial.enterprise_id for trial in running],
    ).values_list("enterprise_id", "offering_id", "starts_at")
    begun: dict[tuple[int, int], datetime] = {}
    for firm, offering, starts_at in rows.order_by("starts_at"):
        begun[firm, offering] = starts_at
    return {
        trial.pk
        for trial in running
        if begun.get((trial.enterprise_id, trial.offering_id), trial.taken_at) > trial.taken_at
    }


@transaction.atomic
def _look_at(pk: int, standings: Mapping[str, Standing], is_bought: bool, at: datetime) -> int:
    trial, used = _lock(pk), _units(standings)
    is_passed = any(standing.is_passed for standing in standings.values())
    if trial.status != TrialStatus.RUNNING:
        return 0
    reason = caps.ending(trial.units, used, is_passed=is_passed, ends_at=trial.ends_at, at=at)
    if is_bought and reason is None:
        reason = Ending.ORDERED
    if reason is not None:
        _end(trial, reason, at)
        return 1
    if trial.warned_at is None and caps.is_near(trial.units, used, ends_at=trial.ends_at, at=at):
        trial.warned_at = at
        trial.save(update_fields=["warned_at"])
        notifying.nearly_over(trial=trial, at=at)
    return 0


def _end(trial: Trial, reason: Ending, at: datetime) -> None:
    """End a locked trial's subscription, at its last moment at the latest."""
    moment = min(at, trial.ends_at)
    person = orders.acting_for_firm(trial.enterprise, trial.taken_by)
    if trial.subscription.status != SubscriptionStatus.ENDED:
        subscriptions.end(by=person, subscription=trial.subscription, at=moment)
    states.move(
        trial, to=TrialStatus.ENDED, transitions=TRANSITIONS, reason=reason.value, ended_at=moment
    )
    data = {"reason": reason.value}
    trail.record(by=None, at=at, verb="trial.ended", subject=trial, data=data)
    notifying.ended(trial=trial, at=at)


def _lock(pk: int) -> Trial:
    rows = Trial.objects.select_for_update(of=("self",)).select_related(
        "enterprise", "taken_by", "subscription", "offering__provider__organization"
    )
    return rows.get(pk=pk)


def _lock_own(by: Actor, trial: Trial) -> Trial:
    by.require(Permission.ORDER_PLACE)
    if by.own().pk != trial.enterprise_id:
        raise Forbidden(_("Only the firm that tries an offering can do this."))
    return _lock(trial.pk)
