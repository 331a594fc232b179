"""Bundles: create, publish, retire."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common import states
from common.codes import new_code
from common.errors import DomainError, Forbidden
from common.money import MAX_FEN
from marketplace.catalog.models import Bundle, BundleItem, BundleStatus, OperatedBy, Scenario
from marketplace.catalog.rules import chains
from providers.actions import registrations
from providers.models import Layer, Offering, OfferingStatus, Provider, ProviderStatus

TRANSITIONS: states.Transitions = {
    BundleStatus.DRAFT: frozenset({BundleStatus.PUBLISHED}),
    BundleStatus.PUBLISHED: frozenset({BundleStatus.RETIRED}),
}
LONGEST_DAYS = 365


class InvalidBundle(DomainError):
    """The chain or the figures of a bundle are impossible; `codes` names every fault."""

    code = "invalid_bundle"

    def __init__(self, message: str | Promise, *, codes: Sequence[str], **values: object) -> None:
        super().__init__(message, **values)  # type: ignore[arg-type]
        self.codes = tuple(codes)


WORDS: dict[str, Promise] = {
    "layer_missing": _("The chain lacks an offering on this layer: %(subject)s."),
    "layers_contradict": _("The chain has two offerings on this layer: %(subject)s. Keep one."),
    "offering_repeated": _("An offering is in the chain twice: %(subject)s."),
    "offering_not_listed": _("An offering is not for sale at present: %(subject)s."),
    "own_offering_missing": _("Put at least one of your own offerings into the chain."),
    "chain_too_long": _("The chain is too long. Keep at most 12 offerings."),
}


@transaction.atomic
def create(
    *,
    by: Actor,
    name: str,
    summary: str,
    offerings: Sequence[Offering],
    scenarios: Sequence[Scenario],
    start_cost_fen: int,
    notice_days: int,
    days_to_first_use: int,
    operated_by: str,
    at: datetime,
) -> Bundle:
    """Draft a bundle: one chain, bottom layer first whatever the order given. Raises InvalidBundle.

    `start_cost_fen` is what has to be paid before the first use; the days are calendar days.
    """
    by.require(Permission.BUNDLE_PUBLISH)
    publisher = registrations.own(by=by)
    _check_figures(scenarios, start_cost_fen, notice_days, days_to_first_use, operated_by)
    chain = _chain(offerings, publisher)
    bundle = Bundle.objects.create(
        code=new_code("BN"),
        publisher=publisher,
        name=name,
        summary=summary,
        start_cost_fen=start_cost_fen,
        notice_days=notice_days,
        days_to_first_use=days_to_first_use,
        operated_by=operated_by,
    )
    BundleItem.objects.bulk_create(
        BundleItem(bundle=bundle, offering=offering, position=position)
        for position, offering in enumerate(chain, start=1)
    )
    bundle.scenarios.set(scenarios)
    codes = [offering.code for offering in chain]
    trail.record(by=by, at=at, verb="bundle.created", subject=bundle, data={"offerings": codes})
    return bundle


@transaction.atomic
def publish(*, by: Actor, bundle: Bundle, at: datetime) -> Bundle:
    """Put a bundle on the shelf; its whole chain must be for sale now.

    Raises InvalidBundle, WrongState.
    """
    by.require(Permission.BUNDLE_PUBLISH)
    locked = _lock_own(by, bundle)
    if locked.publisher.status != ProviderStatus.VERIFIED:
        raise InvalidBundle(
            _("The bureau has not verified your registration yet. You can publish it after that."),
            codes=["provider_not_verified"],
        )
    _chain(list(locked.offerings.order_by("pk")), locked.publisher)
    states.move(
        locked,
        to=BundleStatus.PUBLISHED,
        transitions=TRANSITIONS,
        published_at=at,
        published_by=by.user,
    )
    trail.record(by=by, at=at, verb="bundle.published", subject=locked)
    return locked


@transaction.atomic
def retire(*, by: Actor, bundle: Bundle, at: datetime) -> Bundle:
    """Take a bundle off the shelf; running orders go on. Raises WrongState."""
    by.require(Permission.BUNDLE_PUBLISH)
    locked = _lock_own(by, bundle)
    states.move(locked, to=BundleStatus.RETIRED, transitions=TRANSITIONS)
    trail.record(by=by, at=at, verb="bundle.retired", subject=locked)
    return locked


def _lock_own(by: Actor, bundle: Bundle) -> Bundle:
    locked = (
        Bundle.objects.select_for_update(of=("self",))
        .select_related("publisher")
        .filter(pk=bundle.pk, publisher__organization=by.own())
        .first()
    )
    if locked is None:
        raise Forbidden(_("This bundle belongs to another provider. Choose one of your own."))
    return locked


def _chain(offerings: Sequence[Offering], publisher: Provider) -> list[Offering]:
    """The offerings from the bottom layer up; InvalidBundle with every fault."""
    fresh = Offering.objects.select_related("provider").in_bulk([row.pk for row in offerings])
    rows = [fresh[row.pk] for row in offerings]
    faults = chains.faults_of([_link(row) for row in rows], publisher.code)
    if faults:
        names = {row.code: row.name for row in rows} | dict(Layer.choices)
        words = [
            str(WORDS[fault.code]) % {"subject": names.get(fault.subject, fault.subject)}
            for fault in faults
        ]
        raise InvalidBundle(
            _("The chain cannot be offered as a bundle. Correct the following."),
            codes=[fault.code for fault in faults],
            errors={"offerings": " ".join(words)},
        )
    return sorted(rows, key=lambda row: (chains.position_of(row.layer), row.pk))


def _link(offering: Offering) -> chains.Link:
    return chains.Link(
        offering=offering.code,
        layer=offering.layer,
        provider=offering.provider.code,
        is_listed=offering.status == OfferingStatus.LISTED
        and offering.provider.status == ProviderStatus.VERIFIED,
    )


def _check_figures(
    scenarios: Sequence[Scenario],
    start_cost_fen: int,
    notice_days: int,
    days_to_first_use: int,
    operated_by: str,
) -> None:
    errors: dict[str, Promise] = {}
    if not scenarios:
        errors["scenarios"] = _("Choose at least one scenario.")
    if not 0 <= start_cost_fen <= MAX_FEN:
        errors["start_cost_fen"] = _("Enter an amount that is not below zero.")
    for field, days in (("notice_days", notice_days), ("days_to_first_use", days_to_first_use)):
        if not 0 <= days <= LONGEST_DAYS:
            errors[field] = _("Enter a number of days between 0 and 365.")
    if operated_by not in OperatedBy.values:
        errors["operated_by"] = _("Choose who operates it.")
    if errors:
        raise InvalidBundle(
            _("The bundle cannot be offered as entered. Correct the fields named."),
            codes=["invalid_figures"],
            errors=errors,
        )
