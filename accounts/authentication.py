"""The API's edge: keys and sessions become actors, and every view's policy is enforced."""

import hashlib
import hmac
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import authentication, exceptions, permissions
from rest_framework.request import Request

from accounts.access import PUBLIC, SIGNED_IN, Actor, can
from accounts.actions import actors
from accounts.models import ApiKey, User
from accounts.permissions import Permission

if TYPE_CHECKING:  # rest_framework.views itself loads this module, named in the settings
    from rest_framework.views import APIView


class ApiKeyAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer pk_<prefix>_<secret>`; the database holds only the key's SHA-256."""

    def authenticate(self, request: Request) -> tuple[User, Actor] | None:
        """Return the key's maker and the key's actor; None when no bearer key is given."""
        kind, _space, token = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            return None
        token = token.strip()
        prefix = token.partition("_")[2].partition("_")[0]
        actor = actors.by_key(prefix=prefix, at=timezone.now())
        if actor is None or actor.key is None or not _holds(token, actor.key):
            raise exceptions.AuthenticationFailed(
                _(
                    "This key is unknown, revoked or expired. "
                    "Make a new one on the page of API keys."
                )
            )
        return actor.user, actor

    def authenticate_header(self, request: Request) -> str:
        """Make missing credentials a 401."""
        return "Bearer"


def _holds(token: str, key: ApiKey) -> bool:
    digest = hashlib.sha256(token.encode()).digest()
    return hmac.compare_digest(digest, bytes(key.secret_sha256))


class ActorSessionAuthentication(authentication.SessionAuthentication):
    """The signed-in person's session (CSRF enforced), with the actor made by ActorMiddleware."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """Return the user and the actor of the session."""
        found = super().authenticate(request)
        if found is None:
            return None
        return found[0], getattr(request, "actor", None)


class PolicyPermission(permissions.BasePermission):
    """Default deny: a view has `policy` (Permission, PUBLIC, SIGNED_IN) or `policies` by method."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Check the declared policy against the actor."""
        policy = policy_of(view, request.method or "GET")
        if policy == PUBLIC:
            return True
        if policy is None or not isinstance(request.auth, Actor):
            return False
        return policy == SIGNED_IN or can(request.auth, Permission(policy))


def policy_of(view: Any, method: str) -> Any:
    """The policy a view (class or instance) declares for a method; None when it declares none."""
    by_method: dict[str, Any] = getattr(view, "policies", {})
    return by_method.get(method, getattr(view, "policy", None))


def actor_of(request: Request) -> Actor:
    """The actor of an API request behind a non-public policy."""
    if not isinstance(request.auth, Actor):
        raise exceptions.NotAuthenticated
    return request.auth
