"""An SME pool's shares: who contributes which part, from which month on."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.models import Organization, OrganizationKind
from accounts.permissions import Permission
from common.errors import Conflict, DomainError, Forbidden
from common.periods import local_day, month_start
from providers.models import WHOLE_PARTS, Facility, FacilityKind, PoolShare, PoolSplit

MOST_CONTRIBUTORS = 1_000


class NotAPool(DomainError):
    """Only an SME pool has contributors."""

    code = "not_a_pool"


class SharesNotWhole(DomainError):
    """The shares are no positive parts that add up to exactly one."""

    code = "shares_not_one"


class UnknownContributor(DomainError):
    """No enterprise or provider has that code."""

    code = "contributor_unknown"


class SplitBegan(Conflict):
    """A version begins in a month to come, behind the last one."""

    code = "split_began"


@transaction.atomic
def set_shares(
    *, by: Actor, facility: Facility, parts: Mapping[str, int], month: date, at: datetime
) -> PoolSplit:
    """State who contributes which part (code of an organization to millionths) from a month on.

    The version before ends where this one begins; what has begun is never edited, only the first
    version may begin in the present month. The seller may be one of the contributors. Locks the
    facility. Raises NotAPool, SharesNotWhole, UnknownContributor, SplitBegan.
    """
    by.require(Permission.PROVIDER_MANAGE)
    locked = _lock_own(by, facility)
    _check(parts)
    found = Organization.objects.filter(code__in=parts).exclude(kind=OrganizationKind.BUREAU)
    contributors = {each.code: each for each in found}
    unknown = sorted(set(parts) - set(contributors))
    if unknown:
        message = _("No enterprise or provider has the code %(code)s. Ask it for its code.") % {
            "code": unknown[0]
        }
        raise UnknownContributor(message, errors={"shares": message})
    last = locked.pool_splits.order_by("-number").first()
    first = month_start(month)
    present = month_start(local_day(at))
    if first < present or (last is not None and first <= max(last.effective.lower, present)):
        later = _("Choose a later month. What has begun is not changed.")
        raise SplitBegan(later, errors={"month": later})
    if last is not None:
        last.effective = DateRange(last.effective.lower, first)
        last.save(update_fields=["effective"])
    made = PoolSplit.objects.create(
        facility=locked,
        number=last.number + 1 if last else 1,
        effective=DateRange(first, None),
        stated_at=at,
        stated_by=by.user,
    )
    PoolShare.objects.bulk_create(
        PoolShare(split=made, organization=contributors[code], parts=parts[code])
        for code in sorted(parts)
    )
    data = {"version": made.number, "from": first.isoformat(), "parts": dict(parts)}
    trail.record(by=by, at=at, verb="facility.shares_stated", subject=locked, data=data)
    return made


def _check(parts: Mapping[str, int]) -> None:
    whole = all(
        isinstance(each, int) and not isinstance(each, bool) and 0 < each <= WHOLE_PARTS
        for each in parts.values()
    )
    if not (whole and 2 <= len(parts) <= MOST_CONTRIBUTORS and sum(parts.values()) == WHOLE_PARTS):
        message = _("State at least two shares above zero that add up to exactly 100 percent.")
        raise SharesNotWhole(message, errors={"shares": message})


def _lock_own(by: Actor, facility: Facility) -> Facility:
    own = Facility.objects.select_for_update(of=("self",), no_key=True)
    locked = own.filter(pk=facility.pk, provider__organization=by.own()).first()
    if locked is None:
        raise Forbidden(_("This facility belongs to another provider. Choose one of your own."))
    if locked.kind != FacilityKind.SME_POOL:
        raise NotAPool(_("Only an SME compute pool has contributors."))
    return locked
