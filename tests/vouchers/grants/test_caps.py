"""Caps and pools on the ledger: room for exactly so many is room for exactly so many."""

import copy
import os
from collections.abc import Iterable
from functools import partial
from typing import Any

import pytest
from django.db import connection

from tests.factories import grants, plans
from tests.factories.accounts import NOW
from tests.threads import together
from tests.vouchers.ledger.sql import broken
from vouchers.grants.actions import assessments, issuing
from vouchers.grants.models import Voucher
from vouchers.grants.rules.schemes import from_json
from vouchers.ledger.actions import caps, transfers
from vouchers.ledger.models import Account

from . import people

ROOM, WORKERS = 100, 8
APPLICANTS = int(os.environ.get("CAP_APPLICANTS", "600"))
"""`make chaos` sends 2,000."""


def take(numbers: Iterable[int], limit: int = ROOM, prefix: str = "AP") -> int:
    """Draw one decision for each applicant; answers how many got it."""
    taken = 0
    for number in numbers:
        drawn = caps.Draw("pool", "scheme/pool/2026", limit, 1)
        try:
            caps.draw(draws=[drawn], entries=[], reference=f"{prefix}-{number}", at=NOW)
        except caps.CapFull:
            continue
        taken += 1
    return taken


def all_at_once(applicants: int, limit: int = ROOM, prefix: str = "AP") -> int:
    """Applicants spread over the workers; answers how many got something."""
    shares = [range(worker, applicants, WORKERS) for worker in range(WORKERS)]
    answers = together([partial(take, share, limit, prefix) for share in shares])
    assert not [each for each in answers if isinstance(each, Exception)]
    return sum(each for each in answers if isinstance(each, int))


@pytest.mark.django_db(transaction=True)
def test_room_for_a_hundred_of_many_is_a_hundred() -> None:
    taken = all_at_once(APPLICANTS)

    assert taken == ROOM
    assert caps.used(keys=["scheme/pool/2026"]) == {"scheme/pool/2026": ROOM}
    assert not any(broken(name) for name in ("I1", "I2", "I3"))


@pytest.mark.django_db(transaction=True)
def test_lowered_limit_is_passed_without_the_lock_and_kept_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A limit of 40 that fell to 20: only the check behind the lock holds it."""
    take(range(10_000, 10_010), limit=400)

    def unlocked(pks: Iterable[int]) -> dict[int, Account]:
        rows = list(Account.objects.filter(pk__in=set(pks), is_guarded=True))
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.02)")
        return {row.pk: row for row in rows}

    with monkeypatch.context() as patched:
        patched.setattr(transfers, "lock", unlocked)
        without = all_at_once(160, limit=20)
    with_lock = all_at_once(80, limit=10 + without + 5, prefix="LATER")

    assert 10 + without > 20
    assert caps.used(keys=["scheme/pool/2026"])["scheme/pool/2026"] == 10 + without + with_lock
    assert with_lock == 5


@pytest.mark.django_db
def test_limit_that_rises_is_topped_up_and_one_that_falls_is_held() -> None:
    key = "scheme/firm_year/EN/2026"

    def draw(reference: str, limit: int, amount: int) -> None:
        drawn = caps.Draw("firm_year", key, limit, amount)
        caps.draw(draws=[drawn], entries=[], reference=reference, at=NOW)

    draw("one", 1_000, 900)
    draw("two", 2_000, 1_000)
    with pytest.raises(caps.CapFull):
        draw("three", 1_900, 1)
    draw("two", 2_000, 1_000)

    assert caps.used(keys=[key]) == {key: 1_900}


def with_caps(*rows: dict[str, Any]) -> dict[str, Any]:
    rules = copy.deepcopy(plans.BEIJING)
    rules["caps"] += [{**row, "source": "main", "article": "第七条"} for row in rows]
    return rules


@pytest.mark.django_db
def test_issue_draws_from_every_cap_at_once_or_from_none() -> None:
    pool = {"id": "pool", "limit": "50000", "per": ["year"], "refuse": "budget_exhausted"}
    once = {"id": "once", "limit": {"count": 3}, "per": ["applicant", "year"]}
    cast = people.cast(grants.scheme(rules=with_caps(pool, once)))
    other = people.cast(cast.scheme)
    first, second = people.approved(cast), people.approved(other)

    issuing.issue(by=cast.officer, application=first, at=NOW)
    with pytest.raises(issuing.CapReached) as refused:
        issuing.issue(by=cast.officer, application=second, at=NOW)

    rules = from_json(cast.scheme.rules)
    known = {"applicant": other.enterprise.code, "day": NOW.date()}
    assert (refused.value.name, refused.value.code) == ("pool", "budget_exhausted")
    assert assessments.used_of(cast.scheme, rules, known) == {
        "firm_year": 0,
        "pool": 3_000_000,
        "once": 0,
    }
    assert Voucher.objects.count() == 1


@pytest.mark.django_db
def test_umbrella_is_shared_by_schemes_of_one_bureau_and_versions_share_their_caps() -> None:
    umbrella = {"id": "all", "limit": "40000", "per": ["applicant", "year"], "shared": "city"}
    one = people.cast(grants.scheme(rules=with_caps(umbrella)))
    two = grants.scheme(one.scheme.bureau, rules=with_caps(umbrella))
    issuing.issue(by=one.officer, application=people.approved(one), at=NOW)

    elsewhere = people.Cast(
        two, one.officer, one.first, one.second, one.enterprise, one.preparer, one.signatory
    )
    asked = people.approved(elsewhere)

    assert asked.granted_fen == 1_000_000
    assert asked.assessment["binding_cap"] == "all"


@pytest.mark.django_db
def test_scheme_of_card_hours_never_issues_money() -> None:
    rules = {**plans.BEIJING, "unit": "card_hours", "caps": []}
    rules["base"] = {
        **plans.BEIJING["base"],
        "value": {"multiply": [{"card_hours": "1"}, {"number": 100}]},
    }
    cast = people.cast(grants.scheme(rules=rules))

    with pytest.raises(issuing.NeverIssues):
        issuing.issue(by=cast.officer, application=people.approved(cast), at=NOW)
