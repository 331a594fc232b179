"""The people and organizations of the demonstration, made through the actions of accounts."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password

from accounts.access import Actor
from accounts.actions import actors, members, organizations, people
from accounts.models import Organization, OrganizationKind, Role, User
from accounts.rules import identity, uscc
from marketplace.demo.firms import Firm
from marketplace.demo.sign_ins import DOMAIN, PASSWORD
from marketplace.demo.supply import Supplier


@dataclass(slots=True)
class Team:
    """An organization and the actors who work for it, by role."""

    organization: Organization
    actors: dict[str, Actor] = field(default_factory=dict)

    def __getitem__(self, role: str) -> Actor:
        """The actor who holds a role."""
        return self.actors[role]


def let_in(teams: Iterable[Team]) -> None:
    """Let the teams' people sign in with the printed password; all others would set one by mail.

    It is hashed once: a salt for each account protects nothing that is printed for everybody.
    """
    people_of = {actor.user.pk for team in teams for actor in team.actors.values() if actor.user}
    User.objects.filter(pk__in=people_of).update(password=make_password(PASSWORD))


def credit_code(region: str, serial: int) -> str:
    """A well-formed code for an invented company: 91, region, MA and a serial number, check symbol."""
    body = f"91{region}MAD{serial:06d}"
    return body + uscc.check_symbol(body)


def human(email: str) -> str:
    """The key of the invented human behind an account.

    The number is well-formed, but no place has the code 990000, so it is nobody's.
    """
    serial = int.from_bytes(hashlib.sha256(email.encode()).digest()[:4], "big")
    born = date(1965, 1, 1) + timedelta(days=serial % 12_000)
    body = f"990000{born:%Y%m%d}{serial // 12_000 % 1000:03d}"
    return identity.person_key(body + identity.check_symbol(body), settings.SECRET_KEY)


def _add(
    team: Team,
    manager: Actor,
    role: str,
    *,
    email: str,
    name: str,
    at: datetime,
) -> None:
    added = members.add(
        by=manager,
        email=email,
        name=name,
        role=role,
        person_key=human(email),
        at=at,
    )
    people.vouch_for_address(email=email, at=at)
    team.actors[role] = actors.for_member(user=added.user, organization=team.organization)


def found_bureau(
    *,
    slug: str,
    name: str,
    region: str,
    serial: int,
    staff: Sequence[tuple[str, str]],
    at: datetime,
) -> Team:
    """A bureau; `staff` holds (role, name), the first one being the scheme officer."""
    first_role, first_name = staff[0]
    organization = organizations.found_bureau(
        name=name,
        uscc=credit_code(region, serial),
        region=region,
        email=f"{first_role}@{slug}.{DOMAIN}",
        officer_name=first_name,
        person_key=human(f"{first_role}@{slug}.{DOMAIN}"),
        at=at,
    )
    people.vouch_for_address(email=f"{first_role}@{slug}.{DOMAIN}", at=at)
    team = Team(organization)
    chief = User.objects.get(email=f"{first_role}@{slug}.{DOMAIN}")
    team.actors[first_role] = actors.for_member(user=chief, organization=organization)
    for role, person in staff[1:]:
        many = sum(known.startswith(role) for known in team.actors)
        held = f"{role}{many + 1}" if many else role
        added = members.add(
            by=team[first_role],
            email=f"{held}@{slug}.{DOMAIN}",
            name=person,
            role=role,
            person_key=human(f"{held}@{slug}.{DOMAIN}"),
            at=at,
        )
        people.vouch_for_address(email=f"{held}@{slug}.{DOMAIN}", at=at)
        team.actors[held] = actors.for_member(user=added.user, organization=organization)
    return team


def register_firm(firm: Firm, *, at: datetime) -> Team:
    """An enterprise with an authorized signatory and a preparer."""
    owner = people.sign_up(
        email=f"signatory@{firm.slug}.{DOMAIN}",
        password=None,
        name=firm.legal_person,
        person_key=human(f"signatory@{firm.slug}.{DOMAIN}"),
        at=at,
    )
    people.vouch_for_address(email=owner.email, at=at)
    organization = organizations.register(
        by=owner,
        kind=OrganizationKind.ENTERPRISE,
        name=firm.name,
        uscc=credit_code(firm.region, firm.number),
        region=firm.region,
        industry=firm.industry,
        employees=firm.employees,
        revenue_fen=firm.revenue_fen,
        assets_fen=firm.assets_fen,
        legal_person=firm.legal_person,
        role=Role.SIGNATORY,
        at=at,
    )
    team = Team(organization)
    team.actors[Role.SIGNATORY] = actors.for_member(user=owner, organization=organization)
    _add(
        team,
        team[Role.SIGNATORY],
        Role.PREPARER,
        email=f"preparer@{firm.slug}.{DOMAIN}",
        name=f"{firm.legal_person[0]}会计",
        at=at,
    )
    return team


def register_supplier(supplier: Supplier, *, serial: int, slug: str, at: datetime) -> Team:
    """A provider's organization with an operations engineer and a finance clerk."""
    owner = people.sign_up(
        email=f"operator@{slug}.{DOMAIN}",
        password=None,
        name=supplier.legal_person,
        person_key=human(f"operator@{slug}.{DOMAIN}"),
        at=at,
    )
    people.vouch_for_address(email=owner.email, at=at)
    organization = organizations.register(
        by=owner,
        kind=OrganizationKind.PROVIDER,
        name=supplier.name,
        uscc=credit_code(supplier.region, serial),
        region=supplier.region,
        legal_person=supplier.legal_person,
        role=Role.OPERATOR,
        at=at,
    )
    team = Team(organization)
    team.actors[Role.OPERATOR] = actors.for_member(user=owner, organization=organization)
    _add(
        team,
        team[Role.OPERATOR],
        Role.PROVIDER_FINANCE,
        email=f"finance@{slug}.{DOMAIN}",
        name=f"{supplier.legal_person[0]}出纳",
        at=at,
    )
    return team
