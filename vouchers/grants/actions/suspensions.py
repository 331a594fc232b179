"""Suspensions: for a time an organization is granted, issued and settled nothing. They end by themselves."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.models import Organization
from common.display import moment_text
from common.errors import Conflict
from vouchers.grants.models import Application, Suspension


class Suspended(Conflict):
    """A credit consequence of the bureau runs; `suspension` is it."""

    code = "credit_suspended"

    def __init__(self, suspension: Suspension) -> None:
        super().__init__(
            _(
                "%(name)s is suspended until %(until)s (case %(case)s): until then nothing is approved, issued or"
                " settled for it. This ends by itself."
            )
            % {
                "name": suspension.organization.name,
                "until": moment_text(suspension.last_day),
                "case": suspension.reference,
            }
        )
        self.suspension = suspension


@transaction.atomic
def impose(
    *,
    by: Actor,
    bureau: Organization,
    organization: Organization,
    reference: str,
    reason: str,
    ends_at: datetime,
    at: datetime,
) -> Suspension:
    """Suspend an organization from now until a moment, inside the transaction of what imposes it.

    Waits for approvals, issues and settlements of the organization that are under way (locks its row).
    """
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    made = Suspension.objects.create(
        bureau=bureau, organization=organization, reference=reference, reason=reason,
        begins_at=at, ends_at=ends_at, imposed_at=at, imposed_by=by.user,
    )  # fmt: skip
    data = {"reference": reference, "ends_at": ends_at.isoformat()}
    trail.record(by=by, at=at, verb="suspended", subject=organization, data=data)
    return made


def running(
    *, bureau: Organization, organization_ids: Collection[int], at: datetime
) -> dict[int, Suspension]:
    """What runs now, by organization; the one that ends last where there are several. One query."""
    rows = Suspension.objects.running_at(at).filter(
        bureau=bureau, organization__in=organization_ids
    )
    found = rows.select_related("organization").order_by("ends_at", "pk")
    return {each.organization_id: each for each in found}


def require_none(*, bureau: Organization, organization_ids: Collection[int], at: datetime) -> None:
    """Raise Suspended when one runs. Locks the organizations, so that one imposed meanwhile is not missed."""
    rows = Organization.objects.select_for_update(no_key=True).filter(pk__in=organization_ids)
    list(rows.order_by("pk").values_list("pk", flat=True))
    found = running(bureau=bureau, organization_ids=organization_ids, at=at)
    if found:
        raise Suspended(min(found.values(), key=lambda each: each.pk))


def against(*, organization: Organization | None, at: datetime) -> list[Suspension]:
    """What runs against an organization from any bureau, for its own pages. One query."""
    rows = Suspension.objects.running_at(at).filter(organization=organization)
    return list(rows.select_related("bureau", "organization").order_by("ends_at", "pk"))


def of_applicant(*, application: Application, at: datetime) -> list[Suspension]:
    """What the scheme's bureau holds against the applicant now, for the pages of the application. One query."""
    found = running(
        bureau=application.scheme.bureau, organization_ids=[application.enterprise_id], at=at
    )
    return list(found.values())
