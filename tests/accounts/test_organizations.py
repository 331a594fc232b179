"""Registering an organization and keeping its profile true."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.actions import members, organizations
from accounts.models import Event, Membership, Organization, OrganizationKind, Role, Size, User
from accounts.rules import uscc
from common.errors import Forbidden
from tests.factories import accounts
from tests.factories.accounts import NOW

pytestmark = pytest.mark.django_db
WAN = 1_000_000


def valid_uscc(number: int = 1) -> str:
    body = f"91621000MA{number:07d}"
    return body + uscc.check_symbol(body)


def profile(**changes: Any) -> dict[str, Any]:
    return {
        "kind": OrganizationKind.ENTERPRISE,
        "name": "庆阳精工机械有限公司",
        "uscc": valid_uscc(),
        "region": "621002",
        "industry": "C3484",
        "employees": 1200,
        "revenue_fen": 30_000 * WAN,
        "assets_fen": None,
        "legal_person": "李四",
        "role": Role.SIGNATORY,
        **changes,
    }


def test_registering_sizes_the_firm_and_makes_the_first_member() -> None:
    person = accounts.user()

    made = organizations.register(by=person, at=NOW, **profile())

    assert made.industry == "3484"
    assert made.section == "C"
    assert made.size == Size.MEDIUM
    assert made.size_standard == "cn-2011-300"
    held = Membership.objects.get(organization=made)
    assert (held.user, held.role) == (person, Role.SIGNATORY)
    event = Event.objects.get(subject="organization", subject_code=made.code)
    assert (event.verb, event.by) == ("registered", person)


def test_stored_sizing_explains_itself() -> None:
    made = organizations.register(by=accounts.user(), at=NOW, **profile())

    sizing = made.sizing()

    assert sizing is not None
    assert [(each.level, each.indicator) for each in sizing.decided_by] == [("large", "revenue")]


def test_industry_outside_the_standard_goes_to_a_person() -> None:
    made = organizations.register(by=accounts.user(), at=NOW, **profile(industry="66"))

    assert made.size == Size.NOT_COVERED
    assert made.section == "J"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"uscc": valid_uscc()[:17] + "!"}, "uscc"),
        ({"uscc": "9.1E+17"}, "uscc"),
        ({"region": "990000"}, "region"),
        ({"industry": "98"}, "industry"),
        ({"industry": "70"}, "industry"),
        ({"industry": ""}, "industry"),
        ({"employees": None}, "employees"),
        ({"employees": -1}, "employees"),
        ({"revenue_fen": None}, "revenue_fen"),
        ({"revenue_fen": -1}, "revenue_fen"),
        ({"industry": "71", "assets_fen": None}, "assets_fen"),
    ],
)
def test_wrong_fact_is_refused_by_its_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(organizations.BadProfile) as caught:
        organizations.register(by=accounts.user(), at=NOW, **profile(**changes))

    assert list(caught.value.errors) == [field]
    assert not Organization.objects.exists()
    assert not Event.objects.exists()


def test_company_registers_once_per_kind() -> None:
    organizations.register(by=accounts.user(), at=NOW, **profile())
    second = accounts.user()

    organizations.register(
        by=second, at=NOW, **profile(kind=OrganizationKind.PROVIDER, role=Role.OPERATOR)
    )
    with pytest.raises(organizations.AlreadyRegistered) as caught:
        organizations.register(by=second, at=NOW, **profile())

    assert caught.value.code == "already_registered"
    assert Organization.objects.count() == 2


def test_bureau_cannot_register_itself() -> None:
    with pytest.raises(Forbidden):
        organizations.register(
            by=accounts.user(),
            at=NOW,
            **profile(kind=OrganizationKind.BUREAU, role=Role.SCHEME_OFFICER),
        )


def test_role_of_another_kind_is_refused_and_nothing_stays() -> None:
    with pytest.raises(members.RoleNotAllowed):
        organizations.register(by=accounts.user(), at=NOW, **profile(role=Role.REVIEWER))

    assert not Organization.objects.exists()


def changes(**values: Any) -> dict[str, Any]:
    wanted = profile(**values)
    return {name: wanted[name] for name in wanted if name not in {"kind", "uscc", "role"}}


def test_signatory_changes_the_profile_and_the_size_follows() -> None:
    actor = accounts.signatory()

    saved = organizations.update_profile(by=actor, at=NOW, **changes(employees=19))

    saved.refresh_from_db()
    assert saved.size == Size.MICRO
    event = Event.objects.get(verb="updated")
    assert event.data["before"]["size"] == Size.SMALL
    assert event.data["after"]["size"] == Size.MICRO


@pytest.mark.parametrize("role", [Role.PREPARER, Role.VIEWER])
def test_colleague_without_the_permission_changes_nothing(role: str) -> None:
    firm = accounts.organization()
    colleague = accounts.member(firm, role)

    with pytest.raises(Forbidden):
        organizations.update_profile(by=colleague, at=NOW, **changes())

    firm.refresh_from_db()
    assert firm.employees == 40


def test_profile_of_another_organization_is_out_of_reach() -> None:
    firm, stranger = accounts.organization(), accounts.signatory()

    organizations.update_profile(by=stranger, at=NOW, **changes(name="别的公司"))

    firm.refresh_from_db()
    assert firm.name != "别的公司"
    assert stranger.organization not in Organization.objects.visible_to(accounts.signatory(firm))


def test_command_founds_a_bureau_with_a_known_human() -> None:
    call_command(
        "bureau_create", name="庆阳市工业和信息化局", uscc=valid_uscc(2), region="621000",
        email="Head@Bureau.example", officer="王五", identity_number="11010519491231002X",
    )  # fmt: skip

    bureau = Organization.objects.get(kind=OrganizationKind.BUREAU)
    officer = User.objects.get(email="head@bureau.example")
    assert officer.person_key
    assert not officer.has_usable_password()
    assert bureau.memberships.get().role == Role.SCHEME_OFFICER


def test_command_refuses_a_wrong_identity_number() -> None:
    with pytest.raises(CommandError):
        call_command(
            "bureau_create", name="局", uscc=valid_uscc(), region="621000", email="a@b.example",
            officer="王五", identity_number="110105194912310021",
        )  # fmt: skip

    assert not Organization.objects.exists()
