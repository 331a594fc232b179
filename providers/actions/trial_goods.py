"""The free side of an offering: what a trial subscribes to, priced at zero on the meters it caps."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from accounts.access import Actor
from common.codes import new_code
from common.periods import local_day
from providers.models import Offering, OfferingStatus, Rate


def make(*, by: Actor, offering: Offering, meters: Collection[str], at: datetime) -> Offering:
    """The trial of a locked own offering, made when there is none, with a price of zero on the meters.

    What is used of it never costs anything, whatever its volume.
    """
    known = Offering.objects.filter(trial_of=offering).first()
    made = known or Offering.objects.create(
        code=new_code("OF"),
        provider=offering.provider,
        facility=offering.facility,
        layer=offering.layer,
        name=_("%(name)s (trial)") % {"name": offering.name[:80]},
        summary=offering.summary,
        model_name=offering.model_name,
        has_domestic_chip=offering.has_domestic_chip,
        status=OfferingStatus.LISTED,
        trial_of=offering,
        listed_at=at,
        listed_by=by.user,
    )
    priced = set(made.rates.values_list("meter", flat=True))
    Rate.objects.bulk_create(
        Rate(
            offering=made,
            meter=meter,
            price_yuan=Decimal(0),
            per_units=1,
            effective=DateRange(local_day(at), None),
            created_at=at,
            created_by=by.user,
        )
        for meter in sorted(set(meters) - priced)
    )
    return made
