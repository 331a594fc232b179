"""The readiness check: three answers change the advice, and nothing else."""

import pytest
from django.urls import reverse

from marketplace.matching import preparing
from marketplace.matching.actions import matches, needs
from marketplace.matching.rules import readiness
from marketplace.models import Need
from tests.factories import accounts, marketplace
from tests.factories.accounts import NOW
from tests.marketplace.matching.test_pages import FILLED, shop, signed_in

READY = {"data": "ready", "process": "ready", "people": "ready"}


@pytest.mark.parametrize(
    ("answers", "steps"),
    [
        ({}, []),
        ({"data": "ready"}, []),
        (READY, ["start_now"]),
        (READY | {"data": "partly"}, ["collect_samples"]),
        (READY | {"data": "none"}, ["start_with_dataset"]),
        (READY | {"process": "partly"}, ["name_one_step"]),
        (READY | {"people": "partly"}, ["train_one"]),
        ({"people": "none"}, ["let_provider_operate"]),
        (
            {"people": "none", "process": "none", "data": "none"},
            ["start_with_dataset", "describe_process", "let_provider_operate", "start_small"],
        ),
    ],
)
def test_steps_follow_from_the_answers_first_things_first(
    answers: dict[str, str], steps: list[str]
) -> None:
    assert readiness.steps(answers) == steps


def test_every_step_has_its_words() -> None:
    assert set(preparing.WORDS) == {*readiness.STEPS.values(), "start_small", "start_now"}


@pytest.mark.parametrize("answers", [{"money": "ready"}, {"data": "perhaps"}])
def test_an_answer_that_is_no_choice_is_refused(answers: dict[str, str]) -> None:
    with pytest.raises(readiness.BadAnswer):
        readiness.checked(answers)


def test_answers_are_kept_in_the_order_of_the_questions_without_the_empty_ones() -> None:
    given = {"people": "none", "process": "", "data": "partly"}

    assert list(readiness.checked(given).items()) == [("data", "partly"), ("people", "none")]


@pytest.mark.django_db
def test_a_need_with_a_made_up_answer_is_not_saved() -> None:
    by, scene = accounts.preparer(), marketplace.scenario()

    with pytest.raises(needs.InvalidNeed):
        needs.state(
            by=by, scenario=scene, monthly_volume=1, monthly_budget_fen=1, region="",
            latency_us=None, needs_domestic_chip=False, at=NOW, readiness={"data": "perhaps"},
        )  # fmt: skip

    assert not Need.objects.exists()


@pytest.mark.django_db
def test_the_form_keeps_the_answers_and_the_page_says_what_to_do_first() -> None:
    by, scene = accounts.preparer(), marketplace.scenario(coefficients={"calls": 1})
    shop(scene)
    asked = {**FILLED, "data_ready": "partly", "process_ready": "ready", "people_ready": ""}
    client = signed_in(by)

    client.post(reverse("marketplace:need_create", args=[scene.slug]), asked)

    need = Need.objects.get()
    assert need.readiness == {"data": "partly", "process": "ready"}
    page = client.get(need.get_absolute_url()).content.decode()
    assert "启用前的准备" in page
    assert "，".join(preparing.steps_of(need)) in page
    again = client.get(reverse("marketplace:need_create", args=[scene.slug]) + "?data_ready=partly")
    assert again.context["form"]["data_ready"].value() == "partly"


@pytest.mark.django_db
def test_the_form_refuses_a_made_up_answer_and_keeps_the_volume() -> None:
    scene = marketplace.scenario()
    asked = {**FILLED, "data_ready": "perhaps"}

    answer = signed_in(accounts.preparer()).post(
        reverse("marketplace:need_create", args=[scene.slug]), asked
    )

    assert answer.status_code == 422
    assert 'value="１０，０００"' in answer.content.decode()
    assert not Need.objects.exists()


@pytest.mark.django_db
def test_nobody_to_run_it_warns_of_bundles_run_by_own_staff_and_moves_no_rank() -> None:
    by, scene = accounts.preparer(), marketplace.scenario(coefficients={"input_tokens": 1})
    own = marketplace.bundle(scenes=[scene], operated_by="enterprise")
    marketplace.bundle(scenes=[scene])
    ready = marketplace.need(by.own(), scene)
    helpless = marketplace.need(by.own(), scene, readiness={"people": "none"})

    ranks = [
        [(row.bundle_id, row.rank, row.score) for row in matches.compute(by=by, need=each, at=NOW)]
        for each in (ready, helpless)
    ]

    assert ranks[0] == ranks[1]
    warned = {row.bundle_id: preparing.warning_of(helpless, row) for row in helpless.matches.all()}
    assert {key for key, words in warned.items() if words} == {own.pk}
    assert not any(preparing.warning_of(ready, row) for row in ready.matches.all())
