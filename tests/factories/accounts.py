"""Dull people and organizations."""

import itertools
import time
from datetime import UTC, datetime
from typing import Any

from django.contrib.sessions.backends.base import SessionBase

from accounts.access import Actor
from accounts.actions import actors
from accounts.models import Membership, Organization, OrganizationKind, Role, Size, User
from common.codes import new_code

NOW = datetime(2026, 10, 12, 2, 0, tzinfo=UTC)
"""10:00 on a Monday in Asia/Shanghai."""

_numbers = itertools.count(1)


def user(**values: Any) -> User:
    """A person with password "correct horse battery"."""
    number = next(_numbers)
    person = User(**{"email": f"person{number}@example.com", "name": f"张三{number}", **values})
    person.set_password("correct horse battery")
    person.save()
    return person


def organization(kind: str = OrganizationKind.ENTERPRISE, **values: Any) -> Organization:
    """A small manufacturer in Qingyang (or a provider, or a bureau)."""
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "code": new_code("OR"),
        "kind": kind,
        "name": f"庆阳测试企业{number}有限公司",
        "uscc": f"91621000MA{number:08d}",
        "region": "621002",
        "created_at": NOW,
        "legal_person": "李四",
    }
    if kind == OrganizationKind.ENTERPRISE:
        defaults |= {
            "industry": "3484",
            "section": "C",
            "employees": 40,
            "revenue_fen": 1200 * 10_000 * 100,
            "assets_fen": 800 * 10_000 * 100,
            "size": Size.SMALL,
            "size_standard": "cn-2011-300",
        }
    return Organization.objects.create(**{**defaults, **values})


def member(organization: Organization, *roles: str, **values: Any) -> Actor:
    """A new person with those roles in the organization, as an actor."""
    person = user(**values)
    for role in roles:
        Membership.objects.create(user=person, organization=organization, role=role, created_at=NOW)
    return actors.for_member(user=person, organization=organization)


def preparer(enterprise: Organization | None = None) -> Actor:
    """经办人 of an enterprise."""
    return member(enterprise or organization(), Role.PREPARER)


def signatory(enterprise: Organization | None = None) -> Actor:
    """授权人 of an enterprise."""
    return member(enterprise or organization(), Role.SIGNATORY)


def bureau(**values: Any) -> Organization:
    """A bureau."""
    return organization(
        OrganizationKind.BUREAU, **{"name": "庆阳市工业和信息化局", "region": "621000", **values}
    )


def officer(office: Organization | None = None, *roles: str) -> Actor:
    """A bureau officer; a scheme officer unless roles are given."""
    return member(office or bureau(), *(roles or (Role.SCHEME_OFFICER,)))


def confirm(session: SessionBase) -> None:
    """Have the session's person said again who they are just now; the caller saves it."""
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    record = {"method": "password", "at": time.time(), "reauthenticated": True}
    session["account_authentication_methods"] = [record]
