"""The dry run, and that a new version leaves taken decisions alone."""

import copy
from typing import Any

import pytest

from tests.factories import grants, plans
from tests.factories.accounts import NOW
from vouchers.grants import wording
from vouchers.grants.actions import rehearsals, schemes
from vouchers.grants.models import Application

from . import people

pytestmark = pytest.mark.django_db


def changed(**values: Any) -> dict[str, Any]:
    rules = copy.deepcopy(plans.BEIJING)
    for name, value in values.items():
        rules[name]["value"] = value
    return rules


def test_same_rules_change_nothing() -> None:
    cast = people.cast(grants.scheme(rules=plans.BEIJING))
    people.approved(cast)
    people.approved(cast)

    found = rehearsals.rehearse(slug=cast.scheme.slug, data=plans.BEIJING)

    assert (found.seen, found.changed) == (2, 0)


def test_other_rate_changes_the_decision_and_says_why() -> None:
    cast = people.cast(grants.scheme(rules=plans.BEIJING))
    asked = people.approved(cast)

    found = rehearsals.rehearse(slug=cast.scheme.slug, data=changed(rate="20%"))

    [change] = found.changes
    assert (change.application, change.version) == (asked.code, 1)
    assert (change.before_fen, change.after_fen) == (3_000_000, 2_000_000)
    assert "3/10 → 1/5" in change.why
    assert Application.objects.get(pk=asked.pk).granted_fen == 3_000_000


def test_lower_cap_fills_up_in_the_order_in_which_they_were_handed_in() -> None:
    cast = people.cast(grants.scheme(rules=plans.BEIJING))
    one, two = people.approved(cast), people.approved(cast)
    rules = copy.deepcopy(plans.BEIJING)
    rules["caps"][0]["limit"] = "50000"

    found = rehearsals.rehearse(slug=cast.scheme.slug, data=rules)

    assert [(each.application, each.after_fen) for each in found.changes] == [(two.code, 2_000_000)]
    assert one.pk < two.pk


def test_refusal_names_its_reason() -> None:
    cast = people.cast(grants.scheme(rules=plans.BEIJING))
    people.approved(cast)
    rules = copy.deepcopy(plans.BEIJING)
    rules["rules"][0]["must"]["in"] = ["large"]

    [change] = rehearsals.rehearse(slug=cast.scheme.slug, data=rules).changes

    assert change.after_fen == 0
    assert change.why == wording.refusal("size_not_eligible")


def test_rejected_one_that_the_new_rules_would_grant_is_named() -> None:
    cast = people.cast(grants.scheme(rules=plans.BEIJING))
    asked = people.submitted(cast)
    Application.objects.filter(pk=asked.pk).update(status="rejected")

    [change] = rehearsals.rehearse(slug=cast.scheme.slug, data=plans.BEIJING).changes

    assert (change.before_fen, change.after_fen) == (0, 3_000_000)


def test_new_version_never_alters_a_decision_taken() -> None:
    cast = people.cast(grants.scheme(rules=plans.BEIJING))
    asked = people.approved(cast)
    record = copy.deepcopy(asked.assessment)
    old = cast.scheme

    made = schemes.create(
        by=cast.officer,
        slug=old.slug,
        name=old.name,
        name_en=old.name_en,
        voucher_kinds=old.voucher_kinds,
        region=old.region,
        rules=changed(rate="10%"),
        budget_fen=old.budget_fen,
        opens_on=old.opens_on,
        closes_on=old.closes_on,
        source=old.source,
        at=NOW,
    )

    asked = Application.objects.get(pk=asked.pk)
    assert (made.version, asked.scheme.version) == (2, 1)
    assert (asked.granted_fen, asked.assessment) == (3_000_000, record)
    assert record["rate"] == "3/10"
    assert record["size_standard"] == "cn-2011-300"
