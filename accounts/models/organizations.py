"""Organizations, and who works for them in which role."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User
from accounts.rules import sizes
from common.codes import new_code
from common.constraints import choices_constraint, paired, positive

if TYPE_CHECKING:
    from accounts.access import Actor


def new_membership_code() -> str:
    """Public id of a membership."""
    return new_code("MB")


class OrganizationKind(models.TextChoices):
    """What an organization is on the platform; one company may be registered once per kind."""

    ENTERPRISE = "enterprise", _("Enterprise")
    PROVIDER = "provider", _("Provider")
    BUREAU = "bureau", _("Bureau")


class Size(models.TextChoices):
    """Level of the national SME standard; uncovered industries go to a person."""

    LARGE = "large", _("Large")
    MEDIUM = "medium", _("Medium")
    SMALL = "small", _("Small")
    MICRO = "micro", _("Micro")
    NOT_COVERED = "not_covered", _("Not covered by the standard")


class OrganizationQuerySet(models.QuerySet["Organization"]):
    """Lookups of organizations."""

    def visible_to(self, actor: "Actor | None") -> Self:
        """Only the organization acted for."""
        if actor is None or actor.organization is None:
            return self.none()
        return self.filter(pk=actor.organization.pk)

    def joined_by(self, user: User) -> Self:
        """Those in which the person holds a role today."""
        held = Membership.objects.filter(user=user, ended_at__isnull=True)
        return self.filter(pk__in=held.values("organization_id"))


class Organization(models.Model):
    """A legal person. Money in fen; region by GB/T 2260; industry by GB/T 4754-2017."""

    code = models.CharField(max_length=16, unique=True)
    kind = models.CharField(max_length=16, choices=OrganizationKind)
    name = models.CharField(_("name"), max_length=100)
    uscc = models.CharField(_("unified social credit code"), max_length=18)
    region = models.CharField(_("region"), max_length=6)
    industry = models.CharField(_("industry"), max_length=4, blank=True, default="")
    section = models.CharField(_("industry section"), max_length=1, blank=True, default="")
    employees = models.PositiveIntegerField(_("employees"), null=True)
    revenue_fen = models.BigIntegerField(_("annual revenue"), null=True)
    assets_fen = models.BigIntegerField(_("total assets"), null=True)
    size = models.CharField(_("size"), max_length=16, choices=Size, blank=True, default="")
    size_standard = models.CharField(max_length=32, blank=True, default="")
    legal_person = models.CharField(
        _("legal representative"), max_length=50, blank=True, default=""
    )
    created_at = models.DateTimeField()

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "uscc"], name="accounts_organization_once"),
            choices_constraint("kind", OrganizationKind, "accounts_organization_kind"),
            models.CheckConstraint(
                condition=Q(size="") | Q(size__in=Size.values), name="accounts_organization_size"
            ),
            models.CheckConstraint(
                condition=Q(region__regex=r"^[0-9]{6}$"), name="accounts_organization_region"
            ),
            models.CheckConstraint(
                condition=~Q(kind="enterprise")
                | (~Q(industry="") & ~Q(size="") & ~Q(size_standard="")),
                name="accounts_organization_sized",
            ),
            positive("revenue_fen", "accounts_organization_revenue", zero=True),
            positive("assets_fen", "accounts_organization_assets", zero=True),
        ]

    def __str__(self) -> str:
        return self.name

    def sizing(self) -> sizes.Sizing | None:
        """The stored size with the bounds that decided, by its own standard; None without one."""
        if not self.size:
            return None
        return sizes.classify(
            industry=self.industry,
            employees=self.employees,
            revenue_fen=self.revenue_fen,
            assets_fen=self.assets_fen,
            standard_id=self.size_standard,
        )


class Role(models.TextChoices):
    """What a member does in the organization; accounts.permissions says what a role may."""

    PREPARER = "preparer", _("Preparer")
    SIGNATORY = "signatory", _("Authorized signatory")
    OPERATOR = "operator", _("Operations engineer")
    PROVIDER_FINANCE = "provider_finance", _("Provider finance")
    SCHEME_OFFICER = "scheme_officer", _("Scheme officer")
    REVIEWER = "reviewer", _("Reviewer")
    AUDITOR = "auditor", _("Auditor")
    SETTLEMENT_OFFICER = "settlement_officer", _("Settlement officer")
    VIEWER = "viewer", _("Viewer")


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Lookups of memberships."""

    def visible_to(self, actor: "Actor | None") -> Self:
        """Those of the organization acted for."""
        if actor is None or actor.organization is None:
            return self.none()
        return self.filter(organization=actor.organization)

    def current(self) -> Self:
        """Not ended."""
        return self.filter(ended_at__isnull=True)


class Membership(models.Model):
    """One person's role in one organization. A person may hold several roles, one row each."""

    code = models.CharField(max_length=16, unique=True, default=new_membership_code)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.CharField(max_length=24, choices=Role)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "organization", "role"],
                condition=Q(ended_at__isnull=True),
                name="accounts_membership_once",
            ),
            models.UniqueConstraint(
                fields=["user", "organization"],
                condition=Q(ended_at__isnull=True, role__in=["preparer", "signatory"]),
                name="accounts_membership_prepares_or_signs",
            ),
            choices_constraint("role", Role, "accounts_membership_role"),
            paired("ended", "accounts_membership_ended"),
        ]
