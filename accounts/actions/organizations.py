"""Organizations: register, keep the profile true, found a bureau."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import wording
from accounts.access import Actor
from accounts.actions import members, people, trail
from accounts.models import Organization, OrganizationKind, Role, User
from accounts.permissions import Permission
from accounts.rules import industries, regions, sizes, uscc
from common.codes import new_code
from common.errors import Conflict, DomainError, Forbidden


class AlreadyRegistered(Conflict):
    """The company is registered in this kind."""

    code = "already_registered"


class BadProfile(DomainError):
    """A field of the profile is wrong; `errors` names it."""

    code = "bad_profile"


@transaction.atomic
def register(
    *,
    by: User,
    kind: str,
    name: str,
    uscc: str,
    region: str,
    industry: str = "",
    employees: int | None = None,
    revenue_fen: int | None = None,
    assets_fen: int | None = None,
    legal_person: str = "",
    role: str,
    at: datetime,
) -> Organization:
    """Register a company and give the person the first role in it.

    Enterprises need industry and the figures of its size row; providers may leave them out.
    Bureaus are founded at the console (`found_bureau`). Raises Forbidden, AlreadyRegistered,
    BadProfile, members.RoleNotAllowed.
    """
    if kind not in {OrganizationKind.ENTERPRISE, OrganizationKind.PROVIDER}:
        raise Forbidden(_("A bureau is set up by the operator of the platform. Ask there."))
    organization = Organization(
        code=new_code("OR"),
        kind=kind,
        name=name.strip(),
        uscc=_uscc(uscc),
        region=_region(region),
        employees=employees,
        revenue_fen=revenue_fen,
        assets_fen=assets_fen,
        legal_person=legal_person.strip(),
        created_at=at,
    )
    _set_size(organization, industry)
    _insert(organization)
    members.enroll(organization=organization, user=by, role=role, at=at)
    actor = Actor(by, organization, frozenset())
    trail.record(by=actor, at=at, verb="registered", subject=organization, data={"role": role})
    return organization


@transaction.atomic
def update_profile(
    *,
    by: Actor,
    name: str,
    region: str,
    industry: str,
    employees: int | None,
    revenue_fen: int | None,
    assets_fen: int | None,
    legal_person: str,
    at: datetime,
) -> Organization:
    """Change what may change; kind and code of a company never do. Size follows from the figures.

    Decisions already taken keep the facts they saw. Locks the organization.
    Raises Forbidden, BadProfile.
    """
    by.require(Permission.ORGANIZATION_MANAGE)
    organization = Organization.objects.select_for_update().get(pk=by.own().pk)
    before = _figures(organization)
    organization.name = name.strip()
    organization.region = _region(region)
    organization.employees = employees
    organization.revenue_fen = revenue_fen
    organization.assets_fen = assets_fen
    organization.legal_person = legal_person.strip()
    _set_size(organization, industry)
    organization.save()
    data = {"before": before, "after": _figures(organization)}
    trail.record(by=by, at=at, verb="updated", subject=organization, data=data)
    return organization


@transaction.atomic
def found_bureau(
    *,
    name: str,
    uscc: str,
    region: str,
    email: str,
    officer_name: str,
    at: datetime,
    password: str | None = None,
    person_key: str = "",
) -> Organization:
    """Set up a bureau with its first scheme officer, for operators at the console.

    Raises AlreadyRegistered, BadProfile and what people.sign_up raises.
    """
    organization = Organization(
        code=new_code("OR"),
        kind=OrganizationKind.BUREAU,
        name=name.strip(),
        uscc=_uscc(uscc),
        region=_region(region),
        created_at=at,
    )
    _insert(organization)
    user = User.objects.filter(email=email.strip().lower()).first() or people.sign_up(
        email=email, password=password, name=officer_name, person_key=person_key, at=at
    )
    members.enroll(organization=organization, user=user, role=Role.SCHEME_OFFICER, at=at)
    trail.record(by=None, at=at, verb="founded", subject=organization, data={"person": user.code})
    return organization


def _insert(organization: Organization) -> None:
    try:
        with transaction.atomic():
            organization.save()
    except IntegrityError as error:
        if "accounts_organization_once" not in str(error):
            raise
        raise AlreadyRegistered(
            _("This company is registered already. Ask its administrator to add you to the team."),
            errors={"uscc": _("A company with this code is registered already.")},
        ) from error


def _refuse(field: str, words: str | Promise) -> BadProfile:
    return BadProfile(words, errors={field: words})


def _uscc(text: str) -> str:
    try:
        return uscc.normalize(text)
    except uscc.InvalidUscc as error:
        raise _refuse("uscc", wording.USCC[error.reason]) from error


def _region(text: str) -> str:
    try:
        return regions.normalize(text)
    except regions.InvalidRegion as error:
        raise _refuse("region", wording.REGION[error.reason]) from error


def _set_size(organization: Organization, industry: str) -> None:
    """Fill industry, section and size; a provider or bureau without an industry has none."""
    if not industry and organization.kind != OrganizationKind.ENTERPRISE:
        organization.industry = organization.section = ""
        organization.size = organization.size_standard = ""
        return
    sizing = size_up(
        industry=industry,
        employees=organization.employees,
        revenue_fen=organization.revenue_fen,
        assets_fen=organization.assets_fen,
    )
    organization.industry = industries.normalize(industry)
    organization.section = industries.section_of(industry).letter
    organization.size = sizing.level
    organization.size_standard = sizing.standard


def size_up(
    *,
    industry: str,
    employees: int | None,
    revenue_fen: int | None,
    assets_fen: int | None,
) -> sizes.Sizing:
    """The size of a firm with these figures; writes nothing. Raises BadProfile with the field."""
    for field, value in (
        ("employees", employees), ("revenue_fen", revenue_fen), ("assets_fen", assets_fen)
    ):  # fmt: skip
        if value is not None and value < 0:
            raise _refuse(field, _("This figure cannot be negative."))
    try:
        return sizes.classify(
            industry=industry, employees=employees, revenue_fen=revenue_fen, assets_fen=assets_fen
        )
    except industries.InvalidIndustry as error:
        raise _refuse("industry", wording.INDUSTRY[error.reason]) from error
    except sizes.TooCoarse as error:
        raise _refuse("industry", wording.INDUSTRY["coarse"]) from error
    except sizes.MissingIndicator as error:
        field = "employees" if error.indicator == "employees" else f"{error.indicator}_fen"
        raise _refuse(field, wording.MISSING[error.indicator]) from error


def _figures(organization: Organization) -> dict[str, str | int | None]:
    names = ("name", "region", "industry", "employees", "revenue_fen", "assets_fen", "size")
    return {name: getattr(organization, name) for name in names}
