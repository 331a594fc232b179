"""What a provider still has to do before it can sell: one checklist for the page and the home."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Actor, can
from accounts.models import OrganizationKind
from accounts.permissions import Permission
from common.components import Task
from providers.models import (
    Capacity,
    Facility,
    Offering,
    OfferingStatus,
    Provider,
    ProviderStatus,
    Rate,
)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a provider has come; `status` is empty before anything was submitted."""

    status: str = ""
    remark: str = ""
    has_facility: bool = False
    has_offering: bool = False
    has_price: bool = False
    has_capacity: bool = False
    has_listed: bool = False


def progress_of(actor: Actor) -> Progress:
    """Read the progress of the actor's organization; one query."""
    own = Offering.objects.filter(provider=OuterRef("pk"))
    row = (
        Provider.objects.filter(organization=actor.organization)
        .annotate(
            has_facility=Exists(Facility.objects.filter(provider=OuterRef("pk"))),
            has_offering=Exists(own),
            has_price=Exists(Rate.objects.filter(offering__provider=OuterRef("pk"))),
            has_capacity=Exists(Capacity.objects.filter(offering__provider=OuterRef("pk"))),
            has_listed=Exists(own.filter(status=OfferingStatus.LISTED)),
        )
        .values(
            "status",
            "remark",
            "has_facility",
            "has_offering",
            "has_price",
            "has_capacity",
            "has_listed",
        )
        .first()
    )
    return Progress(**row) if row else Progress()


def needs_onboarding(actor: Actor | None) -> bool:
    """Whether the checklist concerns the actor at all."""
    return (
        actor is not None
        and actor.is_kind(OrganizationKind.PROVIDER)
        and can(actor, Permission.PROVIDER_MANAGE)
    )


def tasks_of(progress: Progress) -> list[Task]:
    """The seven steps in order, each with its state and where to do it."""
    known = progress.status not in {"", ProviderStatus.DRAFT}
    return [
        _registration(progress, known),
        _verification(progress, known),
        _step(
            _("Add a facility"),
            progress.has_facility,
            known,
            reverse("providers:facility_list"),
            _("Where it stands and what it can deliver."),
        ),
        _step(
            _("Create an offering"),
            progress.has_offering,
            known,
            reverse("providers:offering_create"),
            _("What you sell, on which layer."),
        ),
        *_offering_steps(progress),
    ]


def _offering_steps(progress: Progress) -> list[Task]:
    """Price, capacity and listing: done on the page of an offering."""
    url, exists = reverse("providers:offering_own"), progress.has_offering
    can_list = progress.status == ProviderStatus.VERIFIED and progress.has_price
    price = _("For each meter, from a day on.")
    capacity = _("By month; without it nothing is reserved.")
    listing = _("Possible once the bureau has verified you and a price is in force.")
    return [
        _step(_("Set a price"), progress.has_price, exists, url, price),
        _step(_("Declare capacity"), progress.has_capacity, exists, url, capacity),
        _step(_("List it in the catalog"), progress.has_listed, can_list, url, listing),
    ]


def missing_count(progress: Progress) -> int:
    """How many steps are still open for the provider itself (waiting for the bureau is not one)."""
    done = (
        progress.status not in {"", ProviderStatus.DRAFT, ProviderStatus.REFUSED},
        progress.has_facility,
        progress.has_offering,
        progress.has_price,
        progress.has_capacity,
        progress.has_listed,
    )
    return sum(not each for each in done)


def _step(label: str, is_done: bool, is_open: bool, url: str, hint: str) -> Task:
    if is_done:
        return Task(label, _("Done"), "good", "circle-check", url, hint)
    if is_open:
        return Task(label, _("To do"), "warn", "circle-dashed", url, hint)
    return Task(label, _("Not yet possible"), "neutral", "lock", "", hint)


def _registration(progress: Progress, known: bool) -> Task:
    label, url = _("Submit the registration"), reverse("providers:registration_submit")
    if progress.status == ProviderStatus.REFUSED:
        return Task(label, _("Correct it"), "bad", "alert-circle", url, progress.remark)
    return _step(label, known, True, url, _("License and contact, for the bureau."))


def _verification(progress: Progress, known: bool) -> Task:
    label, hint = _("Verification by the bureau"), _("Usually within a few working days.")
    if progress.status == ProviderStatus.SUBMITTED:
        return Task(label, _("With the bureau"), "info", "hourglass", "", hint)
    return _step(label, progress.status == ProviderStatus.VERIFIED, False, "", hint)
