"""Applications: one person prepares, another one submits."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.actions import actors
from accounts.models import Membership
from common.errors import Forbidden
from common.states import WrongState
from tests.factories import accounts, grants
from tests.factories.accounts import NOW
from vouchers.grants.actions import answers, applications, drafts
from vouchers.grants.models import Application, SchemeStatus

from . import people

pytestmark = pytest.mark.django_db


def start(cast: people.Cast, **values: Any) -> Application:
    given: dict[str, Any] = {
        "by": cast.preparer,
        "scheme": cast.scheme,
        "kind": "compute",
        "planned_spend_fen": 10_000_000,
        "purpose": "质检图片识别",
        "answers": people.ANSWERS,
        "at": NOW,
    }
    return applications.start(**{**given, **values})


def test_preparer_prepares_and_signatory_submits() -> None:
    cast = people.cast()

    asked = people.submitted(cast)

    assert asked.status == "submitted"
    assert (asked.prepared_by, asked.submitted_by) == (cast.preparer.user, cast.signatory.user)


def test_preparer_who_became_signatory_cannot_submit() -> None:
    cast = people.cast()
    asked = start(cast)
    applications.prepare(by=cast.preparer, application=asked, at=NOW)
    Membership.objects.filter(user=cast.preparer.user).update(
        ended_at=NOW, ended_by=cast.signatory.user
    )
    Membership.objects.create(
        user=cast.preparer.user, organization=cast.enterprise, role="signatory", created_at=NOW
    )
    promoted = actors.for_member(user=cast.preparer.user, organization=cast.enterprise)

    with pytest.raises(applications.SamePerson):
        applications.submit(by=promoted, application=asked, at=NOW)

    assert Application.objects.get(pk=asked.pk).status == "prepared"


def test_second_account_of_the_preparer_cannot_submit() -> None:
    firm = accounts.organization()
    preparer = accounts.member(firm, "preparer", person_key="k" * 64)
    other_account = accounts.member(firm, "signatory", person_key="k" * 64)
    cast = people.cast()
    asked = start(cast, by=preparer)
    applications.prepare(by=preparer, application=asked, at=NOW)

    with pytest.raises(applications.SamePerson):
        applications.submit(by=other_account, application=asked, at=NOW)


@pytest.mark.parametrize("who", ["signatory", "officer", "first"])
def test_only_a_preparer_starts(who: str) -> None:
    cast = people.cast()

    with pytest.raises(Forbidden):
        start(cast, by=getattr(cast, who))


def test_another_enterprise_cannot_touch_an_application() -> None:
    cast = people.cast()
    asked = start(cast)
    preparer, signatory = accounts.preparer(), accounts.signatory()

    for step, stranger in (
        (applications.prepare, preparer),
        (applications.submit, signatory),
        (applications.withdraw, preparer),
        (applications.withdraw, signatory),
    ):
        with pytest.raises(Forbidden):
            step(by=stranger, application=asked, at=NOW)

    assert Application.objects.get(pk=asked.pk).status == "draft"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"planned_spend_fen": 0}, "planned_spend_fen"),
        ({"planned_spend_fen": -100}, "planned_spend_fen"),
        ({"planned_spend_fen": float("nan")}, "planned_spend_fen"),
        ({"planned_spend_fen": 10**16}, "planned_spend_fen"),
        ({"planned_spend_fen": True}, "planned_spend_fen"),
        ({"kind": "network"}, "kind"),
        ({"purpose": None}, "purpose"),
        ({"purpose": "长" * 2001}, "purpose"),
        ({"answers": {"contract_state": "perhaps"}}, "contract_state"),
        ({"answers": {"contract_signed_on": "2026-02-30"}}, "contract_signed_on"),
        ({"answers": {"contract_signed_on": "2026-10-13"}}, "contract_signed_on"),
        ({"answers": {"contract_signed_on": "0001-01-01"}}, "contract_signed_on"),
        ({"answers": {"provider": "长" * 501}}, "provider"),
        ({"answers": {"chip_origin": "domestic"}}, "chip_origin"),
        ({"answers": {"granted_fen": 1}}, "granted_fen"),
    ],
)
def test_bad_answers_are_refused_by_field(values: dict[str, Any], field: str) -> None:
    cast = people.cast()

    with pytest.raises(answers.ApplicationInvalid) as refused:
        start(cast, **values)

    assert set(refused.value.errors) == {field}
    assert not Application.objects.exists()


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        ({"purpose": ""}, {"use": ("purpose",)}),
        ({"answers": {}}, {"contract": ("contract_state",)}),
        (
            {"answers": {"contract_state": "signed", "provider": "某算力公司"}},
            {
                "contract": ("contract_number", "contract_signed_on"),
                "evidence": ("evidence_contract",),
            },
        ),
    ],
)
def test_incomplete_draft_is_not_handed_over(
    values: dict[str, Any], missing: dict[str, tuple[str, ...]]
) -> None:
    cast = people.cast()
    asked = start(cast, **values)

    with pytest.raises(applications.Incomplete) as refused:
        applications.prepare(by=cast.preparer, application=asked, at=NOW)

    assert refused.value.missing == missing


def test_scheme_must_be_open() -> None:
    cast = people.cast()
    draft = grants.scheme(status=SchemeStatus.DRAFT, published_at=None, published_by=None)

    with pytest.raises(applications.SchemeNotOpen):
        start(cast, at=NOW + timedelta(days=3650))
    with pytest.raises(applications.SchemeNotOpen):
        start(cast, scheme=draft)


def test_saving_takes_a_prepared_application_back_to_draft() -> None:
    cast = people.cast()
    asked = start(cast)
    applications.prepare(by=cast.preparer, application=asked, at=NOW)

    values = {"planned_spend_fen": 20_000_000, "purpose": "新的用途"}
    saved = drafts.save(by=cast.preparer, application=asked, values=values, at=NOW)

    assert (saved.status, saved.planned_spend_fen, saved.prepared_by) == ("draft", 20_000_000, None)


def test_submitted_application_is_not_changed() -> None:
    cast = people.cast()
    asked = people.submitted(cast)

    with pytest.raises(WrongState):
        drafts.save(by=cast.preparer, application=asked, values={"purpose": "x"}, at=NOW)


def test_second_click_answers_the_same() -> None:
    cast = people.cast()
    asked = people.submitted(cast)

    again = applications.submit(by=cast.signatory, application=asked, at=NOW + timedelta(hours=1))

    assert again.submitted_at == NOW


def test_withdrawn_until_issued() -> None:
    cast = people.cast()
    asked = people.approved(cast)
    voucher = people.issued(cast)

    assert applications.withdraw(by=cast.signatory, application=asked, at=NOW).status == "withdrawn"
    with pytest.raises(WrongState):
        applications.withdraw(by=cast.signatory, application=voucher.application, at=NOW)


def test_bureau_sees_what_was_submitted_to_it_and_others_see_nothing() -> None:
    cast = people.cast()
    draft, asked = start(cast), people.submitted(cast)
    seen = {
        name: set(Application.objects.visible_to(actor))
        for name, actor in {
            "owner": cast.preparer,
            "bureau": cast.first,
            "other bureau": accounts.officer(accounts.bureau(), "reviewer"),
            "other firm": accounts.preparer(),
        }.items()
    }

    assert seen == {
        "owner": {draft, asked},
        "bureau": {asked},
        "other bureau": set(),
        "other firm": set(),
    }
