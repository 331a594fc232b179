"""After the issue: one extension where the scheme allows it, revocation by two people."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.models import Event, Membership, Notification
from common.errors import Forbidden
from common.states import WrongState
from tests.factories import accounts, grants, plans
from tests.factories.accounts import NOW
from vouchers.grants.actions import extensions, recusals, revocations, wallets
from vouchers.grants.models import Extension, Letter, Revocation, Voucher
from vouchers.ledger.actions import accounts as ledger_accounts
from vouchers.ledger.kinds import AccountKind

from . import people

pytestmark = pytest.mark.django_db

RULES: dict[str, Any] = {
    **plans.QINGYANG,
    "extension_months": {"value": 6, "source": "main", "article": "第九条"},
}


def extendable() -> tuple[people.Cast, Voucher]:
    cast = people.cast(grants.scheme(rules=RULES))
    return cast, people.issued(cast)


def budget(voucher: Voucher) -> int:
    return ledger_accounts.available_fen(kind=AccountKind.SCHEME_BUDGET, key=voucher.scheme.code)


def test_extension_moves_the_end_by_the_schemes_months_to_the_end_of_that_day() -> None:
    cast, voucher = extendable()
    assert str(voucher.last_day) == "2027-10-20"

    made = extensions.extend(by=cast.officer, voucher=voucher, reason="供给方停机", at=NOW)

    voucher.refresh_from_db()
    assert (str(voucher.last_day), voucher.expires_at) == ("2028-04-20", made.expires_at)
    assert voucher.expires_at == datetime(2028, 4, 20, 16, tzinfo=UTC)
    assert Event.objects.get(verb="extended").data["reason"] == "供给方停机"
    told = Notification.objects.filter(topic="voucher_extended").values_list("user", flat=True)
    assert len(told) == len(set(told)) > 0
    assert "2028年4月20日" in Letter.objects.get(kind="extended").body_zh


def test_second_click_answers_the_extension_and_a_second_one_is_refused() -> None:
    cast, voucher = extendable()

    answers = {
        extensions.extend(by=cast.officer, voucher=voucher, reason="x", at=NOW).pk for _ in range(2)
    }

    assert len(answers) == 1
    with pytest.raises(extensions.AlreadyExtended):
        extensions.extend(by=cast.officer, voucher=voucher, reason="y", at=NOW)
    voucher.refresh_from_db()
    assert str(voucher.last_day) == "2028-04-20"


def test_scheme_without_the_rule_extends_nothing() -> None:
    cast = people.cast()
    voucher = people.issued(cast)

    with pytest.raises(extensions.ExtensionNotAllowed):
        extensions.extend(by=cast.officer, voucher=voucher, reason="x", at=NOW)


@pytest.mark.parametrize("ending", ["expired", "revoked", "past"])
def test_ended_vouchers_are_not_extended(ending: str) -> None:
    cast, voucher = extendable()
    at = voucher.expires_at if ending in {"expired", "past"} else NOW
    if ending == "expired":
        wallets.expire_due(at=at)
    if ending == "revoked":
        people.revoked(cast, voucher)

    with pytest.raises(WrongState):
        extensions.extend(by=cast.officer, voucher=voucher, reason="x", at=at)

    assert not Extension.objects.exists()


def test_frozen_voucher_may_be_extended_and_stays_frozen() -> None:
    cast, voucher = extendable()
    wallets.freeze(by=cast.officer, voucher=voucher, reason="核查", at=NOW)

    extensions.extend(by=cast.officer, voucher=voucher, reason="核查耗时", at=NOW)

    assert Voucher.objects.get().status == "frozen"


def test_extension_needs_a_reason_and_the_schemes_officer() -> None:
    cast, voucher = extendable()

    with pytest.raises(wallets.WordsMissing):
        extensions.extend(by=cast.officer, voucher=voucher, reason=" ", at=NOW)
    for stranger in (cast.first, cast.signatory, accounts.officer()):
        with pytest.raises(Forbidden):
            extensions.extend(by=stranger, voucher=voucher, reason="x", at=NOW)


def test_proposal_moves_nothing_and_approval_returns_the_rest() -> None:
    cast = people.cast()
    voucher = people.issued(cast)
    before = budget(voucher)

    asked = revocations.propose(by=cast.officer, voucher=voucher, reason="骗取", at=NOW)
    assert (budget(voucher), Voucher.objects.get().status) == (before, "active")
    for _ in range(2):
        revocations.approve(by=cast.second, revocation=asked, at=NOW)

    assert (budget(voucher) - before, Voucher.objects.get().status) == (3_000_000, "revoked")
    done = Revocation.objects.get()
    assert (done.status, done.decided_by) == ("approved", cast.second.user)
    letter = Letter.objects.get(kind="revoked")
    assert "骗取" in letter.body_zh
    assert "行政复议" in letter.body_zh
    assert "¥30,000.00" in letter.body_zh


def test_no_human_signs_twice() -> None:
    cast = people.cast()
    voucher = people.issued(cast)
    cast.officer.user.person_key = "k" * 64
    cast.officer.user.save()
    twin = accounts.member(cast.scheme.bureau, "reviewer", person_key="k" * 64)
    asked = revocations.propose(by=cast.officer, voucher=voucher, reason="x", at=NOW)

    for same in (cast.officer, twin):
        with pytest.raises(recusals.SameOfficer):
            revocations.approve(by=same, revocation=asked, at=NOW)

    assert Voucher.objects.get().status == "active"


def test_member_of_the_holder_neither_proposes_nor_approves() -> None:
    cast = people.cast()
    voucher = people.issued(cast)
    other = accounts.officer(cast.scheme.bureau)
    for person in (cast.officer, cast.second):
        Membership.objects.create(
            user=person.user, organization=cast.enterprise, role="viewer", created_at=NOW
        )

    with pytest.raises(recusals.ApprovalByApplicant):
        revocations.propose(by=cast.officer, voucher=voucher, reason="x", at=NOW)
    asked = revocations.propose(by=other, voucher=voucher, reason="x", at=NOW)
    with pytest.raises(recusals.ApprovalByApplicant):
        revocations.approve(by=cast.second, revocation=asked, at=NOW)


def test_declined_proposal_leaves_the_voucher_and_another_one_may_follow() -> None:
    cast = people.cast()
    voucher = people.issued(cast)
    asked = revocations.propose(by=cast.officer, voucher=voucher, reason="x", at=NOW)
    with pytest.raises(revocations.RevocationOpen):
        revocations.propose(by=cast.officer, voucher=voucher, reason="y", at=NOW)

    revocations.decline(by=cast.first, revocation=asked, note="证据不足", at=NOW)
    again = revocations.propose(by=cast.officer, voucher=voucher, reason="y", at=NOW)

    with pytest.raises(WrongState):
        revocations.approve(by=cast.first, revocation=asked, at=NOW)
    assert (Voucher.objects.get().status, again.pk == asked.pk) == ("active", False)


def test_proposer_takes_the_own_proposal_back() -> None:
    cast = people.cast()
    asked = revocations.propose(by=cast.officer, voucher=people.issued(cast), reason="x", at=NOW)

    done = revocations.decline(by=cast.officer, revocation=asked, note="写错了", at=NOW)

    assert (done.status, Voucher.objects.get().status) == ("declined", "active")


def test_proposal_again_answers_the_first_one() -> None:
    cast = people.cast()
    voucher = people.issued(cast)

    answers = {
        revocations.propose(by=cast.officer, voucher=voucher, reason="x", at=NOW).pk
        for _ in range(2)
    }

    assert len(answers) == 1


def test_ended_vouchers_are_not_revoked() -> None:
    cast = people.cast()
    voucher = people.issued(cast)
    asked = revocations.propose(by=cast.officer, voucher=voucher, reason="x", at=NOW)
    late = voucher.expires_at + timedelta(days=1)
    wallets.expire_due(at=late)

    with pytest.raises(WrongState):
        revocations.approve(by=cast.first, revocation=asked, at=late)

    assert Revocation.objects.get().status == "proposed"


def test_other_bureaus_do_not_decide() -> None:
    cast = people.cast()
    asked = revocations.propose(by=cast.officer, voucher=people.issued(cast), reason="x", at=NOW)
    stranger = accounts.officer()

    with pytest.raises(Forbidden):
        revocations.approve(by=stranger, revocation=asked, at=NOW)
    with pytest.raises(Forbidden):
        revocations.decline(by=stranger, revocation=asked, note="x", at=NOW)


def test_freezing_and_unfreezing_write_letters_each_time() -> None:
    cast = people.cast()
    voucher = people.issued(cast)

    for _ in range(2):
        wallets.freeze(by=cast.officer, voucher=voucher, reason="核查", at=NOW)
        wallets.unfreeze(by=cast.officer, voucher=voucher, reason="无异常", at=NOW)

    kinds = Letter.objects.filter(kind__in=["frozen", "unfrozen"]).order_by("pk")
    assert [letter.kind for letter in kinds] == ["frozen", "unfrozen"] * 2
