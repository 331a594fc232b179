"""Clearing rounds: many needs against scarce places and money, signed by two people, then offered."""

from typing import TYPE_CHECKING, ClassVar, Self

import pgtrigger
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from common.constraints import choices_constraint, paired, positive
from common.models import Job
from marketplace.catalog.models import Bundle
from marketplace.matching.models import Need
from marketplace.orders.models import Order
from vouchers.grants.models import Scheme

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.access import Actor


class RoundStatus(models.TextChoices):
    """Where a round stands; the order of the values is the order of the steps."""

    DRAFT = "draft", _("Prepared")
    COLLECTED = "collected", _("Input frozen")
    SOLVED = "solved", _("Waiting for first signature")
    SIGNED_ONCE = "signed_once", _("Waiting for second signature")
    APPLIED = "applied", _("Applied")
    VOID = "void", _("Void")


class Outcome(models.TextChoices):
    """How a need fared: the closed list of marketplace.matching.rules.rounds_reasons."""

    FIRST_CHOICE = "first_choice", _("First choice")
    LATER_CHOICE = "later_choice", _("A later choice")
    NO_PAIR = "no_pair", _("Nothing offered fits its limits")
    PLACES = "places", _("No place left")
    MONEY = "money", _("No money left")
    PLACES_AND_MONEY = "places_and_money", _("Neither place nor money left")
    FLOOR = "floor", _("A floor stood in the way")


class OfferStatus(models.TextChoices):
    """What became of an offer."""

    OPEN = "open", _("Waiting for your answer")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    LAPSED = "lapsed", _("Deadline passed")


class RoundQuerySet(models.QuerySet["ClearingRound"]):
    """Lookups of rounds."""

    def visible_to(self, actor: "Actor") -> Self:
        """A round belongs to the bureau that prepared it."""
        return self.filter(bureau=actor.organization)

    def published(self) -> Self:
        """Those whose protocol everybody may read."""
        return self.filter(status=RoundStatus.APPLIED)


