"""What an approval leads to, by the mode of the scheme: a voucher, or a refusal that says why."""

import copy

import pytest
import time_machine

from tests.factories import grants, plans
from tests.factories.accounts import NOW
from vouchers.grants.actions import issuing
from vouchers.grants.models import Application, Voucher
from vouchers.grants.rules.schemes import MODES, PAID_ELSEWHERE
from vouchers.grants.shown import timelines, worklist
from vouchers.ledger.actions import accounts as ledger
from vouchers.ledger.kinds import AccountKind

from . import people
from .web import page

pytestmark = pytest.mark.django_db
VOUCHER_MODES = sorted(set(MODES) - set(PAID_ELSEWHERE))


def cast(mode: str, notice_days: int = 7) -> people.Cast:
    rules = copy.deepcopy(plans.QINGYANG)
    rules["mode"] = {**rules["rate"], "value": mode}
    rules["notice_days"] = {**rules["notice_days"], "value": notice_days}
    return people.cast(grants.scheme(rules=rules))


@pytest.mark.parametrize("mode", VOUCHER_MODES)
def test_mode_that_issues_vouchers_does(mode: str) -> None:
    assert people.issued(cast(mode)).face_fen == 3_000_000


@pytest.mark.parametrize("mode", PAID_ELSEWHERE)
def test_amount_that_is_paid_out_never_becomes_a_voucher(mode: str) -> None:
    who = cast(mode)
    asked = people.noticed(who)

    with pytest.raises(issuing.PaysNoVoucher) as refusal:
        issuing.issue(by=who.officer, application=asked, at=people.AFTER_NOTICE)

    asked.refresh_from_db()
    left = ledger.available_fen(kind=AccountKind.SCHEME_BUDGET, key=who.scheme.code)
    assert refusal.value.code == "pays_no_voucher"
    assert (asked.status, asked.granted_fen, asked.assessment["mode"]) == (
        "noticed", 3_000_000, mode,
    )  # fmt: skip
    assert left == who.scheme.budget_fen
    assert not Voucher.objects.exists()


@pytest.mark.parametrize(("notice_days", "walk"), [(7, people.noticed), (0, people.approved)])
def test_decision_without_voucher_leaves_the_queue_after_its_last_step(
    notice_days: int, walk: object
) -> None:
    done, waits = cast("automatic", notice_days), cast("pre_issue", notice_days)
    for who in (done, waits):
        walk(who)  # type: ignore[operator]

    for who, count in ((done, 0), (waits, 1)):
        at = people.AFTER_NOTICE
        tabs = worklist.views(who.officer, at, steps=worklist.AT_ISSUE)
        due = worklist.handed_in(who.officer).filter(tabs["team"])
        assert due.count() == count
        assert Application.objects.waiting_for_issue(who.officer, at).count() == count


def test_approval_before_its_notice_stays_in_the_queue() -> None:
    who = cast("automatic")
    people.approved(who)

    assert Application.objects.waiting_for_issue(who.officer, NOW).count() == 1


def test_pages_say_that_the_bureau_pays_by_itself() -> None:
    who = cast("automatic")
    asked = people.approved(who)
    with time_machine.travel(NOW, tick=False):
        scheme = page(who.preparer).get(f"/schemes/{who.scheme.code}/").content.decode()
        inside = page(who.officer).get(f"/applications/{asked.code}/").content.decode()

    assert "This scheme issues no vouchers" in scheme
    assert "Issue the voucher" not in inside
    assert timelines.timeline(asked)[-1].what == "Paid out by the bureau, outside this platform"
