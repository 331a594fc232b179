"""What organizations share without saying so: people who work for both, and where they sign in from."""

import ipaddress
from collections import defaultdict
from collections.abc import Collection

from allauth.usersessions.models import UserSession
from django.db.models import Q

from accounts.models import Membership


def people(*, organization_ids: Collection[int]) -> dict[int, set[str]]:
    """Who works or worked for each organization; all accounts of one human are one. One query."""
    rows = Membership.objects.filter(organization__in=organization_ids)
    found: dict[int, set[str]] = defaultdict(set)
    for organization, key, code in rows.values_list(
        "organization_id", "user__person_key", "user__code"
    ):
        found[organization].add(key[:16] or code)
    return dict(found)


def sign_in_addresses(*, organization_ids: Collection[int]) -> dict[int, set[str]]:
    """Public IP addresses from which each organization's people are signed in. One query.

    Known are the sessions that have not ended. Addresses of private networks are left out: everybody behind
    one proxy has them.
    """
    working = Q(user__memberships__ended_at__isnull=True)
    rows = UserSession.objects.filter(
        working, user__memberships__organization__in=organization_ids
    ).values_list("user__memberships__organization_id", "ip")
    found: dict[int, set[str]] = defaultdict(set)
    for organization, address in rows.distinct():
        if ipaddress.ip_address(address).is_global:
            found[organization].add(str(address))
    return dict(found)
