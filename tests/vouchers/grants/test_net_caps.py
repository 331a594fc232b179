"""Caps that count net get back what a voucher did not use; all others keep what was granted."""

import copy
from datetime import timedelta
from typing import Any

import pytest

from tests.factories import grants, ledger, plans
from tests.vouchers.ledger.sql import broken
from vouchers.grants.actions import wallets
from vouchers.grants.models import Voucher
from vouchers.grants.rules.schemes import RulesInvalid, from_json
from vouchers.ledger.actions import caps
from vouchers.ledger.models import Account

from . import people

pytestmark = pytest.mark.django_db
YEAR, POOL, COUNT = "net-scheme/firm_year", "net-scheme/pool", "net-scheme/once"


def cast(**net: bool) -> people.Cast:
    """A scheme with a cap for each applicant and year, a yearly pool, and one decision for each applicant."""
    rules = copy.deepcopy(plans.QINGYANG)
    origin = {name: rules["caps"][0][name] for name in ("source", "article")}
    further: list[dict[str, Any]] = [
        {"id": "pool", "limit": "50000", "per": ["year"], **origin},
        {"id": "once", "limit": {"count": 1}, "per": ["applicant"], **origin},
    ]
    rules["caps"] = [*rules["caps"], *further]
    for each in rules["caps"]:
        if net.get(each["id"]):
            each["net"] = True
    return people.cast(grants.scheme(rules=rules, slug="net-scheme"))


def used(who: people.Cast) -> tuple[int, int, int]:
    """What is gone of the three caps."""
    own = f"{who.enterprise.code}"
    keys = [f"{YEAR}/{own}/2026", f"{POOL}/2026", f"{COUNT}/{own}"]
    found = caps.used(keys=keys)
    return found[keys[0]], found[keys[1]], found[keys[2]]


def expire(voucher: Voucher) -> None:
    assert wallets.expire_due(at=voucher.expires_at + timedelta(seconds=1)) == 1


def test_unspent_voucher_gives_back_to_net_caps_only() -> None:
    who = cast(firm_year=True, once=True)
    voucher = people.issued(who)
    before = used(who)

    expire(voucher)

    assert before == (3_000_000, 3_000_000, 1)
    assert used(who) == (0, 3_000_000, 0)
    assert not any(broken(name) for name in ("I1", "I2", "I3"))


def test_revoked_voucher_gives_back_what_was_not_spent_and_stays_counted() -> None:
    who = cast(firm_year=True, pool=True, once=True)
    voucher = people.issued(who)
    ledger.move(Account.objects.get(pk=voucher.account_id), ledger.payable(), 1_200_000)

    people.revoked(who, voucher)

    assert used(who) == (1_200_000, 1_200_000, 1)


def test_gross_caps_keep_what_was_granted() -> None:
    who = cast()
    voucher = people.issued(who)

    expire(voucher)

    assert used(who) == (3_000_000, 3_000_000, 1)


def test_what_is_free_again_is_granted_to_the_next_applicant() -> None:
    who = cast(pool=True)
    expire_at_once = people.issued(who, spend_fen=15_000_000)  # 45,000 of the pool of 50,000
    people.revoked(who, expire_at_once)
    other = people.cast(who.scheme)

    again = people.issued(other, spend_fen=15_000_000)

    assert again.face_fen == 4_500_000
    assert used(other)[1] == 4_500_000


def test_tick_that_runs_twice_gives_back_once() -> None:
    who = cast(firm_year=True)
    voucher = people.issued(who)
    expire(voucher)

    assert wallets.expire_due(at=voucher.expires_at + timedelta(days=1)) == 0
    assert used(who)[0] == 0


@pytest.mark.parametrize(
    "change", [{"net": "yes"}, {"net": True, "per": []}, {"net": True, "counts": "redeemed"}]
)
def test_net_is_refused_where_it_says_nothing(change: dict[str, Any]) -> None:
    rules = copy.deepcopy(plans.QINGYANG)
    rules["caps"][0] |= change

    with pytest.raises(RulesInvalid) as refusal:
        from_json(rules)

    assert [fault.path for fault in refusal.value.faults] == ["caps/0/net"]
