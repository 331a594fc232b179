"""Who must keep out of a decision (回避): people of the applicant, and whoever decided before."""

from collections.abc import Collection

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import Membership, User
from common.errors import Forbidden
from vouchers.grants.models import Application


class ApprovalByApplicant(Forbidden):
    """The officer is, or was, a member of the applying enterprise."""

    code = "approval_by_applicant"


class SameReviewer(Forbidden):
    """The officer already decided on this application."""

    code = "same_reviewer"


class SameOfficer(Forbidden):
    """What one person proposed another person must approve."""

    code = "same_officer"


def require_stranger(*, person: User, enterprise_ids: Collection[int]) -> None:
    """Nobody who is or ever was a member of the enterprise decides, under any account of that human."""
    same_human = Q(user=person)
    if person.person_key:
        same_human |= Q(user__person_key=person.person_key)
    if Membership.objects.filter(same_human, organization__in=enterprise_ids).exists():
        raise ApprovalByApplicant(
            _("You belong or belonged to the applying enterprise. Another officer must decide.")
        )


def require_undecided(*, person: User, application: Application) -> None:
    """Nobody decides twice on one application, under any account of that human."""
    earlier = application.reviews.select_related("decided_by")
    if any(review.decided_by.is_same_person(person) for review in earlier):
        raise SameReviewer(_("You did the first review. The second one needs another person."))


def require_second(*, person: User, proposer: User) -> None:
    """The second signature is another human's."""
    if person.is_same_person(proposer):
        raise SameOfficer(_("You proposed this. Another officer must approve it."))


def bar(*, by: Actor, application: Application) -> str:
    """The code of the refusal that `by` would meet for reasons of person; "" for none."""
    try:
        require_stranger(person=by.user, enterprise_ids=[application.enterprise_id])
        require_undecided(person=by.user, application=application)
    except Forbidden as refusal:
        return refusal.code
    return ""
