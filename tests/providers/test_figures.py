"""Figures of listings: declared, verified with evidence, measured."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from accounts.models import Role
from common.errors import Forbidden
from marketplace.experience.actions import folding
from providers import marks
from providers.actions import figures, offerings, registrations
from providers.models import Figure, FigureMeasurement, FigureName, Latency, Mark, Offering
from tests.factories import accounts, experience, providers
from tests.factories.accounts import NOW

pytestmark = pytest.mark.django_db
UPTIME, DAYS = FigureName.UPTIME, FigureName.DAYS_TO_FIRST_USE


def declared(offering: Offering | None = None, value: int = 999_000) -> Figure:
    offered = offering or providers.token_offering()
    by = accounts.member(offered.provider.organization, Role.OPERATOR)
    figures.declare(by=by, offering=offered, values={UPTIME: value}, at=NOW)
    return Figure.objects.standing().get(offering=offered, name=UPTIME)


def shown(offering: Offering, name: str = UPTIME) -> marks.Shown:
    rows = marks.standing(Figure.objects.filter(offering=offering, name=name))
    return marks.shown_of(rows)[0]


def test_declared_figure_is_marked_so() -> None:
    found = shown(declared().offering)

    assert (found.text, found.mark) == ("99.9%", Mark.DECLARED)


def test_verified_figure_names_bureau_day_and_evidence() -> None:
    figure = declared()
    officer = accounts.officer()

    figures.verify(by=officer, figure=figure, evidence="检测报告 2026-118", at=NOW)

    found = shown(figure.offering)
    assert found.mark == Mark.VERIFIED
    for part in (officer.own().name, "2026-10-12", "检测报告 2026-118"):
        assert part in found.note


def test_another_value_falls_back_to_declared_and_the_same_keeps_its_mark() -> None:
    figure = declared()
    figures.verify(by=accounts.officer(), figure=figure, evidence="检测报告", at=NOW)

    declared(figure.offering)
    assert shown(figure.offering).mark == Mark.VERIFIED
    declared(figure.offering, 999_900)
    assert shown(figure.offering).mark == Mark.DECLARED
    declared(figure.offering)  # the former value again was not looked at again

    assert shown(figure.offering).mark == Mark.DECLARED


def test_verify_an_outdated_value_is_refused() -> None:
    figure = declared()
    declared(figure.offering, 990_000)

    with pytest.raises(figures.FigureOutdated):
        figures.verify(by=accounts.officer(), figure=figure, evidence="检测报告", at=NOW)


def test_verify_needs_evidence_right_and_distance() -> None:
    figure = declared()
    with pytest.raises(figures.EvidenceMissing):
        figures.verify(by=accounts.officer(), figure=figure, evidence=" ", at=NOW)
    with pytest.raises(Forbidden):
        figures.verify(by=accounts.signatory(), figure=figure, evidence="报告", at=NOW)
    insider = accounts.officer()
    insider.user.memberships.create(
        organization=figure.offering.provider.organization, role=Role.VIEWER, created_at=NOW
    )

    with pytest.raises(registrations.OwnRegistration):
        figures.verify(by=insider, figure=figure, evidence="报告", at=NOW)


@pytest.mark.parametrize(
    ("name", "value"),
    [(UPTIME, 1_000_001), (UPTIME, -1), (DAYS, 366), ("tokens_per_second", 0), ("latency_us", 5)],
)
def test_declare_what_cannot_be_meant_is_refused(name: str, value: int) -> None:
    offering = providers.token_offering()
    by = accounts.member(offering.provider.organization, Role.OPERATOR)

    with pytest.raises(figures.InvalidFigure) as refused:
        figures.declare(by=by, offering=offering, values={name: value}, at=NOW)

    assert name in refused.value.errors


def test_database_refuses_more_than_all_of_the_time() -> None:
    figure = declared()

    with pytest.raises(IntegrityError, match="providers_figure_uptime"), transaction.atomic():
        Figure.objects.create(
            code="FG-X", offering=figure.offering, name=UPTIME, number=9, value=1_000_001,
            stated_at=NOW, stated_by=figure.stated_by,
        )  # fmt: skip


def test_draft_takes_over_the_latency_of_its_facility_and_measured_districts_count() -> None:
    owner = providers.provider()
    facility = providers.facility(owner, latency_us=3000)
    by = accounts.member(owner.organization, Role.OPERATOR)
    made = offerings.create(by=by, facility=facility, layer="compute", name="卡时", at=NOW)
    assert shown(made, FigureName.LATENCY).text == "3 ms"
    for district, latency_us in (
        ("621002", 3200),
        ("621021", 3900),
        ("621022", 5100),
        ("110101", 1),
    ):
        Latency.objects.create(
            facility=facility, district=district, latency_us=latency_us, source="measured",
            effective=DateRange(date(2026, 10, 1), None), stated_at=NOW, stated_by=by.user,
        )  # fmt: skip

    assert (figures.measure_latencies(at=NOW), figures.measure_latencies(at=NOW)) == (1, 1)

    found = shown(made, FigureName.LATENCY)
    assert (found.value, found.declared, found.mark) == (3900, 3000, Mark.MEASURED)
    assert FigureMeasurement.objects.count() == 1


def test_days_to_first_use_are_measured_from_three_firms() -> None:
    bundle = experience.bundle()
    offering = bundle.offerings.get()
    by = accounts.member(offering.provider.organization, Role.OPERATOR)
    figures.declare(by=by, offering=offering, values={DAYS: 1}, at=NOW)
    for days in (1, 4, 9):
        order = experience.order(bundle)
        experience.used(order, order.placed_at.date() + timedelta(days=days))
        folding.fold_due(at=NOW)
        is_enough = days == 9
        assert (shown(offering, DAYS).mark == Mark.MEASURED) == is_enough

    assert (shown(offering, DAYS).value, shown(offering, DAYS).declared) == (4, 1)
