"""Dull scenarios, bundles and needs."""

import itertools
from typing import Any

from accounts.models import Organization
from common.codes import new_code
from marketplace.models import Bundle, BundleItem, ComposingTerms, Need, Scenario
from providers.models import Layer, Offering, Provider
from tests.factories import accounts, providers
from tests.factories.accounts import NOW

_numbers = itertools.count(1)


def scenario(**values: Any) -> Scenario:
    """Quality inspection: a thousand input and two hundred output tokens for each picture."""
    defaults: dict[str, Any] = {
        "slug": f"inspection-{next(_numbers)}",
        "name": "产品外观质检",
        "name_en": "Visual quality inspection",
        "summary": "用图片识别产品缺陷",
        "summary_en": "Finds product defects in pictures",
        "stage": "production",
        "sections": "C",
        "volume_unit": "张图片",
        "volume_unit_en": "pictures",
        "coefficients": {"input_tokens": 1000, "output_tokens": 200, "calls": 1},
        "coefficients_source": "测试假设",
        "coefficients_source_en": "assumption for tests",
    }
    return Scenario.objects.create(**{**defaults, **values})


def bundle(
    publisher: Provider | None = None,
    offerings: list[Offering] | None = None,
    scenes: list[Scenario] | None = None,
    **values: Any,
) -> Bundle:
    """A published bundle of compute, platform and application of one provider."""
    owner = publisher or providers.provider()
    defaults: dict[str, Any] = {
        "code": new_code("BN"),
        "publisher": owner,
        "name": f"质检轻量套餐{next(_numbers)}",
        "summary": "算力、平台、应用一站到位",
        "start_cost_fen": 0,
        "notice_days": 30,
        "days_to_first_use": 3,
        "operated_by": "provider",
        "status": "published",
        "published_at": NOW,
        "published_by": owner.submitted_by,
    }
    made = Bundle.objects.create(**{**defaults, **values})
    chain = offerings or [
        providers.offering(owner, layer=Layer.COMPUTE),
        providers.token_offering(owner),
        providers.offering(owner, layer=Layer.APPLICATION),
    ]
    for position, offered in enumerate(chain, start=1):
        BundleItem.objects.create(bundle=made, offering=offered, position=position)
    made.scenarios.set(scenes or [scenario()])
    return made


def terms(offering: Offering, scenes: list[Scenario] | None = None, **values: Any) -> Offering:
    """The offering, with terms on which the platform may compose with it."""
    defaults: dict[str, Any] = {
        "offering": offering,
        "start_cost_fen": 0,
        "notice_days": 15,
        "days_to_first_use": 2,
        "operated_by": "provider",
        "stated_at": NOW,
        "stated_by": offering.provider.submitted_by,
    }
    made = ComposingTerms.objects.create(**{**defaults, **values})
    made.scenarios.set(scenes or [])
    return offering


def need(
    enterprise: Organization | None = None, scene: Scenario | None = None, **values: Any
) -> Need:
    """Ten thousand pictures a month for at most a thousand yuan."""
    firm = enterprise or accounts.organization()
    defaults: dict[str, Any] = {
        "code": new_code("ND"),
        "enterprise": firm,
        "scenario": scene or scenario(),
        "monthly_volume": 10_000,
        "monthly_budget_fen": 100_000,
        "created_at": NOW,
        "created_by": accounts.preparer(firm).user,
    }
    return Need.objects.create(**{**defaults, **values})
