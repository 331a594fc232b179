"""API keys: what machines show instead of a password."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.organizations import Organization
from accounts.models.people import User
from common.constraints import paired
from common.periods import local_day

if TYPE_CHECKING:
    from accounts.access import Actor


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Lookups of keys."""

    def visible_to(self, actor: "Actor | None") -> "ApiKeyQuerySet":
        """Those of the organization acted for."""
        if actor is None or actor.organization is None:
            return self.none()
        return self.filter(organization=actor.organization)

    def usable_at(self, at: datetime) -> "ApiKeyQuerySet":
        """Keys neither revoked nor expired."""
        return self.filter(revoked_at__isnull=True, expires_at__gt=at)


class ApiKey(models.Model):
    """A machine's credential: shown once, stored as a hash, scoped, expiring.

    One that `is_signed` never shows its secret: each request is signed with it, and the hash kept is
    that of a text which nobody has (decision 0015). `scopes` are values of
    accounts.permissions.Permission; a key never exceeds them.
    """

    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="api_keys"
    )
    name = models.CharField(_("name"), max_length=50)
    prefix = models.CharField(max_length=16, unique=True)
    secret_sha256 = models.BinaryField(max_length=32)
    is_signed = models.BooleanField(_("signs its requests"), default=False)
    scopes = ArrayField(models.CharField(max_length=50))
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "name"],
                condition=Q(revoked_at__isnull=True),
                name="accounts_apikey_name",
            ),
            paired("created", "accounts_apikey_created"),
            paired("revoked", "accounts_apikey_revoked"),
        ]

    @property
    def code(self) -> str:
        """Public id: the part of the key that everybody may see."""
        return self.prefix

    @property
    def shown(self) -> str:
        """How lists name it: the beginning of what its owner keeps."""
        return f"{'sk' if self.is_signed else 'pk'}_{self.prefix}_…"

    @property
    def last_day(self) -> date:
        """The last civil day on which the key works, when it ends with a day."""
        return local_day(self.expires_at - timedelta(microseconds=1))
