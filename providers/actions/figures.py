"""Figures of listings: declare, verify with evidence, measure."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common.codes import new_code
from common.errors import Conflict, DomainError
from common.periods import local_day
from providers.actions import offerings, registrations
from providers.models import (
    Figure,
    FigureMeasurement,
    FigureName,
    FigureVerification,
    Latency,
    LatencySource,
    Offering,
)
from providers.rules.marks import LIMITS, lower_median

STATED_BY_PROVIDERS = (
    FigureName.UPTIME,
    FigureName.THROUGHPUT,
    FigureName.DAYS_TO_FIRST_USE,
)
"""What a provider types; latency is that of the facility, taken over when an offering is drafted."""


class InvalidFigure(DomainError):
    """A value that cannot be meant; `errors` names the field."""

    code = "invalid_figure"


class FigureOutdated(Conflict):
    """The provider declared another value in the meantime."""

    code = "figure_outdated"


class EvidenceMissing(DomainError):
    """A figure is verified with evidence or not at all."""

    code = "evidence_missing"


@transaction.atomic
def declare(
    *, by: Actor, offering: Offering, values: Mapping[str, int], at: datetime
) -> list[Figure]:
    """Declare figures of an own offering in base units; another value begins unverified.

    The same value changes nothing and keeps its mark. Locks the offering. Raises Forbidden,
    InvalidFigure.
    """
    by.require(Permission.PROVIDER_MANAGE)
    locked = offerings.lock_own(by=by, offering=offering)
    for name, value in values.items():
        if name not in STATED_BY_PROVIDERS:
            message = _("This figure is not declared by hand.")
            raise InvalidFigure(message, errors={name: message})
        _check(name, value)
    made = [_state(by, locked, name, value, at) for name, value in sorted(values.items())]
    codes = {figure.name: figure.value for figure in made if figure is not None}
    if codes:
        trail.record(by=by, at=at, verb="offering.figures", subject=locked, data=codes)
    return [figure for figure in made if figure is not None]


@transaction.atomic
def verify(*, by: Actor, figure: Figure, evidence: str, at: datetime) -> FigureVerification:
    """Confirm a declared value with evidence: a document's number, a test and its day.

    Locks the offering. Raises Forbidden, EvidenceMissing, FigureOutdated,
    registrations.OwnRegistration.
    """
    by.require(Permission.PROVIDER_VERIFY)
    evidence = evidence.strip()
    if not evidence or len(evidence) > 500:
        message = _("Name the evidence: which document or test, and of which day.")
        raise EvidenceMissing(message, errors={"evidence": message})
    locked = Offering.objects.select_for_update(of=("self",), no_key=True)
    offering = locked.select_related("provider").get(pk=figure.offering_id)
    registrations.require_stranger(by, offering.provider)
    if not Figure.objects.standing().filter(pk=figure.pk).exists():
        raise FigureOutdated(
            _("The provider has declared another value since. Look at the new one.")
        )
    made = FigureVerification.objects.create(
        figure=figure, evidence=evidence, verified_at=at, verified_by=by.user, verified_for=by.own()
    )
    data = {"figure": figure.name, "value": figure.value}
    trail.record(by=by, at=at, verb="offering.figure_verified", subject=offering, data=data)
    return made


@transaction.atomic
def measure(
    *, offering: Offering, name: str, value: int, sample: int, at: datetime
) -> FigureMeasurement | None:
    """Keep what the product measured beside the declared value; None where none is declared.

    The same again is not kept twice. Locks the offering.
    """
    Offering.objects.select_for_update(no_key=True).get(pk=offering.pk)
    figure = Figure.objects.standing().filter(offering=offering, name=name).first()
    if figure is None:
        return None
    last = figure.measurements.order_by("-pk").first()
    if last is not None and (last.value, last.sample) == (value, sample):
        return last
    return FigureMeasurement.objects.create(
        figure=figure, value=value, sample=sample, measured_at=at
    )


def measure_latencies(*, at: datetime) -> int:
    """Hold declared latencies against the measured ones of the same city. Returns how many.

    The lower median of the districts measured, of three at least. An idempotent tick.
    """
    figures = Figure.objects.standing().filter(name=FigureName.LATENCY)
    measured = Latency.objects.in_force_on(local_day(at)).filter(source=LatencySource.MEASURED)
    known = 0
    for figure in figures.select_related("offering__facility").order_by("pk"):
        facility = figure.offering.facility
        assert facility is not None  # noqa: S101  # latencies are declared for facilities alone
        city = measured.filter(facility=facility, district__startswith=facility.region[:4])
        found = list(city.values_list("latency_us", flat=True))
        value = lower_median(found)
        if value is not None:
            measure(
                offering=figure.offering,
                name=FigureName.LATENCY,
                value=value,
                sample=len(found),
                at=at,
            )
            known += 1
    return known


def _check(name: str, value: int) -> None:
    least, most = LIMITS[name]
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or not least <= value <= most:
        message = _("Enter a value between %(least)s and %(most)s.") % {
            "least": least,
            "most": most,
        }
        raise InvalidFigure(message, errors={name: message})


def _state(by: Actor, offering: Offering, name: str, value: int, at: datetime) -> Figure | None:
    last = Figure.objects.filter(offering=offering, name=name).order_by("-number").first()
    if last is not None and last.value == value:
        return None
    return Figure.objects.create(
        code=new_code("FG"),
        offering=offering,
        name=name,
        number=last.number + 1 if last else 1,
        value=value,
        stated_at=at,
        stated_by=by.user,
    )
