"""Needs in plain words and the bundles that answer them."""

from dataclasses import fields
from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from common.constraints import paired, positive
from marketplace.catalog.models import Bundle, Scenario
from marketplace.matching.rules.quality import Experience
from providers.models import Offering

if TYPE_CHECKING:
    from accounts.access import Actor

EXPERIENCE = tuple(field.name for field in fields(Experience))


class NeedQuerySet(models.QuerySet["Need"]):
    """Lookups of needs."""

    def visible_to(self, actor: "Actor") -> Self:
        """A need belongs to its enterprise alone."""
        return self.filter(enterprise=actor.organization)

    def shared(self, token: str) -> Self:
        """The one shared under an address; none for an empty one."""
        return self.filter(share_token=token).exclude(share_token="")

    def open(self) -> Self:
        """Those not ordered yet."""
        return self.filter(order__isnull=True)

    def with_outcome(self) -> Self:
        """With `fitting_count`, `matched_count`, scenario and order: what the list shows."""
        return self.select_related("scenario", "order__bundle").annotate(
            fitting_count=models.Count("matches", filter=Q(matches__rank__isnull=False)),
            matched_count=models.Count("matches"),
        )


class Need(models.Model):
    """What a firm wants each month: volume in the scenario's unit, budget in fen, latency in µs.

    `weights`: component -> percent, empty for the standard ones. `advice`: what the last answer
    says about limits: steps (limit, excluded, alone, to) and loose (offerings left out).
    `readiness`: data, process, people -> ready, partly or none, where answered. `share_token`: the
    address under which it is shared, empty when it is not.
    """

    code = models.CharField(max_length=16, unique=True)
    enterprise = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    scenario = models.ForeignKey(Scenario, on_delete=models.PROTECT, related_name="+")
    monthly_volume = models.BigIntegerField(_("monthly volume"))
    monthly_budget_fen = models.BigIntegerField(_("monthly budget"))
    region = models.CharField(_("data may live in"), max_length=6, blank=True, default="")
    latency_us = models.PositiveIntegerField(_("longest latency"), null=True)
    needs_domestic_chip = models.BooleanField(_("domestic chip only"), default=False)
    weights = models.JSONField(default=dict)
    advice = models.JSONField(default=dict)
    readiness = models.JSONField(default=dict)
    share_token = models.CharField(max_length=40, blank=True, default="")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = NeedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            positive("monthly_volume", "marketplace_need_volume"),
            positive("monthly_budget_fen", "marketplace_need_budget"),
            paired("created", "marketplace_need_created"),
            models.CheckConstraint(
                condition=Q(region__regex=r"^([0-9]{6})?$"), name="marketplace_need_region"
            ),
            models.UniqueConstraint(
                fields=["share_token"],
                condition=~Q(share_token=""),
                name="marketplace_need_shared_once",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        """The page of its matches."""
        return reverse("marketplace:need_detail", args=[self.code])


class OfferingExperience(models.Model):
    """What firms with long use found of an offering, folded from ratings and bills; see rules.quality.

    Each firm counts once, with its latest rating. Amounts are those of the `measured` firms' bills.
    """

    offering = models.OneToOneField(Offering, on_delete=models.PROTECT, related_name="+")
    firms = models.PositiveIntegerField(default=0)
    stars = models.PositiveIntegerField(default=0)
    reached = models.PositiveIntegerField(default=0)
    measured = models.PositiveIntegerField(default=0)
    kept = models.PositiveIntegerField(default=0)
    billed_fen = models.BigIntegerField(default=0)
    promised_fen = models.BigIntegerField(default=0)
    folded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(stars__gte=models.F("firms"), stars__lte=5 * models.F("firms")),
                name="marketplace_experience_stars",
            ),
            models.CheckConstraint(
                condition=Q(reached__lte=models.F("firms")),
                name="marketplace_experience_reached",
            ),
            models.CheckConstraint(
                condition=Q(kept__lte=1000 * models.F("measured")),
                name="marketplace_experience_kept",
            ),
            positive("promised_fen", "marketplace_experience_promised", zero=True),
        ]

    def __str__(self) -> str:
        return f"{self.offering_id}: {self.firms}"

    def found(self) -> Experience:
        """As the rules take it."""
        return Experience(**{name: getattr(self, name) for name in EXPERIENCE})


class MatchQuerySet(models.QuerySet["Match"]):
    """Lookups of matches."""

    def shown(self) -> Self:
        """Ranked ones first, then the excluded, nearest price first."""
        return self.select_related("bundle__publisher__organization").order_by(
            models.F("rank").asc(nulls_last=True), "own_fen", "pk"
        )


class Match(models.Model):
    """One bundle held against one need, for a month, in fen: price = voucher + own.

    Excluded ones have no rank. `units`: offering code -> meter -> base units. `reasons`: lines
    (what is priced), parts, components (points of the score), lacks (meters not delivered),
    latency_us, binding (what keeps vouchers from paying more) and full_months (how long they pay as
    in the first), exclusions (limits broken), use (what long use changed; empty for excluded ones).
    """

    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="matches")
    bundle = models.ForeignKey(Bundle, on_delete=models.PROTECT, related_name="+")
    rank = models.PositiveSmallIntegerField(null=True)
    score = models.IntegerField(default=0)
    price_fen = models.BigIntegerField()
    voucher_fen = models.BigIntegerField()
    own_fen = models.BigIntegerField()
    units = models.JSONField()
    reasons = models.JSONField()
    computed_at = models.DateTimeField()

    objects = MatchQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["need", "bundle"], name="marketplace_match_once"),
            models.UniqueConstraint(
                fields=["need", "rank"],
                condition=Q(rank__isnull=False),
                name="marketplace_match_rank_once",
            ),
            models.CheckConstraint(
                condition=Q(price_fen=models.F("voucher_fen") + models.F("own_fen")),
                name="marketplace_match_split",
            ),
            positive("voucher_fen", "marketplace_match_voucher", zero=True),
            positive("own_fen", "marketplace_match_own", zero=True),
        ]

    def __str__(self) -> str:
        return f"{self.need.code}/{self.bundle.code}"
