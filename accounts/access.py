"""Who may do what: the actor of a request, `can`, and the policy every route declares."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, Literal, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from accounts import returning
from accounts.models import ApiKey, Organization, OrganizationKind, User
from accounts.permissions import Permission
from common.errors import Forbidden

P = ParamSpec("P")

PUBLIC: Literal["public"] = "public"
SIGNED_IN: Literal["signed_in"] = "signed_in"
Policy = Permission | Literal["public", "signed_in"]


@dataclass(frozen=True, slots=True)
class Actor:
    """A person acting for one organization, or a key of that organization.

    For a key `user` is the person who made the key, and `permissions` are at most the key's scopes.
    `roles` are for display: what may be done hangs on `permissions` alone.
    """

    user: User
    organization: Organization | None
    permissions: frozenset[str]
    key: ApiKey | None = None
    roles: tuple[str, ...] = ()

    def require(self, permission: Permission) -> None:
        """Raise Forbidden unless the actor holds the permission. Every action starts with it."""
        if not can(self, permission):
            raise Forbidden(
                _(
                    "You may not do this: %(permission)s. "
                    "Ask the administrator of your organization."
                )
                % {"permission": permission.label}
            )

    def own(self) -> Organization:
        """The organization acted for; Forbidden when there is none."""
        if self.organization is None:
            raise Forbidden(
                _("You do not belong to an organization yet. Register one or ask to be added.")
            )
        return self.organization

    def is_kind(self, kind: OrganizationKind) -> bool:
        """Tell whether the actor acts for an organization of that kind."""
        return self.organization is not None and self.organization.kind == kind


class ActorRequest(HttpRequest):
    """A request behind ActorMiddleware and allauth; `actor` is None when nobody is signed in."""

    actor: Actor | None
    htmx: Any


class SignedInRequest(ActorRequest):
    """What a view behind `require` or `signed_in` receives."""

    actor: Actor


def can(actor: Actor | None, permission: Permission) -> bool:
    """Tell whether the actor holds the permission."""
    return actor is not None and permission.value in actor.permissions


def require(
    permission: Permission,
) -> Callable[
    [Callable[Concatenate[SignedInRequest, P], HttpResponseBase]],
    Callable[Concatenate[HttpRequest, P], HttpResponseBase],
]:
    """Declare a page's policy: signed in and holding the permission; else sign-in page or 403."""
    return _guard(permission)


def signed_in(
    view: Callable[Concatenate[SignedInRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Declare a page's policy: any signed-in person."""
    return _guard(SIGNED_IN)(view)


def public(
    view: Callable[Concatenate[ActorRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Declare a page's policy: everybody."""
    view.policy = PUBLIC  # type: ignore[attr-defined]
    return view  # type: ignore[return-value]


def _guard(policy: Policy) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., Any]]:
    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            actor: Actor | None = getattr(request, "actor", None)
            if actor is None:
                return _to_sign_in(request)
            if policy != SIGNED_IN and not can(actor, Permission(policy)):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.policy = policy  # type: ignore[attr-defined]
        return guarded

    return decorate


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page, which leads back here with what was sent; a part of a page only learns that it must."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401)
    returning.keep(request)
    return redirect_to_login(request.get_full_path())
