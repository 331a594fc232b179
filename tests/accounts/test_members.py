"""Who works for an organization in which role."""

import pytest
from django.db import IntegrityError, transaction

from accounts.actions import actors, members
from accounts.models import Event, Membership, OrganizationKind, Role, User
from accounts.permissions import PERMISSIONS_BY_ROLE, ROLES_BY_KIND, Permission
from common.errors import Forbidden
from tests.factories import accounts
from tests.factories.accounts import NOW

pytestmark = pytest.mark.django_db


def test_manager_adds_a_new_person() -> None:
    boss = accounts.signatory()

    added = members.add(by=boss, email="New@Firm.example", name="赵六", role=Role.PREPARER, at=NOW)

    assert added.organization == boss.organization
    assert added.user.email == "new@firm.example"
    assert not added.user.has_usable_password()
    assert Event.objects.filter(verb="added", subject_code=added.code).count() == 1


def test_existing_account_keeps_its_name_and_password() -> None:
    boss, person = accounts.signatory(), accounts.user(name="原名")

    members.add(
        by=boss, email=person.email, name="新名", role=Role.PREPARER, at=NOW, password="x" * 12
    )

    person.refresh_from_db()
    assert person.name == "原名"
    assert person.check_password("correct horse battery")


@pytest.mark.parametrize("role", [Role.PREPARER, Role.VIEWER])
def test_colleague_who_does_not_manage_adds_nobody(role: str) -> None:
    colleague = accounts.member(accounts.organization(), role)

    with pytest.raises(Forbidden):
        members.add(by=colleague, email="x@y.example", name="某", role=Role.VIEWER, at=NOW)

    assert not User.objects.filter(email="x@y.example").exists()


def test_person_without_organization_adds_nobody() -> None:
    nobody = actors.from_session(user=accounts.user(), organization_id=None)

    with pytest.raises(Forbidden):
        members.add(by=nobody, email="x@y.example", name="某", role=Role.VIEWER, at=NOW)


@pytest.mark.parametrize("kind", OrganizationKind.values)
def test_roles_belong_to_kinds(kind: str) -> None:
    boss_role = next(
        role
        for role in sorted(ROLES_BY_KIND[kind])
        if Permission.ORGANIZATION_MANAGE in PERMISSIONS_BY_ROLE[role]
    )
    boss = accounts.member(accounts.organization(kind), boss_role)

    for role in Role.values:
        add = {"by": boss, "email": f"{role}@firm.example", "name": "某", "role": role, "at": NOW}
        if role in ROLES_BY_KIND[kind]:
            assert members.add(**add).role == role  # type: ignore[arg-type]
        else:
            with pytest.raises(members.RoleNotAllowed):
                members.add(**add)  # type: ignore[arg-type]


def test_same_role_twice_is_refused() -> None:
    boss = accounts.signatory()
    members.add(by=boss, email="p@firm.example", name="某", role=Role.PREPARER, at=NOW)

    with pytest.raises(members.RoleHeld):
        members.add(by=boss, email="p@firm.example", name="某", role=Role.PREPARER, at=NOW)

    assert boss.own().memberships.filter(role=Role.PREPARER).count() == 1


def test_signatory_never_becomes_preparer() -> None:
    boss = accounts.signatory()

    with pytest.raises(members.SamePerson):
        members.add(by=boss, email=boss.user.email, name="某", role=Role.PREPARER, at=NOW)


def test_second_account_of_the_same_human_is_recognized() -> None:
    boss = accounts.member(accounts.organization(), Role.SIGNATORY, person_key="k" * 64)
    other = accounts.user(person_key="k" * 64)

    with pytest.raises(members.SamePerson):
        members.add(by=boss, email=other.email, name="某", role=Role.PREPARER, at=NOW)


def test_database_refuses_one_person_in_both_roles() -> None:
    boss = accounts.signatory()

    with pytest.raises(IntegrityError, match="prepares_or_signs"), transaction.atomic():
        Membership.objects.create(
            user=boss.user, organization=boss.own(), role=Role.PREPARER, created_at=NOW
        )


def test_ended_role_stops_working_at_once() -> None:
    firm = accounts.organization()
    boss, clerk = accounts.signatory(firm), accounts.preparer(firm)
    row = Membership.objects.get(user=clerk.user)

    members.end(by=boss, membership=row, at=NOW)

    again = actors.from_session(user=clerk.user, organization_id=firm.pk)
    assert again.organization is None
    assert again.permissions == frozenset()


def test_ending_twice_changes_nothing() -> None:
    firm = accounts.organization()
    boss, clerk = accounts.signatory(firm), accounts.preparer(firm)
    row = Membership.objects.get(user=clerk.user)

    first = members.end(by=boss, membership=row, at=NOW)
    second = members.end(by=boss, membership=row, at=NOW.replace(year=2027))

    assert second.ended_at == first.ended_at
    assert Event.objects.filter(verb="ended").count() == 1


def test_last_manager_stays() -> None:
    boss = accounts.signatory()
    row = Membership.objects.get(user=boss.user)

    with pytest.raises(members.LastManager):
        members.end(by=boss, membership=row, at=NOW)

    row.refresh_from_db()
    assert row.ended_at is None


def test_stranger_ends_nothing() -> None:
    clerk = accounts.preparer()
    row = Membership.objects.get(user=clerk.user)

    with pytest.raises(Membership.DoesNotExist):
        members.end(by=accounts.signatory(), membership=row, at=NOW)


def test_first_joined_organization_is_acted_for() -> None:
    old, new = accounts.organization(), accounts.organization()
    person = accounts.user()
    for firm in (new, old):
        Membership.objects.create(user=person, organization=firm, role=Role.VIEWER, created_at=NOW)

    assert actors.from_session(user=person, organization_id=None).organization == new
    assert actors.from_session(user=person, organization_id=old.pk).organization == old
    assert actors.from_session(user=person, organization_id=10**9).organization == new
