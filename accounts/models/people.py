"""People's accounts."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from common.codes import new_code
from common.constraints import choices_constraint


def new_user_code() -> str:
    """Public id of a person."""
    return new_code("US")


class Language(models.TextChoices):
    """In which language a person is written to; the pages follow the browser."""

    CHINESE = "zh-hans", "中文"
    ENGLISH = "en", "English"


class UserManager(BaseUserManager["User"]):
    """Creates users who sign in by mail address."""

    def create_user(self, email: str, password: str | None = None, *, name: str = "") -> "User":
        """Save a user; the address is the sign-in name."""
        user = self.model(email=self.normalize_email(email).lower(), name=name)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person's account. `person_key` (accounts.rules.identity) is equal for all of one human."""

    code = models.CharField(max_length=16, unique=True, default=new_user_code)
    email = models.EmailField(_("email address"), unique=True)
    name = models.CharField(_("name"), max_length=50)
    person_key = models.CharField(max_length=64, blank=True, default="")
    language = models.CharField(
        _("language of messages"), max_length=8, choices=Language, default=Language.CHINESE
    )
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(email=Lower("email")), name="accounts_user_email_lower"
            ),
            choices_constraint("language", Language, "accounts_user_language"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def is_same_person(self, other: "User") -> bool:
        """Tell whether two accounts belong to one human."""
        return self.pk == other.pk or bool(self.person_key and self.person_key == other.person_key)
