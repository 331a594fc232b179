"""What the API's description says about every operation: who may call it, and how it refuses."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from accounts.access import PUBLIC
from accounts.authentication import policy_of
from common.problems import CONTENT_TYPE

PROBLEM_COMPONENT: dict[str, Any] = {
    "type": "object",
    "description": "A refusal (RFC 9457). `code` is stable; `detail` is for people.",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "errors": {
            "type": "object",
            "description": "Messages by JSON pointer into the request.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
}
IDEMPOTENCY_KEY = OpenApiParameter(
    name="Idempotency-Key",
    location=OpenApiParameter.HEADER,
    required=True,
    type=str,
    description="Any text unique to this operation: however often it is sent, it is done once.",
)


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Keys in the Authorization header."""

    target_class = "accounts.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """`Authorization: Bearer pk_…`."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "pk_<prefix>_<secret>"}


class SignatureScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Signatures in the Authorization header, for keys that must sign."""

    target_class = "accounts.signatures.SignatureAuthentication"
    name = "signedKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """`Authorization: puhui-hmac-sha256 key=…, timestamp=…, signature=…`."""
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "puhui-hmac-sha256 key=…, timestamp=…, signature=… (docs/signing.md)",
        }


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The signed-in person's session."""

    target_class = "accounts.authentication.ActorSessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """The session cookie; writing also needs X-CSRFToken."""
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


class PolicySchema(AutoSchema):
    """Adds the declared policy, the required Idempotency-Key and the shape of refusals."""

    def get_auth(self) -> list[dict[str, Any]]:
        """Nothing for public operations."""
        if policy_of(self.view, self.method) == PUBLIC:
            return []
        return super().get_auth()

    def get_override_parameters(self) -> list[Any]:
        """The header that money-moving operations need."""
        handler = getattr(self.view, self.method.lower(), None)
        required = getattr(handler, "is_idempotent", False)
        return [*super().get_override_parameters(), *([IDEMPOTENCY_KEY] if required else [])]

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        """The operation with its policy and its refusals."""
        operation = super().get_operation(*args, **kwargs)
        if operation:
            operation["x-policy"] = str(policy_of(self.view, self.method) or "none")
            operation["responses"]["default"] = {
                "description": "Refused",
                "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
        return operation


def add_problem(result: dict[str, Any], **_rest: Any) -> dict[str, Any]:
    """Postprocessing hook: the component that every refusal names."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM_COMPONENT
    return result
