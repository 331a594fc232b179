"""Scenarios: load those that ship with the product."""

from django.db import transaction

from marketplace.catalog.models import Scenario
from marketplace.catalog.rules import scenarios as rules


@transaction.atomic
def load() -> list[Scenario]:
    """Bring the shipped scenarios into the database: new ones added, changed ones updated.

    Nothing is removed, because needs and bundles point at scenarios. Running it again changes
    nothing. An installation step without an actor: the data are part of the product.
    """
    loaded = []
    for data in rules.shipped():
        scenario, _created = Scenario.objects.update_or_create(
            slug=data.slug, defaults=_fields(data)
        )
        loaded.append(scenario)
    return loaded


def _fields(data: rules.ScenarioData) -> dict[str, object]:
    return {
        "name": data.name.chinese,
        "name_en": data.name.english,
        "summary": data.summary.chinese,
        "summary_en": data.summary.english,
        "stage": data.stage,
        "sections": data.sections,
        "volume_unit": data.volume_unit.chinese,
        "volume_unit_en": data.volume_unit.english,
        "coefficients": {meter: one.units for meter, one in data.coefficients.items()},
        "assumptions": {
            meter: {"zh": one.reasoning.chinese, "en": one.reasoning.english}
            for meter, one in data.coefficients.items()
        },
        "coefficients_source": rules.SOURCE.chinese,
        "coefficients_source_en": rules.SOURCE.english,
    }
