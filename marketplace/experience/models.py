"""What firms say of a bundle after long use, and what its publisher answers. Facts, never changed."""

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, Self

import pgtrigger
from django.db import models
from django.db.models import ExpressionWrapper, F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.constraints import paired, positive
from marketplace.experience.rules.spans import LEAST_DAYS
from marketplace.orders.models import Order

if TYPE_CHECKING:
    from accounts.access import Actor

APPEND_ONLY = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


class RatingQuerySet(models.QuerySet["Rating"]):
    """Lookups of ratings."""

    def visible_to(self, actor: "Actor") -> Self:
        """With order and words: the firm that rates, and the providers that deliver."""
        return self.filter(order__in=Order.objects.visible_to(actor))

    def standing(self) -> Self:
        """The latest version for each order."""
        last = (
            Rating.objects.filter(order=models.OuterRef("order"))
            .order_by("-number")
            .values("number")[:1]
        )
        return self.filter(number=models.Subquery(last))


class Rating(models.Model):
    """One version of an order's rating: 1 to 5 stars, whether the promised outcome was reached, words.

    `first_used_on` and `last_used_on`: civil days of the metered use it rests on.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="ratings")
    number = models.PositiveSmallIntegerField()
    stars = models.PositiveSmallIntegerField(_("stars"))
    is_outcome_reached = models.BooleanField(_("outcome reached"))
    words = models.CharField(_("in your words"), max_length=1000, blank=True, default="")
    first_used_on = models.DateField()
    last_used_on = models.DateField()
    stated_at = models.DateTimeField()
    stated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = RatingQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "number"], name="marketplace_rating_version"),
            positive("number", "marketplace_rating_number"),
            models.CheckConstraint(
                condition=Q(stars__gte=1, stars__lte=5), name="marketplace_rating_stars"
            ),
            models.CheckConstraint(
                condition=Q(
                    last_used_on__gte=ExpressionWrapper(
                        F("first_used_on") + timedelta(days=LEAST_DAYS),
                        output_field=models.DateTimeField(),
                    )
                ),
                name="marketplace_rating_long_use",
            ),
            paired("stated", "marketplace_rating_stated"),
        ]
        triggers: ClassVar = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.order}: {self.stars}"


class RatingAnswer(models.Model):
    """What the bundle's publisher answered, once for each order; `rating` is the version answered."""

    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="rating_answer")
    rating = models.ForeignKey(Rating, on_delete=models.PROTECT, related_name="+")
    words = models.CharField(_("answer"), max_length=1000)
    answered_at = models.DateTimeField()
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(words=""), name="marketplace_answer_words"),
            paired("answered", "marketplace_answer_answered"),
        ]
        triggers: ClassVar = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.order}: {self.words[:40]}"
