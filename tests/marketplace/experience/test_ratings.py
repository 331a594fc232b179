"""Ratings: only after long use, once for each order, in versions."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from accounts.models import Role
from common.errors import Forbidden
from common.periods import local_day
from marketplace.experience.actions import ratings
from marketplace.experience.rules.masking import masked
from marketplace.models import OfferingExperience, Order, Rating
from tests.factories import accounts, experience, providers
from tests.factories.accounts import NOW

pytestmark = pytest.mark.django_db


def rate(order: Order, stars: int = 4, *, words: str = "好用") -> Rating:
    by = accounts.signatory(order.enterprise)
    return ratings.rate(
        by=by, order=order, stars=stars, is_outcome_reached=True, words=words, at=NOW
    )


def test_rate_before_any_use_is_refused() -> None:
    with pytest.raises(ratings.UseTooShort):
        rate(experience.order())

    assert not Rating.objects.exists()


def test_rate_with_29_days_between_first_and_latest_use_is_refused_and_says_from_when() -> None:
    order = experience.order()
    first = local_day(order.placed_at)
    experience.used(order, first, first + timedelta(days=29))

    with pytest.raises(ratings.UseTooShort) as refused:
        rate(order)

    assert str(first + timedelta(days=30)) in str(refused.value)


def test_rate_with_30_days_between_first_and_latest_use_is_kept_with_its_days() -> None:
    order = experience.order()
    first = local_day(order.placed_at)
    experience.used(order, first, first + timedelta(days=30))

    made = rate(order)

    assert (made.number, made.stars, made.words) == (1, 4, "好用")
    assert (made.last_used_on - made.first_used_on).days == 30


def test_days_whose_use_was_corrected_to_nothing_do_not_count() -> None:
    order = experience.order()
    first = local_day(order.placed_at)
    experience.used(order, first)
    experience.used(order, first + timedelta(days=40), quantity=0)

    with pytest.raises(ratings.UseTooShort):
        rate(order)


def test_rating_may_be_changed_and_former_versions_stay() -> None:
    order = experience.order()
    experience.used_long(order)

    first, same, second = rate(order), rate(order), rate(order, 2)

    assert (first.pk, second.number) == (same.pk, 2)
    assert list(order.ratings.order_by("number").values_list("stars", flat=True)) == [4, 2]
    assert Rating.objects.standing().get() == second
    with pytest.raises(ProgrammingError, match="pgtrigger"), transaction.atomic():
        Rating.objects.filter(pk=first.pk).update(stars=5)


def test_database_refuses_a_rating_of_shorter_use() -> None:
    order = experience.order()
    day = local_day(NOW)

    with pytest.raises(IntegrityError, match="marketplace_rating_long_use"):
        Rating.objects.create(
            order=order, number=1, stars=5, is_outcome_reached=True,
            first_used_on=day - timedelta(days=29), last_used_on=day,
            stated_at=NOW, stated_by=order.placed_by,
        )  # fmt: skip


def test_rate_another_firms_order_is_forbidden() -> None:
    order = experience.order()
    experience.used_long(order)

    with pytest.raises(Forbidden):
        ratings.rate(
            by=accounts.signatory(), order=order, stars=5, is_outcome_reached=True, words="", at=NOW
        )


@pytest.mark.parametrize("stars", [0, 6, True])
def test_rate_outside_one_to_five_is_refused(stars: int) -> None:
    order = experience.order()
    experience.used_long(order)

    with pytest.raises(ratings.InvalidRating) as refused:
        rate(order, stars)

    assert "stars" in refused.value.errors


@pytest.mark.parametrize("tie", ["company", "legal person", "member"])
def test_rate_a_related_provider_is_refused(tie: str) -> None:
    order = experience.order()
    experience.used_long(order)
    seller = order.bundle.publisher.organization
    if tie == "company":
        seller.uscc = order.enterprise.uscc
    if tie == "legal person":
        seller.legal_person = order.enterprise.legal_person
    seller.save()
    if tie == "member":
        accounts.member(seller, Role.OPERATOR, person_key="k" * 64)
        accounts.member(order.enterprise, Role.VIEWER, person_key="k" * 64)

    with pytest.raises(ratings.RatingRelated) as refused:
        rate(order)

    assert seller.name in str(refused.value)


def test_publisher_answers_once_and_nobody_else() -> None:
    order = experience.order()
    publisher = accounts.member(order.bundle.publisher.organization, Role.OPERATOR)
    with pytest.raises(ratings.NotRated):
        ratings.answer(by=publisher, order=order, words="谢谢", at=NOW)
    experience.rated(order)
    stranger = accounts.member(providers.provider().organization, Role.OPERATOR)
    with pytest.raises(Forbidden):
        ratings.answer(by=stranger, order=order, words="谢谢", at=NOW)

    made = ratings.answer(by=publisher, order=order, words="谢谢", at=NOW)

    assert (made.words, made.rating.number) == ("谢谢", 1)
    with pytest.raises(ratings.AnsweredBefore):
        ratings.answer(by=publisher, order=order, words="再谢", at=NOW)


def test_each_firm_counts_once_with_its_latest_rating() -> None:
    bundle = experience.bundle()
    firm = accounts.organization()
    experience.rated(experience.order(bundle, firm), 1, is_reached=False)
    experience.rated(experience.order(bundle, firm), 5)
    experience.rated(experience.order(bundle), 3, is_reached=False)

    found = OfferingExperience.objects.get(offering=bundle.offerings.get())

    assert (found.firms, found.stars, found.reached) == (2, 8, 1)


def test_real_cost_against_the_promised_is_folded_from_bills() -> None:
    order = experience.order()
    # promised: 10,000 calls for 40 yuan; billed: 5,000 calls for 25 yuan where 20 were promised
    experience.billed(order, 5_000, 2_500)

    experience.rated(order)

    found = OfferingExperience.objects.get(offering=order.bundle.offerings.get())
    assert (found.measured, found.billed_fen, found.promised_fen) == (1, 2_500, 2_000)
    assert found.kept == 375  # 1,000 x (4,000 - 2,500) / 4,000


def test_words_are_masked_for_strangers() -> None:
    words = "庆阳某厂张三电话１３９ 1234 5678,邮箱a.b@c.cn,代码91621000MA12345678,用了30天很好"

    assert masked(words, ["张三", ""]) == "庆阳某厂***电话***,邮箱***,代码***,用了30天很好"
