"""Writing and publishing schemes."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Event
from common.errors import Forbidden
from tests.factories import accounts, plans
from tests.factories.accounts import NOW
from vouchers.grants.actions import schemes
from vouchers.grants.models import Scheme
from vouchers.ledger.actions import accounts as ledger_accounts
from vouchers.ledger.kinds import AccountKind
from vouchers.ledger.models import Transfer

pytestmark = pytest.mark.django_db


def write(**values: Any) -> Scheme:
    given: dict[str, Any] = {
        "slug": "qingyang-2024",
        "name": "庆阳市“东数西算”算力券",
        "name_en": "Qingyang compute voucher",
        "voucher_kinds": ["compute"],
        "region": "621000",
        "rules": plans.QINGYANG,
        "budget_fen": 10_000_000_000,
        "opens_on": date(2026, 1, 1),
        "closes_on": date(2026, 12, 31),
        "source": "庆阳市“东数西算”算力券实施细则",
        "at": NOW,
    }
    given |= values
    given.setdefault("by", accounts.officer())
    return schemes.create(**given)


def budget_fen(scheme: Scheme) -> int:
    return ledger_accounts.available_fen(kind=AccountKind.SCHEME_BUDGET, key=scheme.code)


def test_draft_moves_no_money() -> None:
    scheme = write()

    assert (scheme.status, scheme.version) == ("draft", 1)
    assert budget_fen(scheme) == 0


def test_publish_appropriates_the_budget_from_the_treasury() -> None:
    officer = accounts.officer()
    scheme = write(by=officer)

    published = schemes.publish(by=accounts.officer(officer.own()), scheme=scheme, at=NOW)

    assert published.status == "published"
    assert budget_fen(scheme) == 10_000_000_000
    [appropriation] = Transfer.objects.filter(reason="appropriation")
    assert appropriation.debit_account.key == officer.own().code
    assert Event.objects.filter(verb="published", subject_code=scheme.code).count() == 1


def test_publish_twice_appropriates_once() -> None:
    officer = accounts.officer()
    scheme = write(by=officer)

    for _ in range(2):
        schemes.publish(by=accounts.officer(officer.own()), scheme=scheme, at=NOW)

    assert budget_fen(scheme) == 10_000_000_000
    assert Event.objects.filter(verb="published").count() == 1


def test_same_slug_makes_the_next_version() -> None:
    officer = accounts.officer()

    assert [write(by=officer).version, write(by=officer).version] == [1, 2]


def test_slug_of_another_bureau_is_refused() -> None:
    write()

    with pytest.raises(schemes.SchemeInvalid) as refused:
        write()

    assert set(refused.value.errors) == {"slug"}


@pytest.mark.parametrize("plan", [plans.QINGYANG, plans.BEIJING, plans.STORAGE, plans.NETWORK])
def test_every_plan_can_be_written(plan: dict[str, Any]) -> None:
    assert schemes.rules_of(write(rules=plan)).rate is not None


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"budget_fen": 0}, "budget_fen"),
        ({"budget_fen": -1}, "budget_fen"),
        ({"budget_fen": float("nan")}, "budget_fen"),
        ({"budget_fen": 10**15 + 1}, "budget_fen"),
        ({"closes_on": date(2025, 12, 31)}, "closes_on"),
        ({"voucher_kinds": []}, "voucher_kinds"),
        ({"voucher_kinds": ["gold"]}, "voucher_kinds"),
        ({"source": " "}, "source"),
        (
            {
                "rules": {
                    **plans.QINGYANG,
                    "rate": {"value": "130%", "source": "main", "article": "y"},
                }
            },
            "rules/rate/value",
        ),
        ({"rules": {}}, "rules/rate"),
    ],
)
def test_nonsense_is_refused_by_field(values: dict[str, Any], field: str) -> None:
    with pytest.raises(schemes.SchemeInvalid) as refused:
        write(**values)

    assert field in refused.value.errors
    assert not Scheme.objects.exists()


def test_only_scheme_officers_write() -> None:
    office = accounts.bureau()

    for stranger in (
        accounts.officer(office, "reviewer"),
        accounts.preparer(),
        accounts.member(accounts.organization("provider"), "operator"),
    ):
        with pytest.raises(Forbidden):
            write(by=stranger)


def test_another_bureau_cannot_publish() -> None:
    scheme = write()

    with pytest.raises(Forbidden):
        schemes.publish(by=accounts.officer(), scheme=scheme, at=NOW)

    assert budget_fen(scheme) == 0


def test_scheme_past_its_last_day_is_not_published() -> None:
    officer = accounts.officer()
    scheme = write(by=officer, opens_on=date(2025, 1, 1), closes_on=date(2025, 12, 31))

    with pytest.raises(schemes.SchemeOver):
        schemes.publish(by=accounts.officer(officer.own()), scheme=scheme, at=NOW)

    assert Scheme.objects.get(pk=scheme.pk).status == "draft"


def test_who_wrote_a_scheme_does_not_publish_it() -> None:
    officer = accounts.officer()
    scheme = write(by=officer)

    with pytest.raises(schemes.SamePublisher):
        schemes.publish(by=officer, scheme=scheme, at=NOW)

    assert Scheme.objects.get(pk=scheme.pk).status == "draft"
    assert budget_fen(scheme) == 0


def test_database_holds_two_people_and_whole_rules() -> None:
    scheme = write()
    values = {"status": "published", "published_at": NOW, "published_by": scheme.created_by}

    with pytest.raises(IntegrityError), transaction.atomic():
        Scheme.objects.filter(pk=scheme.pk).update(**values)
    values["published_by"] = accounts.officer(scheme.bureau).user
    with pytest.raises(IntegrityError), transaction.atomic():
        Scheme.objects.filter(pk=scheme.pk).update(**values, is_complete=False)


def test_scheme_with_missing_figures_is_kept_but_never_published() -> None:
    officer = accounts.officer()
    unknown = {**plans.QINGYANG["rate"], "value": {"unknown": "补贴比例"}}
    scheme = write(by=officer, rules={**plans.QINGYANG, "rate": unknown})

    with pytest.raises(schemes.SchemeIncomplete, match="补贴比例"):
        schemes.publish(by=accounts.officer(officer.own()), scheme=scheme, at=NOW)

    assert (scheme.is_complete, scheme.status) == (False, "draft")
