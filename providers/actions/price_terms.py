"""Which prices hold for a running subscription: its buyer may let those of its first day go."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common.errors import DomainError, Forbidden
from common.periods import local_day
from providers.models import Subscription


class FollowsTooEarly(DomainError):
    """Usage up to today is billed at the prices that hold today."""

    code = "price_terms_in_past"


@transaction.atomic
def follow_list(
    *, by: Actor, subscription: Subscription, from_day: date, at: datetime
) -> Subscription:
    """Let the prices of the first day go: from a day on each day's price list holds.

    Only the enterprise that runs it, for tomorrow at the earliest; it cannot be taken back, and a
    subscription that follows the list from that day or earlier stays as it is. Locks the
    subscription. Raises Forbidden, FollowsTooEarly.
    """
    by.require(Permission.ORDER_PLACE)
    if by.own().pk != subscription.enterprise_id:
        raise Forbidden(_("Only the enterprise that ordered it can choose its prices."))
    locked = Subscription.objects.select_for_update(no_key=True).get(pk=subscription.pk)
    if locked.prices_held_until is not None and locked.prices_held_until <= from_day:
        return locked
    if from_day <= local_day(at):
        earliest = local_day(at) + timedelta(days=1)
        message = _("Usage of today is billed at today's terms. Choose %(day)s or a later day.") % {
            "day": earliest
        }
        raise FollowsTooEarly(message, errors={"from_day": message})
    locked.prices_held_until = from_day
    locked.save(update_fields=["prices_held_until"])
    data = {"from_day": from_day.isoformat()}
    trail.record(by=by, at=at, verb="subscription.follows_list", subject=locked, data=data)
    return locked
