"""A shelf of offerings in the database, the same for the same seed: what `catalogs.composable` has in memory."""

import random
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db.backends.postgresql.psycopg_any import DateRange

from bench.catalogs import SCENARIOS, composable
from common.codes import new_code
from marketplace.matching.rules.compose_catalog import Item
from marketplace.models import Compatibility, ComposingTerms, OfferingExperience, Scenario
from providers.models import Capacity, Facility, Meter, Offering, Provider, Rate
from tests.factories import marketplace, providers
from tests.factories.accounts import NOW

PROVIDERS = 20
METERS = {
    "compute": (Meter.CARD_SECONDS, 3600), "storage": (Meter.STORAGE_MB_SECONDS, 10**12),
    "platform": (Meter.INPUT_TOKENS, 10**6), "application": (Meter.CALLS, 1000),
}  # fmt: skip
"""What an offering of a layer sells, and the units that its price is for."""
COEFFICIENTS = {"card_seconds": 2, "storage_mb_seconds": 10**6, "input_tokens": 1000, "calls": 1}
USED_EVERY = 10
"""Every so many offerings were rated after long use."""


def fill(*, offerings: int, month: date, seed: int = 1) -> list[Scenario]:
    """Write offerings with facilities, prices, capacity, terms and partners; the scenarios they serve."""
    draw = random.Random(seed)
    owners = [providers.provider() for _number in range(PROVIDERS)]
    scenes = [marketplace.scenario(coefficients=COEFFICIENTS) for _number in range(SCENARIOS)]
    items = composable(offerings=offerings, seed=seed).items
    made = {item.code: _offering(item, draw.choice(owners)) for item in items}
    Facility.objects.bulk_create(each.facility for each in made.values() if each.facility)
    Offering.objects.bulk_create(made.values(), batch_size=5_000)
    _write_prices(items, made, month, draw)
    terms = [_terms(item, made[item.code]) for item in items]
    ComposingTerms.objects.bulk_create(terms, batch_size=5_000)
    through = ComposingTerms.scenarios.through
    through.objects.bulk_create(
        through(composingterms_id=each.pk, scenario_id=scenes[int(number)].pk)
        for each, item in zip(terms, items, strict=True)
        if item.layer == "application"
        for number in sorted(item.scenarios)
    )
    Compatibility.objects.bulk_create(
        (
            Compatibility(upper=made[item.code], lower=made[code])
            for item in items
            for below in sorted(item.works_with)
            for code in sorted(item.works_with[below])
        ),
        batch_size=10_000,
    )
    _write_use(list(made.values()), draw)
    return scenes


def _offering(item: Item, owner: Provider) -> Offering:
    facility = None
    if item.region:
        facility = Facility(
            code=new_code("FA"), provider=owner, kind="edge_data_center", name=item.code,
            region=item.region, latency_us=item.latency_us or 1, spec={"cards": 8}, created_at=NOW,
        )  # fmt: skip
    return Offering(
        code=new_code("OF"), provider=owner, facility=facility, layer=item.layer, name=item.code,
        has_domestic_chip=item.has_domestic_chip,
        status="listed" if item.is_listed else "retired", listed_at=NOW,
        listed_by=owner.submitted_by,
    )  # fmt: skip


def _write_prices(
    items: Sequence[Item], made: dict[str, Offering], month: date, draw: random.Random
) -> None:
    sold = [(made[item.code], *METERS[item.layer]) for item in items if item.layer in METERS]
    Rate.objects.bulk_create(
        (
            Rate(
                offering=offering, meter=meter, price_yuan=Decimal(draw.randint(50, 900)) / 100,
                per_units=units, effective=DateRange(date(2023, 1, 1), None), created_at=NOW,
                created_by=offering.listed_by,
            )
            for offering, meter, units in sold
        ),
        batch_size=5_000,
    )  # fmt: skip
    Capacity.objects.bulk_create(
        (
            Capacity(
                offering=offering, meter=meter, month=month,
                total_units=draw.randint(1, 400) * COEFFICIENTS[meter] * 1_000,
            )
            for offering, meter, _units in sold
        ),
        batch_size=5_000,
    )  # fmt: skip


def _terms(item: Item, offering: Offering) -> ComposingTerms:
    return ComposingTerms(
        offering=offering, start_cost_fen=item.start_cost_fen, notice_days=15,
        days_to_first_use=item.days_to_first_use, operated_by="provider", stated_at=NOW,
        stated_by=offering.listed_by,
    )  # fmt: skip


def _write_use(made: list[Offering], draw: random.Random) -> None:
    OfferingExperience.objects.bulk_create(
        OfferingExperience(
            offering=offering, firms=4, stars=draw.randint(4, 20), reached=draw.randint(0, 4),
            measured=4, kept=draw.randint(0, 4000), billed_fen=10**6, promised_fen=10**6,
            folded_at=NOW,
        )
        for offering in made[::USED_EVERY]
    )  # fmt: skip