class ClearingRound(models.Model):
    """One round of a bureau. Floors are least figures: sections, and percent of the needs served.

    `budgets` maps a scheme's code to the fen that the round may promise of it. `input_sha256` covers all that the
    plan depends on, `plan_sha256` the input and the choice: that is what two people sign. `figures` are those of
    the protocol. `refusal` says why no plan was found.
    """

    code = models.CharField(max_length=16, unique=True)
    bureau = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=100)
    status = models.CharField(max_length=16, choices=RoundStatus, default=RoundStatus.DRAFT)
    section_floor = models.PositiveSmallIntegerField(_("sections to serve"))
    micro_percent = models.PositiveSmallIntegerField(_("share of micro firms"))
    manufacturing_percent = models.PositiveSmallIntegerField(_("share of manufacturing"))
    term_months = models.PositiveSmallIntegerField(_("months of subsidy"))
    offer_days = models.PositiveSmallIntegerField(_("days to answer"))
    seed = models.PositiveIntegerField(_("seed"))
    budgets = models.JSONField(default=dict, blank=True)
    job = models.OneToOneField(Job, on_delete=models.PROTECT, null=True, related_name="+")
    input_sha256 = models.CharField(max_length=64, blank=True, default="")
    plan_sha256 = models.CharField(max_length=64, blank=True, default="")
    figures = models.JSONField(default=dict, blank=True)
    refusal = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    collected_at = models.DateTimeField(null=True)
    solved_at = models.DateTimeField(null=True)
    applied_at = models.DateTimeField(null=True)
    voided_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=300, blank=True, default="")

    objects = RoundQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            choices_constraint("status", RoundStatus, "marketplace_round_status"),
            models.CheckConstraint(
                condition=Q(micro_percent__lte=100, manufacturing_percent__lte=100),
                name="marketplace_round_percent",
            ),
            positive("term_months", "marketplace_round_term"),
            positive("offer_days", "marketplace_round_offer_days"),
            paired("created", "marketplace_round_created"),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "void"])
                | (Q(collected_at__isnull=False) & ~Q(input_sha256="")),
                name="marketplace_round_collected",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "collected", "void"])
                | (Q(solved_at__isnull=False) & ~Q(plan_sha256="")),
                name="marketplace_round_solved",
            ),
            models.CheckConstraint(
                condition=Q(status="applied", applied_at__isnull=False)
                | (~Q(status="applied") & Q(applied_at__isnull=True)),
                name="marketplace_round_applied",
            ),
            models.CheckConstraint(
                condition=(Q(status="void", voided_at__isnull=False) & ~Q(void_reason=""))
                | (~Q(status="void") & Q(voided_at__isnull=True)),
                name="marketplace_round_voided",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["bureau", "-created_at"], name="marketplace_round_list"),
            models.Index(fields=["status", "-applied_at"], name="marketplace_round_published"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The bureau's page of it."""
        return reverse("marketplace:round_detail", args=[self.code])


class RoundInput(models.Model):
    """What a round was computed from, as canonical JSON, compressed. Append-only."""

    round = models.OneToOneField(ClearingRound, on_delete=models.PROTECT, related_name="input")
    content = models.BinaryField()

    class Meta:
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class RoundSignature(models.Model):
    """One of two signatures over the plan's hash, by two different humans. Append-only.

    `person_key` repeats the signer's at that moment: two accounts of one human are one human.
    """

    round = models.ForeignKey(ClearingRound, on_delete=models.PROTECT, related_name="signatures")
    position = models.PositiveSmallIntegerField()
    plan_sha256 = models.CharField(max_length=64)
    person_key = models.CharField(max_length=64, blank=True, default="")
    signed_at = models.DateTimeField()
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["round", "position"], name="marketplace_signature_position"
            ),
            models.UniqueConstraint(
                fields=["round", "signed_by"], name="marketplace_signature_person"
            ),
            models.UniqueConstraint(
                fields=["round", "person_key"],
                condition=~Q(person_key=""),
                name="marketplace_signature_human",
            ),
            models.CheckConstraint(
                condition=Q(position__in=[1, 2]), name="marketplace_signature_two"
            ),
            paired("signed", "marketplace_signature_signed"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class RoundOutcome(models.Model):
    """What the plan gives one need, and why not more. Subsidy in fen over the term. Append-only.

    `missed` lists the bundles it would have liked better: bundle, scheme, value, block, short, least.
    """

    round = models.ForeignKey(ClearingRound, on_delete=models.PROTECT, related_name="outcomes")
    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=20, choices=Outcome)
    bundle = models.ForeignKey(Bundle, on_delete=models.PROTECT, null=True, related_name="+")
    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, null=True, related_name="+")
    value = models.PositiveIntegerField(default=0)
    subsidy_fen = models.BigIntegerField(default=0)
    missed = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["round", "need"], name="marketplace_outcome_once"),
            choices_constraint("outcome", Outcome, "marketplace_outcome_outcome"),
            positive("subsidy_fen", "marketplace_outcome_subsidy", zero=True),
            models.CheckConstraint(
                condition=Q(outcome__in=["first_choice", "later_choice"], bundle__isnull=False)
                | (~Q(outcome__in=["first_choice", "later_choice"]) & Q(bundle__isnull=True)),
                name="marketplace_outcome_served",
            ),
            models.CheckConstraint(
                condition=Q(subsidy_fen=0) | Q(scheme__isnull=False),
                name="marketplace_outcome_scheme",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class OfferQuerySet(models.QuerySet["RoundOffer"]):
    """Lookups of offers."""

    def visible_to(self, actor: "Actor") -> Self:
        """The firm whose need it answers."""
        return self.filter(outcome__need__enterprise=actor.organization)

    def with_names(self) -> Self:
        """Together with what pages show."""
        return self.select_related(
            "outcome__need__scenario",
            "outcome__need__enterprise",
            "outcome__bundle__publisher__organization",
            "outcome__scheme",
            "outcome__round__bureau",
            "order",
        )

    def due_to_lapse(self, at: "datetime") -> Self:
        """Unanswered ones past their deadline."""
        return self.filter(status=OfferStatus.OPEN, expires_at__lte=at)


class RoundOffer(models.Model):
    """A served outcome offered to its firm until a deadline; accepting it places the order.

    It holds no capacity: when the firm accepts, every limit is judged again.
    """

    code = models.CharField(max_length=16, unique=True)
    outcome = models.OneToOneField(RoundOutcome, on_delete=models.PROTECT, related_name="offer")
    status = models.CharField(max_length=12, choices=OfferStatus, default=OfferStatus.OPEN)
    offered_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    order = models.OneToOneField(Order, on_delete=models.PROTECT, null=True, related_name="+")

    objects = OfferQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            choices_constraint("status", OfferStatus, "marketplace_offer_status"),
            paired("answered", "marketplace_offer_answered"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("offered_at")), name="marketplace_offer_window"
            ),
            models.CheckConstraint(
                condition=Q(status="accepted", order__isnull=False)
                | (~Q(status="accepted") & Q(order__isnull=True)),
                name="marketplace_offer_order",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["accepted", "declined"], answered_at__isnull=False)
                | (~Q(status__in=["accepted", "declined"]) & Q(answered_at__isnull=True)),
                name="marketplace_offer_answer",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["expires_at"], condition=Q(status="open"), name="marketplace_offer_open"
            ),
        ]

    def __str__(self) -> str:
        return self.code
