"""What ratings change in the order of matches, and what is said about it."""

import pytest

from marketplace.experience.actions import folding, ratings
from marketplace.matching import after_use
from marketplace.matching.actions import matches
from marketplace.matching.actions.answers import BEST
from marketplace.matching.serializers import MatchSerializer
from marketplace.models import Bundle, Match, Need, OfferingExperience
from tests.factories import accounts, experience, marketplace, providers
from tests.factories.accounts import NOW

pytestmark = pytest.mark.django_db


def two() -> tuple[Bundle, Bundle, Need]:
    """Two bundles for one scenario, the second dearer by a tenth of a percent of the budget."""
    scene = marketplace.scenario(coefficients={"calls": 1})
    first = experience.bundle(scene)
    dearer = experience.seller("钱七")
    dearer.rates.all().delete()
    providers.rate(dearer, "calls", "0.0041", 1)
    second = experience.bundle(scene, dearer)
    return first, second, marketplace.need(scene=scene)


def ranked(need: Need) -> list[Match]:
    return matches.compute(by=accounts.preparer(need.enterprise), need=need, at=NOW)


def test_good_ratings_of_three_firms_move_a_bundle_up_and_say_so() -> None:
    first, second, need = two()
    assert [row.bundle for row in ranked(need)] == [first, second]
    for _ in range(3):
        experience.rated(experience.order(second))

    up, down = ranked(need)

    assert (up.bundle, up.rank, up.reasons["use"]["rank_unused"]) == (second, 1, 2)
    assert (down.bundle, down.reasons["use"]["rank_unused"]) == (first, 1)
    told = after_use.moved(up)
    assert told is not None
    assert told.is_moved
    assert "3" in told.why
    assert "5.0" in told.why
    shown = MatchSerializer(up).data
    assert (shown["use"]["rank_without"], shown["use"]["firms"]) == (2, 3)
    assert shown["why"]


def test_figures_of_fewer_than_three_firms_are_not_told() -> None:
    _first, second, need = two()
    experience.rated(experience.order(second))

    found = next(row for row in ranked(need) if row.bundle == second)

    shown = MatchSerializer(found).data
    assert (shown["use"]["firms"], shown["use"]["stars"], shown["use"]["billed"]) == (None,) * 3


def test_a_bundle_that_costs_more_than_promised_falls_behind() -> None:
    first, second, need = two()
    for _ in range(3):
        order = experience.order(first)
        experience.used_long(order)
        experience.billed(order, 1_000, 800)  # 4 yuan were promised, 8 are billed
    assert folding.fold_due(at=NOW) == 1

    assert [row.bundle for row in ranked(need)] == [second, first]


def test_weight_of_long_use_can_be_moved_to_nothing() -> None:
    first, second, need = two()
    for _ in range(3):
        experience.rated(experience.order(second))
    weights = {"own_share": 50, "fit": 20, "latency": 10, "quality": 0}

    by = accounts.preparer(need.enterprise)
    found = matches.weigh(by=by, need=need, weights=weights, at=NOW)

    assert [row.bundle for row in found] == [first, second]


def test_changed_rating_moves_the_bundle_back() -> None:
    first, second, need = two()
    placed = [experience.order(second) for _ in range(3)]
    for order in placed:
        experience.rated(order)
    for order in placed:
        ratings.rate(
            by=accounts.signatory(order.enterprise),
            order=order,
            stars=1,
            is_outcome_reached=False,
            words="",
            at=NOW,
        )

    assert [row.bundle for row in ranked(need)] == [first, second]


def test_rank_without_use_is_unknown_where_it_is_beyond_the_best() -> None:
    scene = marketplace.scenario(coefficients={"calls": 1})
    made = []
    for number in range(BEST + 1):
        offered = experience.seller(f"法人{number}")
        offered.rates.all().delete()
        providers.rate(offered, "calls", f"0.00{40 + number}", 1)
        made.append(experience.bundle(scene, offered))
    need, last = marketplace.need(scene=scene), made[-1]
    assert last not in [row.bundle for row in ranked(need) if row.rank]
    OfferingExperience.objects.create(
        offering=last.offerings.get(), firms=3, stars=15, reached=3, folded_at=NOW
    )

    found = {row.bundle: row for row in ranked(need) if row.rank}

    # 86 points of quality at weight 10 are worth 19 steps of one point of the own share at weight 45
    assert found[last].rank == 2
    assert found[last].reasons["use"]["rank_unused"] is None
    assert found[made[0]].reasons["use"]["rank_unused"] == 1
    assert found[made[5]].reasons["use"]["rank_unused"] == 6
