"""Facilities and offerings: created by their owner, listed only when somebody can buy them."""

import pytest

from accounts.access import Actor
from accounts.models import Role
from common.errors import Forbidden
from common.states import WrongState
from providers import kinds
from providers.actions import facilities, offerings, registrations
from providers.models import Facility, Layer, Offering, OfferingStatus, Provider, ProviderStatus
from tests.factories import accounts, providers
from tests.factories.accounts import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def supplier() -> Provider:
    return providers.provider()


@pytest.fixture
def operator(supplier: Provider) -> Actor:
    return accounts.member(supplier.organization, Role.OPERATOR)


def add(by: Actor, **values: object) -> Facility:
    fields = {
        "kind": "edge_data_center",
        "name": "西峰边缘数据中心",
        "region": "621002",
        "latency_us": 3000,
        "spec": {"cards": 8},
        **values,
    }
    return facilities.add(by=by, at=NOW, **fields)  # type: ignore[arg-type]


def create(by: Actor, **values: object) -> Offering:
    fields = {"facility": None, "layer": Layer.PLATFORM, "name": "推理平台", **values}
    return offerings.create(by=by, at=NOW, **fields)  # type: ignore[arg-type]


def test_add_facility_keeps_checked_figures(operator: Actor, supplier: Provider) -> None:
    facility = add(operator, spec={"cards": 8, "cores": 0})

    assert facility.provider == supplier
    assert facility.spec == {"cards": 8}
    assert facility.bound_per_second("card_seconds") == 8
    assert facility.bound_per_second("input_tokens") is None


def test_add_facility_impossible_names_every_field(operator: Actor) -> None:
    with pytest.raises(facilities.InvalidFacility) as refusal:
        add(operator, kind="moon_base", region="Qingyang", latency_us=-1)

    assert set(refusal.value.errors) == {"kind", "region", "latency_us"}


def test_add_facility_bad_figures_refused(operator: Actor) -> None:
    with pytest.raises(kinds.InvalidSpec):
        add(operator, spec={"cards": float("nan")})

    assert not Facility.objects.exists()


def test_add_facility_before_registration_refused() -> None:
    newcomer = accounts.member(accounts.organization("provider"), Role.OPERATOR)

    with pytest.raises(registrations.NotRegistered):
        add(newcomer)


@pytest.mark.parametrize("layer", [Layer.COMPUTE, Layer.STORAGE, Layer.NETWORK])
def test_create_physical_without_facility_refused(operator: Actor, layer: str) -> None:
    with pytest.raises(offerings.FacilityMissing):
        create(operator, layer=layer)


def test_create_in_anothers_facility_refused(operator: Actor) -> None:
    with pytest.raises(offerings.FacilityUnfit):
        create(operator, layer=Layer.COMPUTE, facility=providers.facility())


def test_create_layer_the_kind_does_not_serve_refused(operator: Actor) -> None:
    lines = add(operator, kind="metro_network", spec={"bandwidth_mbps": 1000, "circle_ms": 1})

    with pytest.raises(offerings.FacilityUnfit):
        create(operator, layer=Layer.COMPUTE, facility=lines)


def test_publish_without_price_refused(operator: Actor) -> None:
    draft = create(operator)

    with pytest.raises(offerings.OfferingWithoutPrice):
        offerings.publish(by=operator, offering=draft, at=NOW)


def test_publish_before_verification_refused(operator: Actor, supplier: Provider) -> None:
    draft = create(operator)
    Provider.objects.filter(pk=supplier.pk).update(
        status=ProviderStatus.SUBMITTED, decided_at=None, decided_by=None
    )

    with pytest.raises(offerings.ProviderNotVerified):
        offerings.publish(by=operator, offering=draft, at=NOW)


def test_publish_then_retire_and_no_way_back(operator: Actor, supplier: Provider) -> None:
    draft = providers.offering(supplier, status="draft", listed_at=None, listed_by=None)
    providers.rate(draft, created_by=operator.user)

    listed = offerings.publish(by=operator, offering=draft, at=NOW)
    assert list(Offering.objects.listed()) == [listed]
    retired = offerings.retire(by=operator, offering=listed, at=NOW)

    assert retired.status == OfferingStatus.RETIRED
    assert not Offering.objects.listed().exists()
    with pytest.raises(WrongState):
        offerings.publish(by=operator, offering=retired, at=NOW)


def test_offering_three_people(supplier: Provider) -> None:
    draft = providers.offering(supplier, status="draft", listed_at=None, listed_by=None)
    colleague = accounts.member(supplier.organization, Role.VIEWER)
    stranger = accounts.member(providers.provider().organization, Role.OPERATOR)

    assert list(Offering.objects.visible_to(colleague)) == [draft]
    assert list(Offering.objects.visible_to(stranger)) == []
    assert list(Offering.objects.visible_to(None)) == []
    with pytest.raises(Forbidden):
        offerings.publish(by=colleague, offering=draft, at=NOW)
    with pytest.raises(Forbidden):
        offerings.publish(by=stranger, offering=draft, at=NOW)
