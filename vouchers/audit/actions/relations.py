"""Who stands too near to a claim or a payment to decide on it."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, User
from common.errors import Forbidden


class Related(Forbidden):
    """The person belongs, or belonged in the time in question, to one of the parties."""

    code = "related_person"


def require_unrelated(
    *, user: User, organization_ids: Iterable[int], people: Iterable[User | None], since: datetime
) -> None:
    """Refuse who belonged to one of the organizations since then, or is one of the people.

    All accounts of one human (equal `person_key`) count as that human. Raises Related.
    """
    same = Q(user=user)
    if user.person_key:
        same |= Q(user__person_key=user.person_key)
    belonged = Q(ended_at__isnull=True) | Q(ended_at__gte=since)
    memberships = Membership.objects.filter(same, belonged, organization__in=set(organization_ids))
    is_one_of_them = any(person is not None and user.is_same_person(person) for person in people)
    if is_one_of_them or memberships.exists():
        raise Related(
            _(
                "You belong to one of the parties or took part on their side. "
                "Ask a colleague who does not."
            )
        )
